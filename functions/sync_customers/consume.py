"""Events into state: who it was (directory) and what happened (timeline); running an event again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.directory import Directory
from hub.domain.events import (
    CallData,
    Claim,
    Event,
    Identifier,
    MessageChangeData,
    MessageData,
    NoticeData,
    Party,
    RecordChangedData,
    RecordingData,
    unix_ms,
)
from hub.domain.identity import RANK, in_order
from hub.timeline_store import Filing, TimelineStore

# What a person types while creating a contact arrives as several changes; within this time they are one entry.
CREATION_WINDOW_MS = 60_000
MAX_NATIVE_BYTES = 8_192


class Consumer:
    """Files events; holds no state of its own."""

    def __init__(self, directory: Directory, timeline: TimelineStore) -> None:
        self._directory = directory
        self._timeline = timeline

    def consume(self, event: Event) -> None:
        """Files one event; raises Retry when another writer is in the way, pydantic.ValidationError on bad data."""
        stage = event.type.partition(".")[0]
        handle = _HANDLERS.get(event.type) or _HANDLERS.get(stage)
        if handle is not None:
            handle(self, event)

    def _message(self, event: Event) -> None:
        data = MessageData.model_validate(event.data)
        filing = self._file(event, data.customer)
        # The entry comes last: it is announced, and whoever hears of it must find the name.
        self._profile(event, data.customer)
        self._add(event, "message", data.message_id, filing, fresh=data.origin == "live")

    def _message_change(self, event: Event) -> None:
        data = MessageChangeData.model_validate(event.data)
        # In a group every participant reports; none of them is *the* customer of the message.
        party = Party() if data.group_id else data.customer
        self._add(event, "message", data.message_id, self._file(event, party))

    def _call(self, event: Event) -> None:
        data = CallData.model_validate(event.data)
        self._add(event, "call", data.call_id, self._file(event, data.customer))

    def _recording(self, event: Event) -> None:
        data = RecordingData.model_validate(event.data)
        self._add(event, "call", data.call_id, None)

    def _notice(self, event: Event) -> None:
        data = NoticeData.model_validate(event.data)
        # An announced change of number must not join the number's next owner: only platform ids are followed.
        gone = data.native.get("previous", [])
        named = tuple(one for one in data.customer.identifiers if one.model_dump() not in gone or one.kind != "phone")
        lasting = tuple(one for one in named if one.kind != "phone")
        filing = self._file(event, Party(identifiers=lasting or named[:1]))
        self._add(event, "notice", event.id, filing)

    def _contact(self, event: Event) -> None:
        data = RecordChangedData.model_validate(event.data)
        record = data.record.identifier(event.connection)
        filing = self._file(event, Party(identifiers=(record, *data.identifiers)))
        self._fold(event, record, data)
        for key, at, claims in _entries(event, data):
            shown = {"record": _plain(data)["record"], "change": data.change, "claims": claims}
            self._add(event, "record", key, filing, at=at, data=shown, fact_id=_digest(shown))

    def _company(self, event: Event) -> None:
        data = RecordChangedData.model_validate(event.data)
        self._fold(event, data.record.identifier(event.connection), data)

    def _fold(self, event: Event, record: Identifier, data: RecordChangedData) -> None:
        body = {
            "object": data.record.object,
            "id": data.record.id,
            "change": data.change,
            "at": event.time,
            "claims": [claim.model_dump() for claim in data.claims],
        }
        self._directory.fold_record(record, event.connection, event.platform, body)

    def _profile(self, event: Event, party: Party) -> None:
        """A chat profile's name, as of the day: it fills a gap where no record names the customer."""
        identifiers = in_order(party.identifiers)
        if not identifiers or not party.name:
            return
        claim = {"field": "name", "value": party.name, "at": event.time[:10] + "T00:00:00.000Z", "precision": "row"}
        body = {"object": "profile", "id": "", "at": event.time, "claims": [claim]}
        self._directory.fold_record(identifiers[0], event.connection, event.platform, body)

    def _file(self, event: Event, party: Party) -> Filing | None:
        identifiers = in_order(party.identifiers)
        persona = self._directory.attach(identifiers, reason=event.type, event=event.id)
        return Filing(persona, RANK[identifiers[0].kind]) if persona else None

    def _add(
        self,
        event: Event,
        kind: str,
        native_id: str,
        filing: Filing | None,
        *,
        at: str | None = None,
        data: Mapping[str, Any] | None = None,
        fact_id: str | None = None,
        fresh: bool = False,
    ) -> None:
        entry = self._directory.hashed(f"entry\n{event.connection}\n{kind}\n{native_id}")
        fact = {
            "type": event.type,
            "at": at or event.time,
            "timequality": event.timequality,
            "data": _bounded(data or event.data),
            "raw": event.raw,
            "received": event.received,
        }
        envelope = {"id": fact_id or event.id, "connection": event.connection, "platform": event.platform}
        self._timeline.record(entry, kind, envelope, fact, filing, fresh=fresh)


def _entries(event: Event, data: RecordChangedData) -> Iterable[tuple[str, str, list[dict[str, Any]]]]:
    """The entries a change of a record makes, as (native id, time, claims): one per instant, one for the creation."""
    name = f"{data.record.object}:{data.record.id}"
    if data.change in ("deleted", "restored"):
        yield f"{name}@{data.change}:{event.time}", event.time, []
        return
    groups: dict[str, list[Claim]] = {}
    for claim in data.claims:
        if claim.field in data.changed:
            groups.setdefault(_moment(claim.at, data.created_at), []).append(claim)
    for moment, claims in sorted(groups.items()):
        at = data.created_at if moment == "created" and data.created_at else claims[0].at
        yield f"{name}@{moment}", at, [claim.model_dump() for claim in claims]


def _moment(at: str, created_at: str | None) -> str:
    if created_at and unix_ms(at) - unix_ms(created_at) <= CREATION_WINDOW_MS:
        return "created"
    return at


def _bounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without the platform's own object where that is large; the raw delivery still holds it."""
    kept = dict(data)
    if len(json.dumps(kept.get("native", {}))) > MAX_NATIVE_BYTES:
        kept["native"] = {"native_dropped": True}
    return kept


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]


def _plain(data: RecordChangedData) -> dict[str, Any]:
    return data.model_dump(mode="json", exclude_none=True)


_HANDLERS: Mapping[str, Callable[[Consumer, Event], None]] = {
    "message": Consumer._message_change,
    "message.received": Consumer._message,
    "message.echoed": Consumer._message,
    "call": Consumer._call,
    "call.recorded": Consumer._recording,
    "contact": Consumer._contact,
    "company": Consumer._company,
    "identity": Consumer._notice,
    "consent": Consumer._notice,
}
