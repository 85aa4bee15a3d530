"""Typeform: base64 and not hex, who answered by declaration, and one response sent twice."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from connectors.typeform import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized

EMAILS = [
    {"type": "email", "email": "boss@osei.example", "field": {"id": "q1", "ref": "boss", "type": "email"}},
    {"type": "email", "email": "amara@osei.example", "field": {"id": "q2", "ref": "own", "type": "email"}},
]


def submitted(answers: list[Any], kind: str = "form_response", event_id: str = "e1", **settings: Any) -> Event:
    response = {"form_id": "f", "token": "t", "submitted_at": "2026-11-22T10:00:00Z", "answers": answers}
    body = json.dumps({"event_id": event_id, "event_type": kind, "form_response": response}).encode()
    delivery = Delivery("c" * 26, "typeform", "crm", "2026-11-22T10:00:00.000Z", body)
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "typeform", settings=settings)).events[0]


def addresses(event: Event) -> list[str]:
    return [one["value"] for one in event.data.get("customer", {}).get("identifiers", [])]


def test_a_signature_in_hex_is_refused() -> None:
    digest = hmac.new(b"secret", b"{}", hashlib.sha256).hexdigest()
    request = Request("POST", "https://hub.example/x", {"typeform-signature": f"sha256={digest}"}, b"{}")
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, request, [b"secret"], Connection("c" * 26, "typeform"), 0.0)


def test_the_declared_answer_counts_and_without_one_the_first_of_its_type() -> None:
    assert addresses(submitted(EMAILS)) == ["boss@osei.example"]
    assert addresses(submitted(EMAILS, fields={"email": "own"})) == ["amara@osei.example"]
    assert addresses(submitted(EMAILS, fields={"email": "q2"})) == ["amara@osei.example"]


def test_a_declared_answer_that_is_missing_is_not_guessed_from_another() -> None:
    assert addresses(submitted(EMAILS[:1], fields={"email": "own"})) == []


def test_the_whole_response_is_one_event_and_each_partial_one_its_own() -> None:
    assert submitted(EMAILS).id == submitted(EMAILS, event_id="e2").id
    partial = [submitted(EMAILS, "form_response_partial", number).id for number in ("e1", "e1", "e2")]
    assert partial[0] == partial[1] != partial[2]
