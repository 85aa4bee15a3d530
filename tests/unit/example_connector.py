"""A connector for the tests of the edge and the mapping stage: small, strict, and told what to say by the body."""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import pytest

from hub.connector import Connector
from hub.delivery import Connection, Delivery, Request, Response
from hub.domain.events import CallData, Event, Mapped, Unmapped
from hub.errors import Quarantine, Unauthorized
from hub.mapping import EventMaker

NAME = "example"
ID = "e" * 26
SECRET = b"the secret of the example"


def signature(body: bytes, secret: bytes = SECRET) -> str:
    """What the platform would send in `x-example-signature`."""
    return hmac.digest(secret, body, "sha256").hex()


def verify(request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
    """The HMAC of the body in hex; a body that begins with `!` is one that the verifier stumbles over."""
    if request.body.startswith(b"!"):
        raise IndexError("the verifier fell")
    given = request.headers.get("x-example-signature", "")
    if not any(hmac.compare_digest(signature(request.body, secret).encode(), given.encode()) for secret in secrets):
        raise Unauthorized("wrong_signature")


def handshake(request: Request, secrets: Mapping[str, str]) -> Response | None:
    """Echoes `challenge` to who knows the named secret `verify_token`."""
    if request.method != "GET":
        return None
    token, _, challenge = request.query.partition("&")
    if token != f"token={secrets['verify_token']}":
        raise Unauthorized("wrong_token")
    return Response(200, challenge)


def acknowledge(request: Request, _connection: Connection) -> Response:
    """A word of thanks; stumbles where the body says so."""
    if b"no thanks" in request.body:
        raise ValueError("cannot say thanks")
    return Response(202, "thanks", "application/x-thanks")


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """One `call.ended` for each of `calls`; `break`, `refuse` and `unmapped` do what they say."""
    said: dict[str, Any] = json.loads(delivery.body)
    if "break" in said:
        raise RuntimeError("+81 90 0000 0000 called")
    if "refuse" in said:
        raise Quarantine(said["refuse"])
    maker = EventMaker(delivery, connection)
    calls = tuple(_call(maker, call) for call in said.get("calls", []))
    return Mapped(events=calls, unmapped=tuple(Unmapped(type=word) for word in said.get("unmapped", [])))


def _call(maker: EventMaker, call: dict[str, Any]) -> Event:
    data = CallData(call_id=call["id"], leg_id=call["id"], agent=call.get("agent"), native=call.get("native", {}))
    return maker.event("call.ended", data, subject=call["id"], time=None, key=(call["id"],))


CONNECTOR = Connector(
    name=NAME,
    title="Example",
    kinds=frozenset({"telephony"}),
    signature="HMAC-SHA256 of the body",
    verify=verify,
    mapping="connectors.example",
    documents=("https://example.com",),
    handshake=handshake,
    acknowledge=acknowledge,
    methods=frozenset({"GET", "POST"}),
    keep_headers=frozenset({"x-example-id"}),
)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Connection:
    """The connector, found as any other by its name, and a connection for it."""
    module = ModuleType(f"connectors.{NAME}")
    module.__dict__.update(CONNECTOR=CONNECTOR, map_delivery=map_delivery)
    monkeypatch.setitem(sys.modules, f"connectors.{NAME}", module)
    return Connection(ID, NAME)
