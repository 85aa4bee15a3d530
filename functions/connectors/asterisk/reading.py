"""What Asterisk's values mean: channels, causes, dial results, and which side of a call is outside."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.delivery import Connection
from hub.domain.events_calls import Outcome
from hub.parsing import at, list_at, texts
from hub.pbx import Sides, extension, is_own, sides

# Q.850 causes as Asterisk numbers them. https://docs.asterisk.org/Configuration/Miscellaneous/Hangup-Cause-Mappings/
CAUSES: Mapping[int, Outcome] = {
    0: "unknown",
    16: "canceled",  # normal clearing, of a channel that was never up
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    20: "no_answer",
    21: "rejected",
    26: "canceled",  # answered elsewhere
    127: "unknown",
}
# DialEnd's DialStatus (AMI) and Dial's dialstatus (ARI). What goes on in the dial plan (CONTINUE, GOTO) has no outcome.
DIALLED: Mapping[str, Outcome] = {
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "CANCEL": "canceled",
    "ABORT": "canceled",
    "DONTCALL": "rejected",
    "TORTURE": "rejected",
    "CONGESTION": "failed",
    "CHANUNAVAIL": "failed",
    "INVALIDARGS": "failed",
}
# FreePBX's names; other dial plans have their own, see `external_contexts` and `internal_contexts`.
EXTERNAL_CONTEXTS, INTERNAL_CONTEXTS = ("from-trunk", "from-pstn", "from-external"), ("from-internal",)
# Extensions of a dial plan that are no numbers: start, hang-up, invalid, time-out.
NOT_DIALLED = frozenset({"s", "h", "i", "t", "T", "o", "a", "e", "failed"})
_CHANNEL = re.compile(r"[A-Za-z0-9_]{1,20}/(.{1,120}?)(?:@[^/]{0,120})?-[0-9a-f]{8,16}(?:;[12])?")
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,60}")


def outcome_of(cause: int | None, up: bool) -> Outcome | None:
    """How a channel ended: one that was up was answered, whatever ended it then."""
    if up:
        return "answered"
    return None if cause is None else CAUSES.get(cause, "failed")


def first_leg(
    caller: str | None,
    name: str | None,
    called: str | None,
    channel: str | None,
    context: str | None,
    connection: Connection,
) -> Sides:
    """Who called whom, of the channel that began the call."""
    outside = came_from_outside(channel, context, connection)
    dialled = None if called in NOT_DIALLED else called
    return sides(caller, dialled, connection, outside=outside, name=name)


def dialled_leg(channel: str | None, connection: Connection) -> Sides:
    """Of a channel that was dialled: the phone of ours that rings; the customer is told by the first channel."""
    found = _CHANNEL.fullmatch(channel or "")
    own = extension(found[1], connection) if found and is_own(found[1], connection) else None
    return Sides(agent=own, agent_extension=own)


def came_from_outside(channel: str | None, context: str | None, connection: Connection) -> bool | None:
    """By the trunk that the channel belongs to, where the settings name them; else by context; None where neither tells."""
    trunks = texts(list_at(connection.settings, "trunks"))
    if trunks and channel:
        return channel.startswith(trunks)
    if context in _named(connection, "external_contexts", EXTERNAL_CONTEXTS):
        return True
    return False if context in _named(connection, "internal_contexts", INTERNAL_CONTEXTS) else None


def word(text: str | None) -> str:
    """An event's name, or "unknown" where the text may be something personal instead."""
    return text if text and _WORD.fullmatch(text) else "unknown"


def _named(connection: Connection, setting: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = at(connection.settings, setting)
    return texts(found) if isinstance(found, list) else default
