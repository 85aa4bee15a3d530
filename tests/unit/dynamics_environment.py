"""An environment of the stand-in with a client on it, and a client whose answers are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from connectors.dynamics365.client import DynamicsClient, build
from hub.delivery import Connection
from hub.domain.events import RecordChangedData
from hub.http import HttpClient
from hub.memory import FakeClock, FakeHttp
from hub.ports import HttpResponse
from infra.local.standins.dynamics import Dynamics
from infra.local.standins.dynamics_account import APPLICATION_USER
from infra.local.standins.server import Call
from tests.harness.platforms import Platforms

HOST = "kobayashi.crm7.dynamics.com"
TOKEN = "token-1"
ORGANIZATION = "0b1ec7ed-0000-4000-8000-000000000a11"


def connection(**settings: Any) -> Connection:
    known = {
        "organization_id": ORGANIZATION,
        "environment_url": f"https://{HOST}",
        "application_user": APPLICATION_USER,
        "default_region": "JP",
        "currency": "JPY",
        "create_contacts": True,
        "log": ["call", "message", "note", "task"],
    }
    return Connection("d" * 26, "dynamics365", settings={**known, **settings})


class Environment:
    """A client on an environment of the stand-in, reached through the real HTTP client."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.dynamics = Dynamics(f"https://{HOST}", TOKEN, ORGANIZATION, now=self.clock.now)
        self.calls: list[Call] = []
        self.trouble: Callable[[Call], int | str | None] = lambda _call: None
        self.platforms = Platforms({HOST: self.dynamics.standin()}, self._note)
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        self.connection = connection(**settings)
        self.client: DynamicsClient = build(self.connection, {"access_token": TOKEN}, http, self.clock)

    def _note(self, call: Call) -> int | str | None:
        self.calls.append(call)
        return self.trouble(call)

    def contact(self, **columns: Any) -> str:
        return self.dynamics.enter("contact", {"lastname": "小林", **columns})

    def read(self, kind: str, *ids: str) -> list[RecordChangedData]:
        """People and companies as the client reads them."""
        return [one for one in self.client.read(kind, ids) if isinstance(one, RecordChangedData)]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(self.dynamics.rows.of(table).values())


def answering(*answers: HttpResponse, **settings: Any) -> tuple[DynamicsClient, FakeHttp]:
    """A client whose requests are answered in order, the last answer for ever."""
    waiting = list(answers)
    http = FakeHttp(lambda _call: waiting.pop(0) if len(waiting) > 1 else waiting[0])
    return build(connection(**settings), {"access_token": TOKEN}, http, FakeClock()), http


def answer(status: int, body: Any = None) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps(body).encode())


def error(status: int, code: str) -> HttpResponse:
    return answer(status, {"error": {"code": code, "message": "bad value +819000000006"}})
