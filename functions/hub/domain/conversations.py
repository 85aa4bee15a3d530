"""Conversations: what was last said each way, what is unread, who takes care. Sets, greatest and smallest only.

A state is JSON; every message and every act of a person is a small state of its own, and states are joined. Joining is
the same for any order, grouping and copies, so it also combines the conversations of the personas of one customer.

| key | what | of two |
|---|---|---|
| `in`, `out` | `[at, entry, text]` of the last message each way | the later; of copies of one the earliest |
| `in2`, `out2` | the same of the one before it: it is the last where a copy tells an earlier time | as above |
| `marks` | the times of the last inbound messages that are unread or unanswered, with the start of their entries | all; the newest 26 |
| `days` | the time of the first inbound message of each day | the earliest of a day; the newest 7 days |
| `read`, `seen` | up to when inbound messages were read, and were seen when somebody closed it | the later |
| `window` | until when the platform said that we may write | the later |
| `name` | `[at, name]` as the platform gave it | the later |
| `met` | who wrote under which name on which day, hashed -> the first time | the earlier; the last 2 |
| `over` | entry -> `[at, text]`: edited since, "" where revoked | the later of an entry; the newest 3 |
| `acts` | name -> `[at, id, value]`: what people decided | the later, then by id |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from hub.domain.events import instant, unix_ms
from hub.domain.marks import ENTRY_CHARS, firsts, packed, stamped, unpacked

State = Mapping[str, Any]
Standing = Literal["open", "closed"]
Handler = Literal["person", "bot", "nobody"]

MOST_CORRECTIONS = 3
MOST_MET = 2
MAX_TEXT_BYTES = 100
_DATED = frozenset({"in", "in2", "out", "out2", "name"})
_TIMES = frozenset({"read", "seen", "window"})
# Whatever the customer writes, the business may answer freely for a day (Meta's pages on messaging, read 2026-11-21).
WINDOWS_MS: Mapping[str, int] = {"whatsapp": 24 * 3_600_000}


def inbound(at: str, entry: str, text: str, name: str | None = None) -> State:
    """A message of the customer's; `at` RFC 3339 UTC with milliseconds."""
    stamp = stamped(at)
    state = {"in": [at, entry, _snippet(text)], "marks": stamp + entry[:ENTRY_CHARS], "days": [stamp]}
    return state | ({"name": [at, name]} if name else {})


def outbound(at: str, entry: str, text: str, *, by_hand: bool = False) -> State:
    """A message of ours; one that a person wrote `by_hand` in the platform's own app tells that they had read."""
    state: dict[str, Any] = {"out": [at, entry, _snippet(text)]}
    return state | ({"read": at} if by_hand else {})


def corrected(at: str, entry: str, text: str) -> State:
    """A message was edited, or revoked ("")."""
    return {"over": {entry: [at, _snippet(text)]}}


def windowed(until: str) -> State:
    """The platform said until when we may write."""
    return {"window": until}


def met(whom: str, at: str) -> State:
    """Everything that a message of then tells of who wrote it is stored; `whom` begins with the day."""
    return {"met": {whom: stamped(at)}}


def knows(state: State, whom: str, at: str) -> bool:
    """Whether a message of then tells nothing of who wrote it that an earlier one did not."""
    first = state.get("met", {}).get(whom)
    return first is not None and first < stamped(at)


def act(name: str, at: str, act_id: str, value: str | None) -> State:
    """What a person decided: `standing` (a Standing), `handled_by` (a Handler) or `assignee`."""
    return {"acts": {name: [at, act_id, value]}}


def read_until(at: str) -> State:
    """Inbound messages up to then were read."""
    return {"read": at}


def seen_until(at: str) -> State:
    """Inbound messages up to then had been seen by who closed it: only a later one opens it again."""
    return {"seen": at}


def join(one: State, other: State) -> State:
    """Both states together."""
    joined = {
        **_last_two("in", one, other),
        **_last_two("out", one, other),
        **{
            name: later
            for name in ("read", "seen", "window", "name")
            if (later := _max(one.get(name), other.get(name)))
        },
        "days": firsts([*one.get("days", ()), *other.get("days", ())]),
        "met": _met(one.get("met", {}), other.get("met", {})),
        "over": _over(one.get("over", {}), other.get("over", {})),
        "acts": _acts(one.get("acts", {}), other.get("acts", {})),
    }
    joined["marks"] = packed(one.get("marks", "") + other.get("marks", ""), _settled(joined))
    return {name: value for name, value in joined.items() if value}


