"""Conversations: what was last said each way, what is unread, who takes care. Sets, greatest and smallest only.

A state is JSON; every message and every act of a person is a small state of its own, and states are joined. Joining is
the same for any order, grouping and copies, so it also combines the conversations of the personas of one customer. A
message is as of its earliest copy. The state stays small, so that holds while of the two last messages each way at most
one turns out to be earlier than first heard: older ones are forgotten.

| key | what | of two |
|---|---|---|
| `in`, `out` | entry -> `[time, text]` of the last messages each way | the earliest of an entry; the last 2 |
| `marks` | the times of the last inbound messages that are unread or unanswered, with the start of their entries | all; the newest 26 |
| `days` | the same of the first inbound message of each day | the earliest of a day; the newest 7 days |
| `read`, `seen` | up to when inbound messages were read, and were seen when somebody closed it | the later |
| `window` | `[until, at]`: until when the platform said that we may write | the later |
| `name` | `[at, name]` as the platform gave it | the later |
| `met` | who wrote under which name on which day, hashed -> the first time | the earlier; the last 2 |
| `over` | entry -> `[at, text]`: edited since, "" where revoked | the later of an entry; the newest 3 |
| `acts` | name -> `[at, id, value, about]`: what people decided | the later, then by id |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from hub.domain import conversation_parts as parts
from hub.domain.conversation_parts import MAX_TEXT_BYTES as MAX_TEXT_BYTES
from hub.domain.conversation_parts import snippet
from hub.domain.events import instant, unix_ms
from hub.domain.marks import MOST_UNREAD, firsts, marked, packed, stamped, unpacked

State = Mapping[str, Any]
Standing = Literal["open", "closed"]
Handler = Literal["person", "bot", "nobody"]

MARKS = ("marks", "days")
# Whatever the customer writes, the business may answer freely for a day (Meta's pages on messaging, read 2026-11-21).
WINDOWS_MS: Mapping[str, int] = {"whatsapp": 24 * 3_600_000}


def inbound(at: str, entry: str, text: str, name: str | None = None) -> State:
    """A message of the customer's; `at` RFC 3339 UTC with milliseconds."""
    mark = marked(at, entry)
    state: dict[str, Any] = {"in": {entry: [stamped(at), snippet(text)]}, "marks": mark, "days": mark}
    return state | ({"name": [at, name]} if name else {})


def outbound(at: str, entry: str, text: str, *, by_hand: bool = False) -> State:
    """A message of ours; one that a person wrote `by_hand` in the platform's own app tells that they had read."""
    state: dict[str, Any] = {"out": {entry: [stamped(at), snippet(text)]}}
    return state | ({"read": at} if by_hand else {})


def corrected(at: str, entry: str, text: str) -> State:
    """A message was edited, or revoked ("")."""
    return {"over": {entry: [at, snippet(text)]}}


def windowed(until: str, at: str) -> State:
    """The platform said, at that time, until when we may write."""
    return {"window": [until, at]}


def met(whom: str, at: str) -> State:
    """Everything that a message of then tells of who wrote it is stored; `whom` begins with the day."""
    return {"met": {whom: stamped(at)}}


def knows(state: State, whom: str, at: str) -> bool:
    """Whether a message of then tells nothing of who wrote it that an earlier one did not."""
    first = state.get("met", {}).get(whom)
    return first is not None and first < stamped(at)


def act(name: str, at: str, act_id: str, value: str | None, about: str | None = None) -> State:
    """What a person decided: `standing` (a Standing), `handled_by` (a Handler) or `assignee`.

    `about` is when the last was said that they decided about: whose the identifier was then, it is about.
    """
    return {"acts": {name: [at, act_id, value, at if about is None else about]}}


def read_until(at: str) -> State:
    """Inbound messages up to then were read."""
    return {"read": at}


def seen_until(at: str) -> State:
    """Inbound messages up to then had been seen by who closed it: only a later one opens it again."""
    return {"seen": at}


def join(one: State, other: State) -> State:
    """Both states together."""
    out = parts.lasts(one.get("out", {}), other.get("out", {}))
    read = parts.greater(one.get("read"), other.get("read"))
    joined = {
        "in": parts.lasts(one.get("in", {}), other.get("in", {})),
        "out": out,
        "read": read,
        **{name: parts.greater(one.get(name), other.get(name)) for name in ("seen", "window", "name")},
        "marks": packed(one.get("marks", "") + other.get("marks", ""), parts.settled(out, read)),
        "days": firsts(one.get("days", "") + other.get("days", "")),
        "met": parts.met(one.get("met", {}), other.get("met", {})),
        "over": parts.over(one.get("over", {}), other.get("over", {})),
        "acts": parts.acts(one.get("acts", {}), other.get("acts", {})),
    }
    return {name: value for name, value in joined.items() if value}


