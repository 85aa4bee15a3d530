"""The timeline: one entry per thing that happened; an entry is a set of facts, what people see is computed from it.

A set of facts is the same for any order and any number of copies, so nothing here can run backwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from hub.domain.facts import Fact, Facts, clock_of, of
from hub.domain.timeline_calls import show_call
from hub.domain.timeline_records import (
    show_activity,
    show_consent,
    show_form,
    show_merge,
    show_notice,
    show_record,
    show_sync,
)

__all__ = ["Fact", "Facts", "Kind", "add", "channel_of", "happened_at", "known_at", "show"]

Kind = Literal["message", "call", "record", "activity", "ticket", "order", "form", "consent", "merge", "sync", "notice"]
Channel = Literal["whatsapp", "sms", "call", "email"]

STATUS_RANK: Mapping[str, int] = {
    "accepted": 0,
    "queued": 1,
    "sent": 2,
    "failed": 3,
    "delivered": 4,
    "read": 5,
    "played": 6,
}
# Facts that a group of several people reports say nothing about who the customer is.
MESSAGE_TYPES = frozenset({"message.received", "message.echoed"})
# Of these only the latest is kept: a state, not a story.
STATE_TYPES = frozenset({"agent.status_changed"})
# Where there are too many facts, those that may come by the hundred go first.
MANY_TYPES = frozenset({"call.transcribed", "message.status_changed"})
ACTIVITY_CHANNELS: Mapping[str, Channel] = {"email": "email", "call": "call"}
MAX_FACTS = 300
# DynamoDB takes 400 KB. An entry that outgrows this keeps our words only; the raw deliveries hold the platform's.
MAX_BYTES = 300_000
OUTGROWN: Mapping[str, Any] = {"native_dropped": "entry"}


def add(facts: Facts, event_id: str, fact: Fact) -> Facts:
    """The facts with one more; of two copies the one that arrived earlier is kept, whichever came first.

    Of more than 300 the same 300 are kept for any order; over 300 KB none keeps the platform's own object.
    """
    present = facts.get(event_id)
    if present is not None and _age(present) <= _age(fact):
        return facts
    more = {**facts, event_id: fact}
    if fact["type"] in STATE_TYPES:
        return dict([max(more.items(), key=lambda pair: (pair[1]["at"], pair[0]))])
    if len(more) > MAX_FACTS:
        del more[max(more, key=lambda one: (more[one]["type"] in MANY_TYPES, more[one]["at"], one))]
    return _bounded(more)


def _bounded(facts: Facts) -> Facts:
    """The facts, without the platform's own objects once they are too much: from then on, so that order is nothing."""
    outgrown = any(fact["data"].get("native") == OUTGROWN for fact in facts.values())
    if not outgrown and (len(facts) == 1 or _bytes(facts) <= MAX_BYTES):
        return facts
    return {name: {**fact, "data": {**fact["data"], "native": OUTGROWN}} for name, fact in facts.items()}


def _bytes(facts: Facts) -> int:
    return len(json.dumps(facts, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _age(fact: Fact) -> tuple[str, str, str]:
    return (str(fact["at"]), str(fact["received"]), str(fact["raw"]))


def happened_at(facts: Facts) -> str:
    """When the thing itself happened: the message's own time, else the earliest fact's."""
    own = [fact["at"] for fact in facts.values() if fact["type"] in MESSAGE_TYPES]
    return str(min(own or [fact["at"] for fact in facts.values()]))


def channel_of(kind: str, facts: Facts) -> str | None:
    """The channel that the customer was talked with on; None for what is no talk."""
    if kind == "call":
        return "call"
    data = next(iter(facts.values()))["data"]
    if kind == "activity":
        return ACTIVITY_CHANNELS.get(data.get("kind"))
    return str(data["channel"]) if kind == "message" and "channel" in data else None


def known_at(facts: Facts, at: str) -> Facts:
    """The facts that had happened by then."""
    return {name: fact for name, fact in facts.items() if fact["at"] <= at}


def show(kind: str, facts: Facts) -> dict[str, Any]:
    """What people see of an entry, a pure function of its facts; `clock` where its time is not the platform's."""
    ordered = [fact for _, fact in sorted(facts.items(), key=lambda pair: (pair[1]["at"], pair[0]))]
    shown = _SHOW[kind](ordered)
    if all(fact["timequality"] == "platform" for fact in ordered):
        return shown
    clock = clock_of(ordered, happened_at(facts))
    return shown if clock == "platform" else {**shown, "clock": clock}


def _show_message(facts: list[Fact]) -> dict[str, Any]:
    data = _best_message(facts)
    shown = {key: value for key, value in data.items() if key not in ("customer", "native")}
    shown.setdefault("message_id", facts[0]["data"].get("message_id"))
    since = [fact for fact in facts if fact["type"] not in MESSAGE_TYPES]
    shown["status"], shown["statuses"] = _statuses(since)
    shown["edits"] = [_change(fact, "text") for fact in of(since, "message.edited")]
    shown["reactions"] = _reactions(since)
    shown["revoked_at"] = next((fact["at"] for fact in since if fact["type"] == "message.revoked"), None)
    shown["native"] = data.get("native", {})
    return shown


def _best_message(facts: list[Fact]) -> dict[str, Any]:
    """The message itself: a live copy before one of a history import, the earliest of those."""
    own = [fact["data"] for fact in facts if fact["type"] in MESSAGE_TYPES]
    live = [data for data in own if data.get("origin", "live") in ("live", "echo")]
    best: dict[str, Any] = dict((live or own or [{}])[0])
    return best


def _statuses(facts: list[Fact]) -> tuple[str | None, list[dict[str, Any]]]:
    changes = [fact for fact in facts if fact["type"] == "message.status_changed"]
    shown = [
        {"status": fact["data"].get("status"), "at": fact["at"], "errors": fact["data"].get("errors", [])}
        for fact in changes
    ]
    furthest = max(shown, key=lambda one: STATUS_RANK.get(str(one["status"]), -1), default={"status": None})
    return furthest["status"], shown


def _reactions(facts: list[Fact]) -> list[dict[str, Any]]:
    latest = {fact["data"].get("by", "platform"): fact for fact in facts if fact["type"] == "message.reacted"}
    return [
        _change(fact, "reaction") | {"by": by} for by, fact in sorted(latest.items()) if fact["data"].get("reaction")
    ]


def _change(fact: Fact, key: str) -> dict[str, Any]:
    return {key: fact["data"].get(key), "at": fact["at"]}


_SHOW: Mapping[str, Callable[[list[Fact]], dict[str, Any]]] = {
    "message": _show_message,
    "call": show_call,
    "record": show_record,
    "activity": show_activity,
    "ticket": show_record,
    "order": show_record,
    "form": show_form,
    "consent": show_consent,
    "merge": show_merge,
    "sync": show_sync,
    "notice": show_notice,
}