def during(state: State, since: str, until: str) -> State | None:
    """What of a state is of that time; None where the last that happened is not, for then it is somebody else's."""
    if not since <= last_activity(state) < until:
        return None
    kept = {name: value for name, value in state.items() if name not in _DATED or value[0] >= since}
    kept = {name: value for name, value in kept.items() if name not in _TIMES or value >= since}
    kept |= {name: _since(kept[name], since) for name in ("acts", "over") if name in kept}
    begin = stamped(since) if since else ""
    marks = "".join(stamp + entry for stamp, entry in unpacked(state.get("marks", "")) if stamp >= begin)
    return {**kept, "marks": marks, "days": [stamp for stamp in state.get("days", ()) if stamp >= begin]}


def _since(dated: Mapping[str, Any], since: str) -> dict[str, Any]:
    return {name: value for name, value in dated.items() if value[0] >= since}


def last_activity(state: State) -> str:
    """When the last message was said, "" before the first."""
    return max(state[way][0] if way in state else "" for way in ("in", "out"))


def standing(state: State) -> Standing:
    """Closed where a person closed it and the customer has written nothing since that they had not seen."""
    closed = _value(state, "standing") == "closed"
    return "closed" if closed and _last(state, "in") <= state.get("seen", "") else "open"


def waiting_since(state: State) -> str | None:
    """The first inbound message since our last one; of more than 26 unanswered ones as near to it as is known."""
    begin = max(_last(state, "out"), state.get("seen", "") if _value(state, "standing") == "closed" else "")
    known = [stamp for stamp, _ in unpacked(state.get("marks", ""))] + list(state.get("days", ()))
    waiting = min((stamp for stamp in known if not begin or stamp > stamped(begin)), default=None)
    return None if waiting is None else instant(int(waiting, 16))


def unread(state: State) -> int:
    """How many inbound messages are later than what was read; 26 for any more than 25."""
    read = stamped(state["read"]) if "read" in state else ""
    return sum(stamp > read for stamp, _ in unpacked(state.get("marks", "")))


def window_until(state: State, channel: str) -> str | None:
    """Until when the business may answer freely; None on a channel where it always may, or before the first message."""
    span_ms = WINDOWS_MS.get(channel)
    if span_ms is None:
        return None
    own = instant(unix_ms(_last(state, "in")) + span_ms) if "in" in state else ""
    return max(own, state.get("window", "")) or None


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
    at, entry, text = state[way]
    _, now = state.get("over", {}).get(entry, (at, text))
    return {"at": at, "entry": entry, "text": None if now == "" and text != now else now}


def _value(state: State, name: str) -> str | None:
    found: str | None = state.get("acts", {}).get(name, ["", "", None])[2]
    return found


def _last(state: State, way: str) -> str:
    return str(state[way][0]) if way in state else ""


def _last_two(way: str, one: State, other: State) -> dict[str, Any]:
    """The last message that way and the one before it; of copies of one that with the earliest time, as of an entry."""
    earliest: dict[str, list[str]] = {}
    for said in (state[name] for state in (one, other) for name in (way, f"{way}2") if name in state):
        earliest[said[1]] = min(said, earliest.get(said[1], said))
    return dict(zip((way, f"{way}2"), sorted(earliest.values(), reverse=True), strict=False))


def _max(one: Any, other: Any) -> Any:
    return max((value for value in (one, other) if value), default=None)


def _met(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    earliest = {whom: min(first) for whom, first in _both(one, other)}
    return dict(sorted(earliest.items())[-MOST_MET:])


def _over(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    latest = {entry: _max(one.get(entry), other.get(entry)) for entry in {*one, *other}}
    kept = sorted(latest, key=lambda entry: (latest[entry], entry))[-MOST_CORRECTIONS:]
    return {entry: latest[entry] for entry in sorted(kept)}


def _acts(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: max(acts, key=lambda said: (said[0], said[1], str(said[2]))) for name, acts in _both(one, other)}


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[tuple[str, list[Any]]]:
    """Each name with what either says of it."""
    return ((name, [said[name] for said in (one, other) if name in said]) for name in sorted({*one, *other}))


def _settled(state: Mapping[str, Any]) -> str:
    """The stamp up to which everything is both read and answered, "" for nothing."""
    if "out" not in state or "read" not in state:
        return ""
    return stamped(min(state["out"][0], state["read"]))


def _snippet(text: str) -> str:
    return text.encode("utf-8", "replace")[:MAX_TEXT_BYTES].decode("utf-8", "ignore")
