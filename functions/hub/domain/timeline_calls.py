"""A call as people see it: all its legs and whatever was said about it afterwards, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.domain.facts import Fact, first, of, time_of

CALL_RANK: Mapping[str, int] = {
    "call.started": 0,
    "call.ringing": 1,
    "call.queued": 2,
    "call.dequeued": 2,
    "call.answered": 3,
    "call.held": 4,
    "call.resumed": 4,
    "call.ended": 5,
}
STATES: Mapping[str, str] = {"call.dequeued": "queued", "call.resumed": "answered"}
# What can only be said of a call that is over.
AFTERWARDS = frozenset({"call.voicemail_left", "call.wrapped_up"})
DURATIONS = ("ring_s", "wait_s", "talk_s", "hold_s", "acw_s")
TRANSFER_RANK: Mapping[str, int] = {"started": 0, "failed": 1, "completed": 2}
TRANSCRIPT_RANK: Mapping[str, int] = {"partial": 0, "failed": 1, "final": 2}
_HIDDEN = frozenset({"native", "call_id", "customer"})


def show_call(facts: list[Fact]) -> dict[str, Any]:
    """The call as its root leg tells it; legs of our own side only add what the root does not know."""
    calls = sorted((fact for fact in facts if fact["type"] in CALL_RANK), key=lambda fact: _is_child(fact["data"]))
    root = [fact for fact in calls if not _is_child(fact["data"])] or calls
    told = [*calls, *facts]
    return {
        "call_id": facts[0]["data"].get("call_id"),
        "direction": first(told, "direction") or "unknown",
        "business": first([*root, *facts], "business"),
        **_agent(told),
        "queue": first(told, "queue"),
        "state": _state(root, facts),
        "outcome": _outcome(root, [fact for fact in calls if _is_child(fact["data"])], facts),
        "started_at": time_of(root, min) or facts[0]["at"],
        "answered_at": time_of(of(root, "call.answered"), min),
        "ended_at": time_of(of(root, "call.ended"), max),
        "duration_s": first(reversed(of(root, "call.ended")), "duration_s"),
        **_ending(root, told),
        "legs": sorted({str(fact["data"]["leg_id"]) for fact in calls}),
        "recordings": _recordings(facts),
        **_details(facts),
    }


def _details(facts: list[Fact]) -> dict[str, Any]:
    dispositions = _dispositions(facts)
    return {
        "queued": [_moment(fact, "queue", "leg_id") for fact in of(facts, "call.queued", "call.dequeued")],
        "holds": _holds(facts),
        "transfers": _transfers(facts),
        "voicemails": _by_id(of(facts, "call.voicemail_left"), "voicemail_id"),
        "transcripts": _transcripts(of(facts, "call.transcribed")),
        "disposition": dispositions[-1] if dispositions else None,
        "dispositions": dispositions,
    }


def _agent(told: list[Fact]) -> dict[str, Any]:
    """The agent that the root names, else a leg; the ids are that one's, never another's."""
    who = next((fact for fact in told if fact["data"].get("agent") or fact["data"].get("agent_id")), None)
    names = ("agent", "agent_id", "agent_email", "agent_extension")
    found = {name: who["data"].get(name) if who else None for name in names}
    return found | {"agent": found["agent"] or found["agent_id"]}


def _ending(root: list[Fact], told: list[Fact]) -> dict[str, Any]:
    """How it ended and how long its parts took: as the end of the root says, else as any fact says."""
    best = [*reversed(of(root, "call.ended")), *told]
    return {name: first(best, name) for name in (*DURATIONS, "ended_by", "native_cause", "trust")}


def _outcome(root: list[Fact], legs: list[Fact], facts: list[Fact]) -> Any:
    """The root's outcome; "answered" only counts where nobody was to be reached, or one of the legs was."""
    outcome = first(reversed(of(root, "call.ended")), "outcome")
    if outcome in (None, "no_answer") and of(facts, "call.voicemail_left"):
        return "voicemail"
    ended = of(legs, "call.ended")
    taken = of(legs, "call.answered") or [fact for fact in ended if fact["data"].get("outcome") == "answered"]
    if outcome != "answered" or not ended or taken:
        return outcome
    return "voicemail" if _left_voicemail(facts) else first(reversed(ended), "outcome") or outcome


def _left_voicemail(facts: list[Fact]) -> bool:
    recorded = any(fact["data"].get("voicemail") for fact in of(facts, "call.recorded"))
    return recorded or bool(of(facts, "call.voicemail_left"))


def _is_child(data: Mapping[str, Any]) -> bool:
    return bool(data.get("parent_leg_id"))