def during(state: State, since: str, until: str) -> State | None:
    """What of a state is of that time, for the rest is somebody else's; None where nothing is known to be said then.

    Of a time that is over, what the state still knows: texts, decisions, names of then may have given way to later ones.
    """

    def then(at: str) -> bool:
        return since <= at < until

    def told(name: str, at: int) -> Any:
        return state[name] if name in state and then(state[name][at]) else None

    kept = {
        **{way: _only(state.get(way, {}), lambda _, said: then(_time(said[0]))) for way in ("in", "out")},
        **{
            name: "".join(stamp + entry for stamp, entry in _marks(state, name) if then(_time(stamp))) for name in MARKS
        },
        # What was read and seen later was read and seen then.
        **{name: min(state[name], until) for name in ("read", "seen") if state.get(name, "") >= (since or "0")},
        "name": told("name", 0),
        "window": told("window", 1),
        "acts": _only(state.get("acts", {}), lambda _, act: then(act[3])),
        "met": _only(state.get("met", {}), lambda _, at: then(_time(at))),
    }
    said = {*kept["in"], *kept["out"]}
    kept["over"] = _only(state.get("over", {}), lambda entry, over: entry in said or then(over[0]))
    kept = {name: value for name, value in kept.items() if value}
    return kept if last_activity(kept) else None


def decided_during(said: State, until: str) -> State:
    """What people decided, as of that time where it is over: whatever comes after it is somebody else's."""
    last = instant(unix_ms(until) - 1) if until[:1].isdigit() else until
    return {
        **said,
        "acts": {
            name: [min(at, last), by, value, min(about, last)]
            for name, (at, by, value, about) in said.get("acts", {}).items()
        },
    }


def last_activity(state: State) -> str:
    """When the last message was said that is known, "" before the first."""
    last = max(_last(state, way) for way in ("in", "out"))
    return last or max((_time(stamp) for name in MARKS for stamp, _ in _marks(state, name)), default="")


def standing(state: State) -> Standing:
    """Closed where a person closed it and the customer has written nothing since that they had not seen."""
    closed = _value(state, "standing") == "closed"
    return "closed" if closed and _last(state, "in") <= state.get("seen", "") else "open"


def waiting_since(state: State) -> str | None:
    """The first inbound message since our last one; of more than 26 unanswered ones as near to it as is known."""
    begin = max(_last(state, "out"), state.get("seen", "") if _value(state, "standing") == "closed" else "")
    marks = _marks(state, "marks")
    known = marks + (_marks(state, "days") if len(marks) > MOST_UNREAD else [])
    return min((at for stamp, _ in known if (at := _time(stamp)) > begin), default=None)


def unread(state: State) -> int:
    """How many inbound messages are later than what was read; 26 for any more than 25."""
    return sum(_time(stamp) > state.get("read", "") for stamp, _ in _marks(state, "marks"))


def window_until(state: State, channel: str) -> str | None:
    """Until when the business may answer freely; None on a channel where it always may, or before the first message."""
    span_ms = WINDOWS_MS.get(channel)
    if span_ms is None:
        return None
    own = instant(unix_ms(_last(state, "in")) + span_ms) if "in" in state else ""
    return max(own, state.get("window", [""])[0]) or None


def assignee(state: State) -> str | None:
    """Who takes care of it."""
    return _value(state, "assignee")


def handled_by(state: State) -> str:
    """As was decided, else a person where one is assigned."""
    return _value(state, "handled_by") or ("person" if assignee(state) else "nobody")


def decided_at(state: State, name: str) -> str:
    """When that was last decided, "" for never."""
    return str(state.get("acts", {}).get(name, [""])[0])


def last_said(state: State, way: Literal["in", "out"]) -> dict[str, Any] | None:
    """The last message that way: its time, entry, text as it is now (None where it was revoked)."""
    if way not in state:
        return None
    (stamp, text), entry = max((said, entry) for entry, said in state[way].items())
    _, now = state.get("over", {}).get(entry, (stamp, text))
    return {"at": _time(stamp), "entry": entry, "text": None if now == "" and text != now else now}


def _value(state: State, name: str) -> str | None:
    found: str | None = state.get("acts", {}).get(name, ["", "", None])[2]
    return found


def _last(state: State, way: str) -> str:
    """When the last message that way was said, "" for never."""
    return max((_time(stamp) for stamp, _ in state.get(way, {}).values()), default="")


def _marks(state: State, name: str) -> list[tuple[str, str]]:
    return unpacked(state.get(name, ""))


def _time(stamp: str) -> str:
    return instant(int(stamp, 16))


def _only(said: Mapping[str, Any], keep: Callable[[str, Any], bool]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if keep(name, value)}
