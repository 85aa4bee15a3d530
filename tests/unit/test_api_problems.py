"""Whatever is wrong with a request, the answer is a problem that repeats nothing of it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hub.errors import Conflict, Reject, Retry
from hub.memory import MemoryStore, memory_hub
from hub.ports import Page
from tests.unit.api_client import ADMIN, PROBLEM, Answer, Client, event, jwt_of

CANARY = "c4nary-Va1ue-9f31"


class BrokenStore(MemoryStore):
    """A store whose queries raise."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def query(self, *_: Any, **__: Any) -> Page:
        raise self._error


def create(body: str | None, content_type: str | None = None, base64_encoded: bool = False) -> Answer:
    request = event("POST", "/v1/connections", body=body, jwt=jwt_of(ADMIN))
    request["isBase64Encoded"] = base64_encoded
    if content_type is not None:
        request["headers"]["content-type"] = content_type
    return Client().send(request)


@pytest.mark.parametrize(
    "body",
    ["{", "nope", '{"name": NaN}', '{"a": 1, "a": 2}', "[" * 5000, '{"name":' * 5000, "\ud800", '"\x00"', "1" * 5000],
)
def test_a_body_that_is_no_json_is_400(body: str) -> None:
    answer = create(body)
    assert (answer.status, answer.headers["content-type"]) == (400, PROBLEM)


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "{}", '{"platform": 1, "name": "x"}', None, ""])
def test_a_body_of_another_shape_is_422_and_lists_the_fields(body: str | None) -> None:
    answer = create(body)
    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM)
    assert all(error["field"].startswith("body") and error["message"] for error in answer.json["errors"])


def test_every_wrong_field_is_named() -> None:
    errors = create('{"platform": "hubspot", "name": "", "settings": 3, "colour": 1}').json["errors"]
    assert [error["field"] for error in errors] == ["body.name", "body.settings", "body.colour"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
)
def test_another_content_type_is_415(content_type: str) -> None:
    answer = create("{}", content_type)
    assert (answer.status, answer.headers["content-type"]) == (415, PROBLEM)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON", ""]
)
def test_json_is_recognised_as_people_write_it(content_type: str) -> None:
    assert create("{}", content_type).status == 422


def test_a_body_in_base64_is_read() -> None:
    draft = {"platform": "nowhere", "name": "x"}
    answer = create(base64.b64encode(json.dumps(draft).encode()).decode(), base64_encoded=True)
    assert answer.json["errors"][0]["field"] == "platform"


@pytest.mark.parametrize("body", ["%%%", "YQ", base64.b64encode(b"\xff\xfe").decode()])
def test_a_body_that_is_no_base64_or_no_text_is_400(body: str) -> None:
    assert create(body, base64_encoded=True).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"platform": CANARY, "name": "x"},
        {"platform": "hubspot", "name": {"x": CANARY}},
        {"platform": "hubspot", "name": "x", "secrets": {CANARY: "y"}},
        {"platform": "hubspot", "name": "x", "secrets": {"signing": [CANARY]}},
        {"platform": "hubspot", "name": "x", "secrets": {"signing": " " + CANARY}},
        {"platform": "hubspot", "name": "x", "secrets": CANARY},
        {"platform": "hubspot", "name": "x", "settings": {CANARY: {"a": 1}}},
        {"platform": "hubspot", "name": "x", "settings": {"portal_id": [[CANARY]]}},
        {CANARY: CANARY},
        [CANARY],
        CANARY,
    ],
)
def test_no_problem_repeats_what_was_sent(body: Any) -> None:
    answer = create(json.dumps(body))
    assert answer.status == 422
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (Retry("throttled", after_s=7), 503, "7"),
        (Retry("throttled"), 503, None),
        (Reject("no permission"), 502, None),
        (Conflict("lost"), 409, None),
        (RuntimeError(CANARY), 500, None),
    ],
)
def test_a_failure_behind_the_api_is_a_problem_that_says_what_to_do_next(
    error: Exception, status: int, retry_after: str | None
) -> None:
    client = Client(memory_hub(connection_items=BrokenStore(error)))
    answer = client.get("/v1/refusals")
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.headers.get("retry-after") == retry_after
    assert CANARY not in answer.text


def test_a_defect_of_ours_is_counted_with_its_class_and_place() -> None:
    client = Client(memory_hub(connection_items=BrokenStore(RuntimeError(CANARY))))
    client.get("/v1/refusals")
    (dimensions,) = [dict(values) for name, values in client.telemetry.dimensions if name == "api.broken"]
    assert dimensions["error"] == "RuntimeError"
    assert dimensions["at"].startswith("test_api_problems.py:")


def test_one_request_leaves_nothing_behind_for_the_next() -> None:
    first, second = Client(), Client()
    assert create("{").status == 400
    first.connection_items.count("REFUSED", "2026-01-01T00:00#unknown#malformed", 1, {})
    assert len(first.get("/v1/refusals").json["refusals"]) == 1
    assert second.get("/v1/refusals").json["refusals"] == []
