"""The stand-ins for Zendesk, Intercom and Freshsales refuse what the platforms' documents refuse, and announce changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from hub.memory import FakeClock
from infra.local.standins.freshsales import Freshsales
from infra.local.standins.intercom import Intercom
from infra.local.standins.zendesk import Zendesk
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
BASIC = base64.b64encode(f"agent@example.com/token:{TOKEN}".encode()).decode()
HEADERS = {
    "zendesk": {"authorization": f"Basic {BASIC}"},
    "intercom": {"authorization": f"Bearer {TOKEN}", "intercom-version": "2.16"},
    "freshsales": {"authorization": f"Token token={TOKEN}"},
}
FRESH = "/crm/sales/api"


class Three:
    """The three accounts, asked without a client."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.zendesk = Zendesk(TOKEN, now=self.clock.now)
        self.intercom = Intercom(TOKEN, now=self.clock.now)
        self.freshsales = Freshsales(TOKEN, now=self.clock.now)
        self.platforms = Platforms(
            {
                "zendesk": self.zendesk.standin(),
                "intercom": self.intercom.standin(),
                "freshsales": self.freshsales.standin(),
            }
        )

    def ask(self, host: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {**HEADERS[host], "content-type": "application/json", **headers}
        content = None if body is None else json.dumps(body).encode()
        answer = self.platforms.exchange(method, f"https://{host}{path}", sent, content, 0.0)
        return answer.status, answer.json()


@pytest.mark.parametrize(
    ("host", "method", "path", "body", "status"),
    [
        ("zendesk", "POST", "/api/v2/users/create_or_update", {"user": {"name": "A", "nickname": "B"}}, 400),
        ("zendesk", "POST", "/api/v2/users/create_or_update", {"name": "A"}, 400),
        ("zendesk", "POST", "/api/v2/users/create_or_update", {"user": {"email": "a@example.com"}}, 422),
        ("zendesk", "POST", "/api/v2/users/create_or_update", {"user": {"name": "A", "email": "no address"}}, 422),
        ("zendesk", "POST", "/api/v2/users/create_or_update", {"user": {"name": "A", "organization_id": "5"}}, 400),
        ("zendesk", "GET", "/api/v2/users/show_many?ids=" + ",".join(map(str, range(101))), None, 400),
        ("zendesk", "GET", "/api/v2/incremental/users/cursor?start_time=1789999950", None, 422),
        ("zendesk", "GET", "/api/v2/incremental/users/cursor?cursor=x", None, 400),
        ("zendesk", "GET", "/api/v2/incremental/users/cursor?start_time=1&per_page=1001", None, 400),
        ("zendesk", "POST", "/api/v2/tickets", {"ticket": {"subject": "No comment"}}, 422),
        ("zendesk", "POST", "/api/v2/imports/tickets", {"ticket": {"subject": "X", "comments": [{"value": "X"}]}}, 422),
        ("zendesk", "GET", "/api/v2/tickets/404", None, 404),
        ("intercom", "POST", "/contacts", {"name": "Nobody"}, 400),
        ("intercom", "POST", "/contacts", {"email": "a@example.com", "owner_id": 814860}, 400),
        ("intercom", "POST", "/contacts", {"email": "a@example.com", "custom_attributes": {"tea": "green"}}, 400),
        ("intercom", "POST", "/contacts/search", {"query": {"field": "updated_at", "operator": ">=", "value": 1}}, 400),
        ("intercom", "POST", "/contacts/search", {"query": {"field": "shoe_size", "operator": "=", "value": 1}}, 400),
        ("intercom", "POST", "/contacts/search", {}, 400),
        ("intercom", "GET", "/contacts?per_page=151", None, 400),
        ("intercom", "POST", "/tickets", {"ticket_type_id": "53", "contacts": []}, 400),
        ("intercom", "GET", "/contacts/find_by_external_id/none", None, 404),
        ("freshsales", "POST", f"{FRESH}/contacts/upsert", {"contact": {"last_name": "A"}}, 400),
        ("freshsales", "POST", f"{FRESH}/tasks", {"task": {"title": "No time"}}, 400),
        ("freshsales", "GET", f"{FRESH}/contacts/view/1", None, 404),
        ("freshsales", "GET", f"{FRESH}/lookup?q=a&f=shoe_size", None, 400),
        ("freshsales", "GET", f"{FRESH}/contacts/404", None, 404),
    ],
)  # fmt: skip
def test_what_the_documents_refuse_is_refused(host: str, method: str, path: str, body: Any, status: int) -> None:
    assert Three().ask(host, method, path, body)[0] == status


@pytest.mark.parametrize(
    ("host", "path", "headers"),
    [
        ("zendesk", "/api/v2/users", {"authorization": "Basic b2xk"}),
        ("intercom", "/admins", {"authorization": "Bearer old"}),
        ("freshsales", f"{FRESH}/selector/owners", {"authorization": "Token token=old"}),
    ],
)
def test_nobody_is_let_in_with_another_secret(host: str, path: str, headers: Mapping[str, str]) -> None:
    three = Three()
    assert three.ask(host, "GET", path)[0] == 200
    assert three.ask(host, "GET", path, None, **headers)[0] == 401


def test_another_version_of_intercom_is_another_contract() -> None:
    assert Three().ask("intercom", "GET", "/admins", None, **{"intercom-version": "2.9"})[0] == 400


def test_an_address_in_a_zendesk_update_is_only_a_further_one() -> None:
    three = Three()
    found = three.zendesk.enter("user", {"name": "Aya", "email": "aya@example.com"})
    three.ask("zendesk", "PUT", f"/api/v2/users/{found}", {"user": {"email": "Takagi@example.com"}})
    held = three.zendesk.held("user", found)
    assert held is not None and held["email"] == "aya@example.com"
    _, body = three.ask("zendesk", "GET", f"/api/v2/users/{found}/identities")
    assert [(one["value"], one["primary"]) for one in body["identities"]] == [
        ("aya@example.com", True),
        ("takagi@example.com", False),
    ]


def test_a_zendesk_ticket_that_changed_meanwhile_is_not_overwritten_and_a_closed_one_never() -> None:
    three = Three()
    found = three.zendesk.enter("ticket", {"subject": "Leak"})
    path, stamp = f"/api/v2/tickets/{found}", three.zendesk.rows.by_kind["ticket"][int(found)]["updated_at"]
    lock = {"safe_update": True, "updated_stamp": stamp}
    assert three.ask("zendesk", "PUT", path, {"ticket": {"status": "closed", **lock}})[0] == 200
    assert three.ask("zendesk", "PUT", path, {"ticket": {"status": "open", **lock}})[0] == 409
    assert three.ask("zendesk", "PUT", path, {"ticket": {"status": "open"}})[0] == 422


def test_an_idempotency_key_is_for_one_body_and_two_hours() -> None:
    three = Three()
    body = {"ticket": {"subject": "A", "comment": {"body": "A"}}}
    ask = three.ask
    first = ask("zendesk", "POST", "/api/v2/tickets", body, **{"idempotency-key": "k"})
    assert ask("zendesk", "POST", "/api/v2/tickets", body, **{"idempotency-key": "k"}) == (200, first[1])
    other = {"ticket": {"subject": "B", "comment": {"body": "B"}}}
    assert ask("zendesk", "POST", "/api/v2/tickets", other, **{"idempotency-key": "k"})[0] == 400
    three.clock.sleep(7201)
    assert ask("zendesk", "POST", "/api/v2/tickets", other, **{"idempotency-key": "k"})[0] == 201


def test_searches_lag_where_they_are_asked_to() -> None:
    three = Three()
    three.zendesk.misbehaviour.search_lag_s = three.intercom.misbehaviour.search_lag_s = 60
    three.zendesk.enter("user", {"name": "Aya", "email": "aya@example.com"})
    three.intercom.enter("contact", {"email": "aya@example.com"})
    query = {"query": {"field": "email", "operator": "=", "value": "aya@example.com"}}

    def found() -> tuple[int, int]:
        users = three.ask("zendesk", "GET", "/api/v2/users/search?query=email:aya@example.com")[1]["users"]
        return len(users), len(three.ask("intercom", "POST", "/contacts/search", query)[1]["data"])

    assert found() == (0, 0)
    three.clock.sleep(61)
    assert found() == (1, 1)


@pytest.mark.parametrize(("name", "kind"), [("zendesk", "user"), ("intercom", "contact"), ("freshsales", "contact")])
def test_automations_write_upon_what_is_written_and_are_announced(name: str, kind: str) -> None:
    account = getattr(Three(), name)
    field = {"zendesk": "notes", "intercom": "name", "freshsales": "job_title"}[name]
    account.misbehaviour.automations.append(lambda *_args: {field: "set by a rule"})
    first = {"freshsales": {"last_name": "Aya"}, "intercom": {"email": "aya@example.com"}}.get(name, {"name": "Aya"})
    found = account.enter(kind, first)
    assert account.held(kind, found)[field] == "set by a rule"
    assert len(account.hooks) == 2
    account.edit(kind, found, {field: "set by a rule"})
    assert len(account.hooks) == 2  # nothing differs
    account.remove(kind, found)
    assert account.held(kind, found) is None
    assert len(account.hooks) == 3
