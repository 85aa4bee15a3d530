"""Events of two modules: mod_callcenter (queues and agents) and mod_voicemail.

https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_callcenter_1049389/ (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.freeswitch.reading import time_of
from hub.domain.events import AgentStatusData, CallData, Mapped, VoicemailData
from hub.mapping import EventMaker
from hub.parsing import id_at, whole
from hub.pbx import Heard, party

Event = Mapping[str, Any]
# CC-Action -> our event, and whether it is the agent's leg.
STEPS: Mapping[str, tuple[str, bool]] = {
    "member-queue-start": ("call.queued", False),
    "member-queue-end": ("call.dequeued", False),
    "agent-offering": ("call.ringing", True),
    "bridge-agent-start": ("call.answered", True),
    "bridge-agent-fail": ("call.ended", True),
    "bridge-agent-end": ("call.ended", True),
}
STATUSES: Mapping[str, str] = {
    "Available": "available",
    "Available (On Demand)": "available",
    "On Break": "away",
    "Logged Out": "offline",
}
STATES: Mapping[str, str] = {
    "Idle": "away",
    "Waiting": "available",
    "Receiving": "busy",
    "In a queue call": "on_call",
    "Reserved": "busy",
}


def map_callcenter(heard: Heard, maker: EventMaker) -> Mapped | None:
    """A step of a call in a queue, or an agent's presence; None for counts and the like."""
    action = id_at(heard.event, "CC-Action") or ""
    if action in ("agent-status-change", "agent-state-change"):
        return _presence(heard, maker, action)
    return _in_queue(heard, maker, action) if action in STEPS else None


def _in_queue(heard: Heard, maker: EventMaker, action: str) -> Mapped | None:
    event, (event_type, of_agent) = heard.event, STEPS[action]
    call = id_at(event, "CC-Member-Session-UUID")
    if call is None:
        return None
    agent, queue = id_at(event, "CC-Agent"), id_at(event, "CC-Queue")
    leg = id_at(event, "CC-Agent-UUID") or f"{call}/{agent}"
    data = CallData.model_validate(
        {"call_id": call, "leg_id": leg if of_agent else call, "parent_leg_id": call if of_agent else None}
        | {"agent": agent, "agent_id": agent, "queue": queue, "queue_id": queue, "outcome": _outcome(event, action)}
        | {"customer": _member(event, maker), "direction": "inbound"}
        | {"native_status": action, "native_cause": id_at(event, "CC-Cancel-Reason"), "wait_s": _wait_s(event, action)}
    )
    return Mapped(events=(_made(heard, maker, event_type, data, call, (call, leg, action)),))


def _outcome(event: Event, action: str) -> str | None:
    if action == "member-queue-end":
        # `Terminated`: an agent took the call; `Cancel` with BREAK_OUT: the caller gave up.
        reason = id_at(event, "CC-Cancel-Reason")
        canceled = "abandoned" if reason == "BREAK_OUT" else "no_answer"
        return "answered" if id_at(event, "CC-Cause") == "Terminated" else canceled
    return {"bridge-agent-fail": "no_answer", "bridge-agent-end": "answered"}.get(action)


def _wait_s(event: Event, action: str) -> int | None:
    """From joining the queue to the agent's answer, else to leaving; all in Unix seconds."""
    joined = whole(id_at(event, "CC-Member-Joined-Time"))
    left = _answered_s(event) or whole(id_at(event, "CC-Member-Leaving-Time"))
    return max(0, left - joined) if action == "member-queue-end" and joined and left else None


def _answered_s(event: Event) -> int | None:
    """When an agent took the call that now ends: `member-queue-end` itself comes after the conversation."""
    return whole(id_at(event, "CC-Agent-Answered-Time")) if id_at(event, "CC-Cause") == "Terminated" else None


def _member(event: Event, maker: EventMaker) -> Any:
    return party(id_at(event, "CC-Member-CID-Number"), maker.connection, id_at(event, "CC-Member-CID-Name"))


def _presence(heard: Heard, maker: EventMaker, action: str) -> Mapped | None:
    agent = id_at(heard.event, "CC-Agent")
    named = id_at(heard.event, "CC-Agent-Status" if action == "agent-status-change" else "CC-Agent-State")
    if agent is None:
        return None
    table = STATUSES if action == "agent-status-change" else STATES
    data = AgentStatusData.model_validate(
        {"agent_id": agent, "agent": agent, "status": table.get(named or "", "unknown")}
        | {"native_status": named, "native": {"CC-Action": action}}
    )
    return Mapped(events=(_made(heard, maker, "agent.status_changed", data, agent, (agent, action)),))


def map_voicemail(heard: Heard, maker: EventMaker) -> Mapped | None:
    """A message that was left; None for mailboxes that were read, counted or changed."""
    event = heard.event
    if id_at(event, "VM-Action") != "leave-message":
        return None
    # Builds that name the message name it by the caller's channel; others give no id at all.
    message = id_at(event, "VM-UUID") or id_at(event, "Unique-ID") or heard.id
    call = id_at(event, "Channel-Call-UUID") or message
    user, domain = id_at(event, "VM-User"), id_at(event, "VM-Domain")
    data = VoicemailData.model_validate(
        {"call_id": call, "leg_id": call, "voicemail_id": message, "direction": "inbound"}
        | {"customer": party(id_at(event, "VM-Caller-ID-Number"), maker.connection, id_at(event, "VM-Caller-ID-Name"))}
        | {"mailbox": f"{user}@{domain}" if user and domain else user, "mailbox_kind": "user"}
        | {"duration_s": whole(id_at(event, "VM-Message-Len"))}
    )
    return Mapped(events=(_made(heard, maker, "call.voicemail_left", data, call, (message,)),))


def _made(heard: Heard, maker: EventMaker, event_type: str, data: Any, subject: str, key: tuple[str, ...]) -> Any:
    stamp, answered = id_at(heard.event, "Event-Date-Timestamp"), _answered_s(heard.event)
    when = time_of(str(answered * 1_000_000) if answered else stamp) or time_of(stamp) or heard.at
    return maker.event(event_type, data, subject=subject, time=when, key=(*key, stamp or heard.id))
