"""An organization of the stand-in with a client on it, and a client whose answers are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from connectors.salesforce.client import SalesforceClient, build
from connectors.salesforce.ids import canonical
from hub.delivery import Connection
from hub.domain.commands import LogCall, LogMessage
from hub.domain.events import RecordChangedData
from hub.http import HttpClient
from hub.memory import FakeClock, FakeHttp, HttpCall
from hub.ports import HttpResponse
from infra.local.standins.accounts import new_accounts, public_key
from infra.local.standins.salesforce import Salesforce
from infra.local.standins.server import Call
from tests.harness.platforms import Platforms

ORGANIZATION = "00DRK0000008xYz"
INSTANCE = "https://kobayashi.my.salesforce.com"
USER = "integration@kobayashi.example"
TOKEN_PATH = "/services/oauth2/token"
CALL = LogCall(
    reference="call-1",
    contact_id="1",
    direction="inbound",
    started_at="2026-11-20T23:30:00.000Z",
    outcome="no_answer",
    duration_s=0,
    customer_number="+819000000006",
    business_number="+815000000007",
    recording_url="https://api.phone.example/r/1",
    title="Inbound call",
    body="お問い合わせ",
)
MESSAGE = LogMessage(
    reference="message-1",
    contact_id="1",
    channel="whatsapp",
    direction="inbound",
    sent_at="2026-11-20T01:02:03.000Z",
    body="<b>こんにちは</b>",
)


@cache
def private_key() -> str:
    return new_accounts().salesforce_key


def connection(**settings: Any) -> Connection:
    known = {
        "organization_id": ORGANIZATION,
        "client_id": "app-1",
        "username": USER,
        "default_region": "JP",
        "create_contacts": True,
    }
    return Connection("s" * 26, "salesforce", settings={**known, **settings})


class Organization:
    """A client on an organization of the stand-in, reached through the real HTTP client."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.salesforce = Salesforce(
            INSTANCE, "app-1", USER, public_key(private_key()), canonical(ORGANIZATION) or "", now=self.clock.now
        )
        standin = self.salesforce.standin()
        self.calls: list[Call] = []
        self.platforms = Platforms(
            {"login.salesforce.com": standin, "kobayashi.my.salesforce.com": standin}, self._note
        )
        self.trouble: Callable[[Call], int | str | None] = lambda _call: None
        self.http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        self.build: Callable[[], SalesforceClient] = lambda: build(
            connection(**settings), {"private_key": private_key()}, self.http, self.clock
        )
        self.client = self.build()

    def _note(self, call: Call) -> int | str | None:
        self.calls.append(call)
        return self.trouble(call)

    @property
    def tokens_asked(self) -> int:
        return sum(call.path == TOKEN_PATH for call in self.calls)

    def contact(self, **fields: Any) -> str:
        row: dict[str, Any] = self.salesforce.rows.insert("Contact", {"LastName": "小林", **fields})
        return str(row["Id"])

    def read(self, kind: str, *ids: str) -> list[RecordChangedData]:
        """People and companies as the client reads them."""
        return [one for one in self.client.read(kind, ids) if isinstance(one, RecordChangedData)]

    def rows(self, entity: str) -> list[dict[str, Any]]:
        return list(self.salesforce.rows.of(entity).values())


GRANTED = {
    "access_token": "token-1",
    "instance_url": INSTANCE,
    "id": f"https://login.salesforce.com/id/{ORGANIZATION}/005",
}


def answering(*answers: HttpResponse, granted: Any = GRANTED) -> tuple[SalesforceClient, FakeHttp]:
    """A client that gets a token and whose requests are answered in order, the last answer for ever."""
    waiting = list(answers)

    def answer_of(call: HttpCall) -> HttpResponse:
        if call.url.endswith(TOKEN_PATH):
            return granted if isinstance(granted, HttpResponse) else answer(200, granted)
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    http = FakeHttp(answer_of)
    return build(connection(), {"private_key": private_key()}, http, FakeClock()), http


def answer(status: int, body: Any = None) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps(body).encode())


def error(code: str) -> list[dict[str, str]]:
    return [{"message": "bad value +819000000006", "errorCode": code}]
