"""Webhooks of triggers and automations: the body is what the admin typed, by our template in the README."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.zendesk.news import record_id, refuse_foreign
from connectors.zendesk.tickets import present, ticket_data
from hub.domain.events import Event, RecordRef, Unmapped
from hub.mapping import EventMaker
from hub.parsing import text_at, texts
from hub.rows import Change, Changed, business_record, person
from hub.times import from_iso

CHANGES: Mapping[str, Changed] = {
    "ticket.created": "created",
    "ticket.updated": "changed",
    "ticket.commented": "changed",
}
# The placeholders give names as people read them in the account's language: those of English.
STATUSES = {"on-hold": "hold", "on hold": "hold"}
_WORD = re.compile(r"\Aticket\.[a-z_]{1,40}\Z", re.ASCII)


def trigger_event(maker: EventMaker, said: Mapping[str, Any]) -> Event | Unmapped:
    """The ticket in a trigger's body, with the requester's phone and e-mail, which no other delivery holds."""
    refuse_foreign(maker.connection, record_id(maker.delivery.headers.get("x-zendesk-account-id")))
    word = text_at(said, "renkei") or ""
    found = record_id(said, "ticket_id")
    if word not in CHANGES:
        return Unmapped(type=word if _WORD.match(word) else "unknown")
    if found is None:
        return Unmapped(type=f"unreadable/{word}")
    change = Change(
        record=RecordRef(object="ticket", id=found, native_object="ticket"),
        change=CHANGES[word],
        at=from_iso(said.get("updated_at")),
        key=("trigger", maker.delivery_id),
        created_at=from_iso(said.get("created_at")),
        actor=_actor(said),
    )
    return business_record(
        maker, change, present({**_data(maker, said), "event": word, "comment": _comment(said, word)})
    )


def _data(maker: EventMaker, said: Mapping[str, Any]) -> dict[str, Any]:
    status = (text_at(said, "status") or "").lower()
    requester = record_id(said, "requester_id")
    contact = RecordRef(object="contact", id=requester, native_object="user") if requester else None
    return {
        **ticket_data({**said, "status": STATUSES.get(status, status), "tags": None}),
        "customer": person(
            maker.connection,
            contact,
            phones=[text_at(said, "requester_phone")],
            emails=[text_at(said, "requester_email")],
            name=text_at(said, "requester_name"),
        ),
        "tags": texts((text_at(said, "tags") or "").split()),
        "channel": (text_at(said, "via") or "")[:40] or None,
        "queue": text_at(said, "group"),
        "owner": text_at(said, "assignee"),
    }


def _comment(said: Mapping[str, Any], word: str) -> dict[str, Any] | None:
    text = text_at(said, "comment")
    if text is None or word == "ticket.updated":
        return None
    public = {"true": True, "false": False}.get((text_at(said, "comment_public") or "").lower())
    return {"text": text, "public": public, "at": from_iso(said.get("updated_at"))}


def _actor(said: Mapping[str, Any]) -> str | None:
    user = record_id(said, "actor_id")
    return f"user:{user}" if user else None
