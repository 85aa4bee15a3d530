"""What FreeSWITCH's values mean: times in microseconds, causes, and which side of a leg is outside."""

from __future__ import annotations

from collections.abc import Mapping

from hub.delivery import Connection
from hub.domain.events import instant
from hub.domain.events_calls import Outcome
from hub.parsing import at, texts, whole
from hub.pbx import Sides, extension, is_own, sides

# https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Troubleshooting-Debugging/Hangup-Cause-Code-Table_3964945/
OUTCOMES: Mapping[str, Outcome] = {
    "USER_BUSY": "busy",
    "NO_ANSWER": "no_answer",
    "NO_USER_RESPONSE": "no_answer",
    "ALLOTTED_TIMEOUT": "no_answer",
    "PROGRESS_TIMEOUT": "no_answer",
    "MEDIA_TIMEOUT": "failed",
    "NORMAL_CLEARING": "no_answer",  # without an answer: somebody gave up
    "ORIGINATOR_CANCEL": "canceled",
    "LOSE_RACE": "canceled",
    "PICKED_OFF": "canceled",
    "CALL_REJECTED": "rejected",
}
EXTERNAL_CONTEXTS, EXTERNAL_PROFILES = ("public",), ("external",)  # of the configuration that FreeSWITCH ships


def outcome_of(cause: str | None, answered: bool) -> Outcome | None:
    """How a leg ended: answered is answered, whatever ended it then."""
    if answered:
        return "answered"
    return OUTCOMES.get(cause, "failed") if cause else None


def time_of(microseconds: str | None) -> str | None:
    """RFC 3339 of FreeSWITCH's microseconds; 0 means never."""
    number = whole(microseconds)
    try:
        return instant(number // 1000) if number else None
    except ValueError:
        return None


def sides_of(
    first_leg: bool,
    caller: str | None,
    name: str | None,
    called: str | None,
    outside: bool | None,
    connection: Connection,
) -> Sides:
    """Of the first leg: who called whom. A dialled leg names our side only, for the first one told of the customer."""
    if first_leg:
        return sides(caller, called, connection, outside=outside, name=name)
    own = called if called and is_own(called, connection) else None
    return Sides(agent=own, agent_extension=extension(own, connection))


def came_from_outside(context: str | None, profile: str | None, connection: Connection) -> bool | None:
    """By dial plan context or SIP profile; None where the leg names neither."""
    if context is None and profile is None:
        return None
    contexts = _named(connection, "external_contexts", EXTERNAL_CONTEXTS)
    profiles = _named(connection, "external_profiles", EXTERNAL_PROFILES)
    return context in contexts or profile in profiles


def _named(connection: Connection, setting: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = at(connection.settings, setting)
    return texts(found) if isinstance(found, (list, tuple)) else default
