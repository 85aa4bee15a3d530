"""The timeline: one entry per thing that happened; an entry is a set of facts, what people see is computed from it.

A set of facts is the same for any order and any number of copies, so nothing here can run backwards. A fact is
`{"type", "at", "timequality", "data", "raw", "received"}`, keyed by its event id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Fact = Mapping[str, Any]
Facts = Mapping[str, Fact]

STATUS_RANK: Mapping[str, int] = {
    "accepted": 0,
    "queued": 1,
    "sent": 2,
    "failed": 3,
    "delivered": 4,
    "read": 5,
    "played": 6,
}
CALL_RANK: Mapping[str, int] = {"call.started": 0, "call.ringing": 1, "call.answered": 2, "call.ended": 3}
# Facts that a group of several people reports say nothing about who the customer is.
MESSAGE_TYPES = frozenset({"message.received", "message.echoed"})
MAX_FACTS = 300


def add(facts: Facts, event_id: str, fact: Fact) -> Facts:
    """The facts with one more; of two copies the one that arrived earlier is kept, whichever came first."""
    present = facts.get(event_id)
    if present is not None and _age(present) <= _age(fact):
        return facts
    if present is None and len(facts) >= MAX_FACTS:
        return facts
    return {**facts, event_id: fact}


def _age(fact: Fact) -> tuple[str, str, str]:
    return (str(fact["at"]), str(fact["received"]), str(fact["raw"]))


def happened_at(facts: Facts) -> str:
    """When the thing itself happened: the message's own time, else the earliest fact's."""
    own = [fact["at"] for fact in facts.values() if fact["type"] in MESSAGE_TYPES]
    return str(min(own or [fact["at"] for fact in facts.values()]))


def show(kind: str, facts: Facts) -> dict[str, Any]:
    """What people see of an entry; a pure function of its facts."""
    ordered = sorted(facts.items(), key=lambda pair: (pair[1]["at"], pair[0]))
    return _SHOW[kind]([fact for _, fact in ordered])


def _show_message(facts: list[Fact]) -> dict[str, Any]:
    data = _best_message(facts)
    shown = {key: value for key, value in data.items() if key not in ("customer", "native")}
    shown.setdefault("message_id", facts[0]["data"].get("message_id"))
    shown["status"], shown["statuses"] = _statuses(facts)
    shown["edits"] = [_change(fact, "text") for fact in facts if fact["type"] == "message.edited"]
    shown["reactions"] = _reactions(facts)
    shown["revoked_at"] = next((fact["at"] for fact in facts if fact["type"] == "message.revoked"), None)
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


def _show_call(facts: list[Fact]) -> dict[str, Any]:
    """The call as its root leg tells it; legs of our own side only add what the root does not know."""
    calls = sorted((fact for fact in facts if fact["type"] in CALL_RANK), key=lambda fact: _is_child(fact["data"]))
    root = [fact for fact in calls if not _is_child(fact["data"])] or calls
    return {
        "call_id": facts[0]["data"].get("call_id"),
        "direction": _first(calls, "direction") or "unknown",
        "business": _first(root, "business"),
        "agent": _first(calls, "agent"),
        "queue": _first(calls, "queue"),
        "state": _furthest(root),
        "outcome": _outcome(root, [fact for fact in calls if _is_child(fact["data"])], facts),
        "started_at": _time(root, min) or facts[0]["at"],
        "answered_at": _time(_of(root, "call.answered"), min),
        "ended_at": _time(_of(root, "call.ended"), max),
        "duration_s": _first(reversed(_of(root, "call.ended")), "duration_s"),
        "legs": sorted({str(fact["data"]["leg_id"]) for fact in calls}),
        "recordings": _recordings(facts),
    }


def _outcome(root: list[Fact], legs: list[Fact], facts: list[Fact]) -> Any:
    """The root's outcome; "answered" only counts where nobody was to be reached, or one of the legs was."""
    outcome = _first(reversed(_of(root, "call.ended")), "outcome")
    ended = _of(legs, "call.ended")
    taken = _of(legs, "call.answered") or [fact for fact in ended if fact["data"].get("outcome") == "answered"]
    if outcome != "answered" or not ended or taken:
        return outcome
    voicemail = any(fact["data"].get("voicemail") for fact in _of(facts, "call.recorded"))
    return "voicemail" if voicemail else _first(reversed(ended), "outcome") or outcome


def _is_child(data: Mapping[str, Any]) -> bool:
    return bool(data.get("parent_leg_id"))


def _of(facts: list[Fact], event_type: str) -> list[Fact]:
    return [fact for fact in facts if fact["type"] == event_type]


def _first(facts: Iterable[Fact], key: str) -> Any:
    return next((fact["data"][key] for fact in facts if fact["data"].get(key) not in (None, "unknown")), None)


def _furthest(facts: list[Fact]) -> str | None:
    best = max(facts, key=lambda fact: CALL_RANK[fact["type"]], default=None)
    return best["type"].removeprefix("call.") if best else None


def _time(facts: list[Fact], choose: Any) -> str | None:
    """The platform's times where there are any; times of receipt only where there is nothing better."""
    exact = [fact["at"] for fact in facts if fact["timequality"] == "platform"]
    return choose(exact or [fact["at"] for fact in facts], default=None)  # type: ignore[no-any-return]


def _recordings(facts: list[Fact]) -> list[dict[str, Any]]:
    final: dict[str, dict[str, Any]] = {}
    for fact in _of(facts, "call.recorded"):
        data = {key: value for key, value in fact["data"].items() if key not in ("native", "call_id")}
        known = final.get(data["recording_id"], {})
        settled = known.get("status", "available") != "started" and bool(known)
        final[data["recording_id"]] = known if settled and data.get("status") == "started" else data
    return [final[key] for key in sorted(final)]


def _show_record(facts: list[Fact]) -> dict[str, Any]:
    """A change of a CRM record: which fields, to what, since when."""
    claims = {claim["field"]: claim for fact in facts for claim in fact["data"].get("claims", [])}
    created = any(fact["data"].get("change") == "created" for fact in facts)
    deleted = any(fact["data"].get("change") == "deleted" for fact in facts)
    return {
        "record": facts[0]["data"]["record"],
        "change": "deleted" if deleted else "created" if created else "changed",
        "fields": {name: claims[name]["value"] for name in sorted(claims)},
    }


def _show_notice(facts: list[Fact]) -> dict[str, Any]:
    return {"notice": facts[0]["type"], **{key: value for key, value in facts[0]["data"].items() if key != "customer"}}


_SHOW = {"message": _show_message, "call": _show_call, "record": _show_record, "notice": _show_notice}
