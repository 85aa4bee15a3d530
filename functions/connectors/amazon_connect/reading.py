"""What Amazon Connect's words mean: ids in ARNs, unset times, endpoints, ways in which a contact began and ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from hub.delivery import Connection
from hub.domain.events import Party, unix_ms
from hub.domain.events_calls import Direction, Outcome
from hub.errors import Quarantine
from hub.parsing import int_at, text_at, texts
from hub.phones import phone_identifier
from hub.times import from_iso

EndedBy = Literal["customer", "agent", "system", "carrier", "unknown"]

# TRANSFER, QUEUE_TRANSFER, CALLBACK, MONITOR, DISCONNECT and FLOW continue another contact and say nothing themselves.
DIRECTIONS: Mapping[str, Direction] = {
    "INBOUND": "inbound",
    "WEBRTC_API": "inbound",
    "OUTBOUND": "outbound",
    "EXTERNAL_OUTBOUND": "outbound",
    "API": "outbound",
}
CALLED_BY_US = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND", "API", "CALLBACK"})
TRANSFERS: Mapping[str, Literal["queue"] | None] = {"TRANSFER": None, "QUEUE_TRANSFER": "queue"}
ENDED_BY: Mapping[str, EndedBy] = {
    "CUSTOMER_DISCONNECT": "customer",
    "CUSTOMER_NEVER_ARRIVED": "customer",
    "AGENT_DISCONNECT": "agent",
    "AGENT_NETWORK_DISCONNECT": "agent",
    "CONTACT_FLOW_DISCONNECT": "system",
    "API": "system",
    "EXPIRED": "system",
    "IDLE_DISCONNECT": "system",
    "SYSTEM_ERROR": "system",
}
OUTCOMES: Mapping[str, Outcome] = {
    "TELECOM_BUSY": "busy",
    "TELECOM_UNANSWERED": "no_answer",
    "TELECOM_TIMEOUT": "no_answer",
    "TELECOM_ORIGINATOR_CANCEL": "canceled",
    "TELECOM_NUMBER_INVALID": "failed",
    "TELECOM_POTENTIAL_BLOCKING": "failed",
    "TELECOM_PROBLEM": "failed",
    "OUTBOUND_DESTINATION_ENDPOINT_ERROR": "failed",
    "OUTBOUND_RESOURCE_ERROR": "failed",
    "OUTBOUND_ATTEMPT_FAILED": "failed",
    "SYSTEM_ERROR": "failed",
}
# Answering machine detection: somebody's machine, or nobody, is no answer.
NOBODY = frozenset({"AMD_UNANSWERED", "SIT_TONE_BUSY", "SIT_TONE_INVALID_NUMBER", "SIT_TONE_DETECTED"})
MACHINES = frozenset({"VOICEMAIL_BEEP", "VOICEMAIL_NO_BEEP", "FAX_MACHINE_DETECTED"}) | NOBODY

_INSTANCE = re.compile(r"(?:\A|instance/)([0-9A-Za-z-]{1,100})(?:/|\Z)")
_WORD = re.compile(r"[A-Za-z][A-Za-z_ .-]{0,79}", re.ASCII)


def word(value: Any) -> str:
    """A type word of Connect's, or "unknown" where the text may be something else."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "unknown"


def lowered(value: Any) -> Any:
    """The same with all keys in lower case: contact events mix camelCase and PascalCase, even inside one event.

    https://docs.aws.amazon.com/connect/latest/adminguide/contact-events.html (samples, read 2026-11)
    """
    if isinstance(value, dict):
        return {key.lower(): lowered(item) for key, item in reversed(value.items())}
    return [lowered(item) for item in value] if isinstance(value, list) else value


def refuse_foreign(arn: str | None, connection: Connection) -> None:
    """Quarantine where the ARN (also one with a double colon) or id names another instance than the connection's."""
    found, expected = _instance(arn), _instance(str(connection.settings.get("instance_id") or ""))
    if found and expected and found.lower() != expected.lower():
        raise Quarantine("of another instance")


def _instance(text: str | None) -> str | None:
    match = _INSTANCE.search(text) if text and len(text) < 500 else None
    return match[1] if match else None


def arn_id(value: Any, *path: str) -> str | None:
    """The id at the end of an ARN there, else the text as it is."""
    found = text_at(value, *path)
    return (found.rpartition("/")[2] or found) if found else None


def time_at(value: Any, *path: str) -> str | None:
    """The moment there; None for 1970, which Connect writes for what has not happened."""
    return from_iso(text_at(value, *path))


def seconds_at(value: Any, *path: str) -> int | None:
    """A duration there in whole seconds; None for what is none."""
    found = int_at(value, *path)
    return found if found is not None and found >= 0 else None


def between(start: str | None, end: str | None) -> int | None:
    """Whole seconds from one moment to the next; None where either is unknown or they lie the other way round."""
    if not start or not end:
        return None
    passed = (unix_ms(end) - unix_ms(start)) // 1000
    return passed if passed >= 0 else None


def is_call(channel: str | None) -> bool:
    """Whether the channel is the telephone: VOICE and Voice are both written; an event without one is taken for a call."""
    return channel is None or channel.upper() == "VOICE"


def party(raw: str | None, connection: Connection) -> Party:
    """The customer with that address; what is no number that can be compared is kept beside."""
    if not raw:
        return Party()
    found = phone_identifier(raw, connection.default_region)
    if found:
        return Party(identifiers=(found,))
    withheld = raw.lower() in ("anonymous", "unknown", "restricted", "private", "unavailable")
    return Party(raw_phone=raw, phone_reason="withheld" if withheld else "invalid")


def number(raw: str | None, connection: Connection) -> str | None:
    """Our own number as E.164, else as Connect wrote it."""
    found = phone_identifier(raw, connection.default_region)
    return found.value if found else raw


def ended_by(reason: str | None) -> EndedBy | None:
    """Who ended a contact, by its DisconnectReason; None where that says nothing of it."""
    if reason is None:
        return None
    return ENDED_BY.get(reason, "carrier" if reason.startswith("TELECOM_") else "unknown")


def outcome_of(reason: str | None, *, agent: bool, queued: bool, by_us: bool, reached: bool) -> Outcome | None:
    """What became of a contact: answered by an agent, given up in a queue, or not reached; None where nobody says."""
    if agent:
        return "answered"
    if reason and reason in OUTCOMES:
        return OUTCOMES[reason]
    if queued and not by_us:
        return "abandoned"
    return "answered" if by_us and reached else None


def table(connection: Connection, name: str) -> dict[str, str]:
    """A setting that is a list of `from=to` as a table, its keys in lower case."""
    listed = connection.settings.get(name)
    pairs = [text.split("=", 1) for text in texts(listed if isinstance(listed, list) else [listed]) if "=" in text]
    return {key.strip().lower(): value.strip() for key, value in pairs}


def email_of(username: str | None) -> str | None:
    """The e-mail address that a user name is where agents sign in with one."""
    return username.lower() if username and re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", username) else None
