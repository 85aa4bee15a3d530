"""Zendesk: what its deliveries become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.zendesk import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine

CONNECTION = Connection("z" * 26, "zendesk", settings={"account_id": 7712345, "default_region": "JP"})
FORM = {"content-type": "application/x-www-form-urlencoded"}


def event(word: str, said: Any = None, **more: Any) -> dict[str, Any]:
    common = {"account_id": 7712345, "id": "event-1", "time": "2026-11-22T11:46:41Z", "detail": {"id": "4711"}}
    return {**common, "type": f"zen:event-type:{word}", "event": said or {}, **more}


def mapped(body: Any, headers: dict[str, str] | None = None) -> Mapped:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    received = "2026-11-22T12:00:00.000Z"
    return CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "zendesk", "crm", received, raw, headers=headers or {}), CONNECTION
    )


def one(body: Any, headers: dict[str, str] | None = None) -> Event:
    (found,) = mapped(body, headers).events
    return found


def test_two_comments_of_one_moment_are_two_entries() -> None:
    said = [{"comment": {"id": number, "body": "x"}} for number in (1, 2)]
    versions = {one(event("ticket.comment_added", comment, id=str(comment))).data["version"] for comment in said}
    assert versions == {"comment:1", "comment:2"}


def test_the_same_event_sent_again_is_the_same_event() -> None:
    again = event("ticket.created", detail={"id": 4711, "subject": "read anew"})
    assert one(event("ticket.created")).id == one(again).id
    assert one(event("ticket.created")).id != one(event("ticket.created", id="event-2")).id


def test_over_the_bus_the_sequence_tells_events_apart() -> None:
    def envelope(position: int, envelope_id: str) -> dict[str, Any]:
        meta = {"sequence": {"id": "A", "position": position}}
        said = {"meta": meta, "ticket": {"id": 1}}
        return {
            "id": envelope_id,
            "detail-type": "Support Ticket: Tags Changed",
            "source": "aws.partner/zendesk.com/7712345/default",
            "detail": {"ticket_event": said},
        }

    assert one(envelope(1, "x")).id == one(envelope(1, "y")).id != one(envelope(2, "x")).id


@pytest.mark.parametrize("role", ["agent", "ADMIN"])
def test_our_own_side_never_becomes_a_contact(role: str) -> None:
    detail = {"id": "9", "role": role, "email": "mina@example.com"}
    found = one(event("user.created", detail=detail))
    assert found.type == "account.notice"
    assert "mina@example.com" not in found.model_dump_json()


def test_a_second_identity_does_not_replace_the_first() -> None:
    said = {"type": "email", "value": "second@example.jp", "primary": False}
    detail = {"id": "9", "role": "end-user", "email": "first@example.jp"}
    changed, touched = mapped(event("user.identity_created", said, detail=detail)).events
    assert [claim["value"] for claim in changed.data["claims"]] == ["first@example.jp"]
    assert touched.type == "record.touched"


def test_a_trigger_without_its_time_counts_from_receipt() -> None:
    found = one("renkei=ticket.updated&ticket_id=4711", FORM)
    assert (found.timequality, found.time) == ("received", "2026-11-22T12:00:00.000Z")


def test_a_form_without_our_word_is_no_event() -> None:
    with pytest.raises(Quarantine, match="not an event"):
        mapped("ticket_id=4711", FORM)
