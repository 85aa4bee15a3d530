"""The OpenAPI document is made from the code, checked in, and served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from api import openapi
from api.access import SCOPES
from api.examples import EXAMPLES, Example
from api.openapi_headers import CONDITIONAL, TAGGED
from tests.unit.api_client import AGENT, Client


def operations(spec: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path.replace("{", "<").replace("}", ">"), operation)
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_checked_in_is_current() -> None:
    assert openapi.FILE.read_text("utf-8") == openapi.document(), "run: python -m api.openapi --write"


def test_the_document_served_is_the_one_checked_in() -> None:
    answer = Client(scopes=(AGENT,)).get("/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.text == openapi.FILE.read_text("utf-8")


def test_every_operation_says_what_it_does_and_which_scope_it_needs() -> None:
    for method, path, operation in operations(openapi.specification()):
        assert operation["summary"] and operation["tags"], path
        assert operation["security"] == [{"token": [SCOPES[method, path]]}]
        assert {"401", "403"} <= operation["responses"].keys()


def test_every_operation_says_that_the_hub_may_fail_or_be_busy_and_in_which_shape() -> None:
    for _method, path, operation in operations(openapi.specification()):
        for status in ("500", "503"):
            (kind, said), *more = operation["responses"][status]["content"].items()
            assert (kind, more) == ("application/problem+json", []), path
            assert said["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_leads_somewhere_and_every_shape_is_used() -> None:
    spec = openapi.specification()
    references = {part.split('"')[0] for part in json.dumps(spec).split('"#/components/schemas/')[1:]}
    assert references == spec["components"]["schemas"].keys()


def test_no_answer_has_a_field_for_a_whole_secret() -> None:
    schemas = openapi.specification()["components"]["schemas"]
    assert schemas["SigningSecret"]["properties"].keys() == {"last_four", "id", "not_after"}
    assert schemas["SecretEnd"]["properties"].keys() == {"last_four"}


@pytest.mark.parametrize(("route", "example"), EXAMPLES.items())
def test_every_example_is_what_its_schema_says(route: tuple[str, str], example: Example) -> None:
    spec = openapi.specification()
    operation = spec["paths"][route[1].replace("<", "{").replace(">", "}")][route[0].lower()]
    [answer] = operation["responses"]["200"]["content"].values()
    assert answer["example"] == example.answered
    check(spec, answer["schema"], answer["example"])
    assert ("requestBody" in operation) == (example.sent is not None)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        check(spec, content["schema"], content["example"])
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" or parameter["name"] in example.asked:
            check(spec, parameter["schema"], parameter["example"])
    assert example.asked.keys() <= {one["name"] for one in operation.get("parameters", ())}


def check(spec: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    closed = {**schema, "components": {"schemas": {name: closing(one) for name, one in schemas(spec).items()}}}
    Draft202012Validator(closed, format_checker=FormatChecker()).validate(json.loads(json.dumps(value)))


def schemas(spec: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = spec["components"]["schemas"]
    return found


def closing(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, which no word that it does not know satisfies."""
    return {"additionalProperties": False, **schema} if schema.get("type") == "object" else schema


def test_every_operation_about_customers_conversations_jobs_and_field_maps_has_an_example() -> None:
    concerned: tuple[str, ...] = ("/v1/customers", "/v1/identifiers", "/v1/conflicts", "/v1/conversations", "/v1/inbox")
    concerned += ("/v1/jobs", "/v1/csv-imports", "/v1/connections/<connection_id>/field-maps", "/v1/field-")
    assert {route for route in SCOPES if route[1].startswith(concerned)} == EXAMPLES.keys()


def test_an_example_that_its_schema_does_not_allow_is_found() -> None:
    spec = openapi.specification()
    merge = spec["paths"]["/v1/customers/{customer_id}/merge"]["post"]["requestBody"]["content"]["application/json"]
    for wrong in ({}, {"with": "someone", "why": "w"}, {**merge["example"], "force": True}):
        with pytest.raises(ValidationError):
            check(spec, merge["schema"], wrong)


def test_every_write_but_those_about_connections_takes_an_idempotency_key() -> None:
    for method, path, operation in operations(openapi.specification()):
        names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"]
        wanted = method != "GET" and not path.startswith("/v1/connections")
        assert ("Idempotency-Key" in names) == wanted, path
        assert not wanted or "409" in operation["responses"]


def test_operations_with_etags_say_so_on_both_ways() -> None:
    for method, path, operation in operations(openapi.specification()):
        names = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}
        responses = operation["responses"]
        assert ("If-None-Match" in names) == ("304" in responses) == (method == "GET" and path in TAGGED)
        assert ("If-Match" in names) == ("412" in responses) == (method != "GET" and path in CONDITIONAL)
        if names & {"If-Match", "If-None-Match"}:
            assert "ETag" in responses["200"]["headers"], path


def test_check_prints_what_differs_and_write_mends_it(tmp_path: Path, capsys: Any) -> None:
    page = tmp_path / "openapi.json"
    page.write_text(openapi.document().replace('"title": "renkei"', '"title": "other"'))
    assert openapi.main(["--check"], page) == 1
    assert '-    "title": "other"' in capsys.readouterr().out
    assert openapi.main(["--write"], page) == 0
    assert openapi.main(["--check"], page) == 0
    assert capsys.readouterr().out == ""