def _state(root: list[Fact], facts: list[Fact]) -> str | None:
    """The furthest step; of steps as far as each other (held, resumed) the later one."""
    if any(fact["type"] in AFTERWARDS for fact in facts):
        return "ended"
    best = max(enumerate(root), key=lambda pair: (CALL_RANK[pair[1]["type"]], pair[0]), default=None)
    if best is None:
        return None
    event_type = str(best[1]["type"])
    return STATES.get(event_type, event_type.removeprefix("call."))


def _recordings(facts: list[Fact]) -> list[dict[str, Any]]:
    final: dict[str, dict[str, Any]] = {}
    for fact in of(facts, "call.recorded"):
        data = _shown(fact)
        known = final.get(data["recording_id"], {})
        settled = known.get("status", "available") != "started" and bool(known)
        final[data["recording_id"]] = known if settled and data.get("status") == "started" else data
    return [final[key] for key in sorted(final)]


def _shown(fact: Fact) -> dict[str, Any]:
    return {key: value for key, value in fact["data"].items() if key not in _HIDDEN}


def _moment(fact: Fact, *names: str) -> dict[str, Any]:
    return {"event": fact["type"], "at": fact["at"], **{name: fact["data"].get(name) for name in names}}


def _holds(facts: list[Fact]) -> list[dict[str, Any]]:
    """Each hold of each leg with its end, null where none was told."""
    holds: list[dict[str, Any]] = []
    for fact in of(facts, "call.held", "call.resumed"):
        leg = fact["data"]["leg_id"]
        going_on = next((one for one in holds if one["leg_id"] == leg and one["resumed_at"] is None), None)
        if fact["type"] == "call.held" and going_on is None:
            holds.append({"leg_id": leg, "held_at": fact["at"], "resumed_at": None})
        elif fact["type"] == "call.resumed" and going_on is not None:
            going_on["resumed_at"] = fact["at"]
    return holds


def _transfers(facts: list[Fact]) -> list[dict[str, Any]]:
    """Each transfer as far as it came: what is told of one leg to one target adds up."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for fact in of(facts, "call.transferred"):
        data = {"state": "completed", **_shown(fact)}
        target = tuple(data.get(name) for name in ("leg_id", "to_number", "to_agent", "to_queue", "to_leg_id"))
        known = found.get(target, {"at": fact["at"], **data})
        further = max(known["state"], data["state"], key=lambda state: TRANSFER_RANK[state])
        found[target] = {**known, **data, "state": further}
    return list(found.values())


def _by_id(facts: Iterable[Fact], key: str) -> list[dict[str, Any]]:
    """One for each id, a later fact over an earlier one."""
    found: dict[str, dict[str, Any]] = {}
    for fact in facts:
        one = found.get(fact["data"][key], {"at": fact["at"]})
        found[fact["data"][key]] = {**one, **_shown(fact)}
    return [found[name] for name in sorted(found)]


def _transcripts(facts: list[Fact]) -> list[dict[str, Any]]:
    return [
        {**one, "status": _transcript_status(facts, one), "segments": _segments(facts, one["transcript_id"])}
        for one in _by_id(facts, "transcript_id")
    ]


def _transcript_status(facts: list[Fact], transcript: Mapping[str, Any]) -> str:
    own = [fact["data"] for fact in facts if fact["data"]["transcript_id"] == transcript["transcript_id"]]
    return max((str(data.get("status", "final")) for data in own), key=lambda status: TRANSCRIPT_RANK[status])


def _segments(facts: list[Fact], transcript_id: str) -> list[dict[str, Any]]:
    """All that was said, in order; a final segment instead of the preliminary ones that begin with it."""
    own = [fact["data"] for fact in facts if fact["data"]["transcript_id"] == transcript_id]
    said = [(number, one) for data in own for number, one in enumerate(data.get("segments", ()))]
    final = {_place(one) for _, one in said if one.get("final", True) and one.get("start_ms") is not None}
    kept: dict[str, tuple[Any, dict[str, Any]]] = {}
    for number, one in said:
        if one.get("final", True) or _place(one) not in final:
            kept.setdefault(str(sorted(one.items())), ((one.get("start_ms") or 0, number), one))
    return [one for _, one in sorted(kept.values(), key=lambda pair: (pair[0], str(pair[1])))]


def _place(segment: Mapping[str, Any]) -> tuple[Any, Any]:
    return (segment.get("speaker", "unknown"), segment.get("start_ms"))


def _dispositions(facts: list[Fact]) -> list[dict[str, Any]]:
    """The latest of each agent, in order."""
    latest: dict[Any, dict[str, Any]] = {}
    for fact in of(facts, "call.wrapped_up"):
        latest[fact["data"].get("agent_id") or fact["data"].get("agent")] = {"at": fact["at"], **_shown(fact)}
    return sorted(latest.values(), key=lambda one: (one["at"], str(one.get("agent_id")), str(one.get("agent"))))
