"""Conversation detail events: the customer, the queue (ACD), the flow and the agents, each a session of the conversation.

https://developer.genesys.cloud/notificationsalerts/notifications/available-topics (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.genesys_cloud.reading import FAILURES, TRANSFERS, Detail, seconds, table
from hub.domain.events import CallData, Event, TransferData, VoicemailData, WrapUpData
from hub.domain.events_calls import Outcome
from hub.parsing import id_at, text_at

# Who hung up, as seen from the session: of the customer's own session the other side is ours, of an agent's the customer.
# The words are documented, what they mean for which session was taken from Genesys' analytics pages.
BY_CUSTOMER_SESSION: Mapping[str, str] = {"ENDPOINT": "customer", "CLIENT": "customer", "PEER": "agent"}
BY_AGENT_SESSION: Mapping[str, str] = {"ENDPOINT": "agent", "CLIENT": "agent", "PEER": "customer"}
SYSTEM: Mapping[str, str] = {
    "SYSTEM": "system",
    "TIMEOUT": "system",
    "SPAM": "system",
    "ERROR": "system",
    "TRANSPORT_FAILURE": "carrier",
    "UNCALLABLE": "carrier",
}
ACD_OUTCOMES: Mapping[str, Outcome] = {"ABANDON": "abandoned", "ANSWERED": "answered"}


def _step(detail: Detail, event_type: str, data: Mapping[str, Any]) -> Event:
    return detail.event(event_type, CallData, data, str(detail.conversation))


def _customer_start(detail: Detail) -> list[Event]:
    return [_step(detail, "call.started", detail.about(session=True) | detail.sides())]


def _customer_end(detail: Detail) -> list[Event]:
    why = text_at(detail.body, "disconnectType")
    talked = seconds(detail.body, "interactingDurationMs")
    outcome = "failed" if why in FAILURES and not talked else None
    if detail.direction == "outbound" and talked:
        outcome = "answered"
    ending = {
        "outcome": outcome,
        "duration_s": talked,
        "native_cause": why,
        "ended_by": _ended_by(why, BY_CUSTOMER_SESSION),
    }
    return [_step(detail, "call.ended", detail.about(session=True) | detail.sides() | ending)]


def _user_start(detail: Detail) -> list[Event]:
    """It rings at an agent's; an agent who calls is no ringing."""
    event_type = "call.started" if detail.direction == "outbound" else "call.ringing"
    return [_step(detail, event_type, detail.about(session=True, within=True) | detail.agent() | _direction(detail))]


def _user_end(detail: Detail) -> list[Event]:
    """The agent's part is over; where they handed the call on, that too. It names the other side of this leg only,
    which may be a colleague or somebody consulted, so no customer."""
    why = text_at(detail.body, "disconnectType")
    about = detail.about(session=True, within=True) | detail.agent()
    parts = {
        "talk_s": seconds(detail.body, "interactingDurationMs"),
        "hold_s": seconds(detail.body, "heldDurationMs"),
        "ring_s": seconds(detail.body, "alertingDurationMs"),
    }
    ending = {"outcome": _agent_outcome(detail, why), "native_cause": why, "ended_by": _ended_by(why, BY_AGENT_SESSION)}
    events = [_step(detail, "call.ended", about | _direction(detail) | parts | ending)]
    if why and why in TRANSFERS:
        data = about | {"kind": TRANSFERS[why]}
        events.append(detail.event("call.transferred", TransferData, data, str(detail.conversation)))
    return events


def _agent_outcome(detail: Detail, why: str | None) -> Outcome | None:
    if seconds(detail.body, "interactingDurationMs") or seconds(detail.body, "heldDurationMs"):
        return "answered"
    if why in FAILURES:
        return "failed"
    if detail.direction == "inbound":
        return "rejected" if why == "CLIENT" else "canceled" if why == "PEER" else "no_answer"
    return None


def _acd_start(detail: Detail) -> list[Event]:
    return [_step(detail, "call.queued", detail.about() | detail.sides())]


def _acd_end(detail: Detail) -> list[Event]:
    """Out of the queue; and where somebody took the call, that is when the conversation was answered."""
    word = text_at(detail.body, "acdOutcome") or ""
    left = {"outcome": ACD_OUTCOMES.get(word), "wait_s": seconds(detail.body, "connectedDurationMs")}
    events = [_step(detail, "call.dequeued", detail.about() | detail.sides() | left)]
    if word == "ANSWERED":
        events.append(_step(detail, "call.answered", detail.about() | detail.sides() | detail.agent("answeredUserId")))
    return events


def _flow_start(detail: Detail) -> list[Event]:
    return [_step(detail, "call.started", detail.about(session=True, within=True) | detail.sides())]


def _flow_end(detail: Detail) -> list[Event]:
    why = text_at(detail.body, "disconnectType")
    ending = {"duration_s": seconds(detail.body, "connectedDurationMs"), "native_cause": why}
    return [_step(detail, "call.ended", detail.about(session=True, within=True) | detail.sides() | ending)]


def _wrap_up(detail: Detail) -> list[Event]:
    code = id_at(detail.body, "wrapupCode")
    noted = {
        "code": code,
        "label": table(detail.maker.connection, "wrapup_codes").get(code.lower()) if code else None,
        "notes": text_at(detail.body, "wrapupNotes"),
        "acw_s": seconds(detail.body, "wrapupDurationMs"),
    }
    about = detail.about(session=True, within=True) | detail.agent() | noted
    return [detail.event("call.wrapped_up", WrapUpData, about, str(detail.conversation))]


def _voicemail(detail: Detail) -> list[Event]:
    about, agent = detail.about(session=True, within=True), detail.agent()
    mailbox = {
        "voicemail_id": text_at(detail.body, "sessionId") or detail.conversation,
        "mailbox": agent["agent"] or about["queue"],
        "mailbox_kind": "user" if agent["agent"] else "queue" if about["queue"] else "unknown",
        "duration_s": seconds(detail.body, "voicemailDurationMs"),
    }
    data = about | detail.sides() | mailbox
    return [detail.event("call.voicemail_left", VoicemailData, data, str(detail.conversation))]


def _nothing(_detail: Detail) -> list[Event]:
    return []


def _direction(detail: Detail) -> dict[str, str]:
    return {"direction": detail.direction}


def _ended_by(why: str | None, session: Mapping[str, str]) -> str | None:
    if why is None or why in TRANSFERS:
        return None
    return session.get(why) or SYSTEM.get(why, "unknown")


# attributes, contact, flow.outcome and outbound have no words of ours; the beginning of a voicemail says nothing yet.
STEPS: Mapping[str, Callable[[Detail], list[Event]]] = {
    "customer.start": _customer_start,
    "customer.end": _customer_end,
    "user.start": _user_start,
    "user.end": _user_end,
    "acd.start": _acd_start,
    "acd.end": _acd_end,
    "flow.start": _flow_start,
    "flow.end": _flow_end,
    "acw": _wrap_up,
    "wrapup": _wrap_up,
    "voicemail.start": _nothing,
    "voicemail.end": _voicemail,
}
