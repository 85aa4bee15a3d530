"""Agent events from Kinesis: two snapshots of an agent; what differs between them is what happened.

The only source of ringing and holding while it happens.
https://docs.aws.amazon.com/connect/latest/adminguide/agent-event-stream-model.html (read 2026-11)
https://docs.aws.amazon.com/connect/latest/adminguide/about-contact-states.html (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.amazon_connect.reading import (
    DIRECTIONS,
    arn_id,
    email_of,
    is_call,
    refuse_foreign,
    table,
    time_at,
    word,
)
from hub.domain.events import AgentStatusData, CallData, Event, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, list_at, text_at, texts
from hub.times import from_iso

EVENT_TYPES = frozenset({"STATE_CHANGE", "HEART_BEAT", "LOGIN", "LOGOUT"})
RINGING = frozenset({"INCOMING", "PENDING", "CONNECTING"})
TALKING = frozenset({"CONNECTED", "CONNECTED_ONHOLD"})
LOST: Mapping[str, str] = {"MISSED": "no_answer", "REJECTED": "rejected", "ERROR": "failed"}
TYPES: Mapping[str, str] = {"ROUTABLE": "available", "CUSTOM": "away", "OFFLINE": "offline"}
NAMES: Mapping[str, str] = {"available": "available", "offline": "offline"}
STATUSES = frozenset({"available", "busy", "on_call", "wrap_up", "away", "do_not_disturb", "offline"})


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One event with its identity."""

    id: str
    value: Mapping[str, Any]
    agent_id: str
    maker: EventMaker

    @property
    def now(self) -> Mapping[str, Any]:
        """The agent as of this event."""
        return dict_at(self.value, "CurrentAgentSnapshot")

    @property
    def before(self) -> Mapping[str, Any]:
        """The agent as of the event before; empty where nobody says."""
        return dict_at(self.value, "PreviousAgentSnapshot")

    @property
    def sent_at(self) -> str | None:
        """When it happened."""
        return from_iso(text_at(self.value, "EventTimestamp"))

    def who(self) -> dict[str, Any]:
        """The agent: the full name, else the user name, else the id."""
        configuration = dict_at(self.now, "Configuration")
        username = text_at(configuration, "Username")
        name = " ".join(texts([configuration.get("FirstName"), configuration.get("LastName")]))
        return {
            "agent": name or username or self.agent_id,
            "agent_id": self.agent_id,
            "agent_email": email_of(username),
        }


def map_agent_event(value: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """Steps of the agent's calls and the agent's new status; a heartbeat, or a change of settings, is no news."""
    refuse_foreign(text_at(value, "InstanceARN") or text_at(value, "AgentARN"), maker.connection)
    agent_id, event_type = arn_id(value, "AgentARN"), text_at(value, "EventType")
    if agent_id is None:
        raise Quarantine("an agent event without an agent")
    if event_type not in EVENT_TYPES:
        return Mapped(unmapped=(Unmapped(type=f"agent/{word(event_type)}", native={"EventType": word(event_type)}),))
    event = AgentEvent(text_at(value, "EventId") or maker.delivery_id, value, agent_id, maker)
    steps = list(_steps(event)) if event_type == "STATE_CHANGE" else []
    status = [] if event_type == "HEART_BEAT" else _presence(event, event_type)
    events = {one.id: one for one in (*steps, *status)}
    return Mapped(events=tuple(events.values()), ignored=0 if events else 1)


def _contacts(snapshot: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    listed = [item for item in list_at(snapshot, "Contacts") if isinstance(item, dict)]
    return {found: item for item in listed if (found := text_at(item, "ContactId"))}


def _steps(event: AgentEvent) -> Iterable[Event]:
    before, now = _contacts(event.before), _contacts(event.now)
    for contact in sorted(before.keys() | now.keys()):
        item, earlier = now.get(contact), before.get(contact)
        if is_call(text_at(item or earlier, "Channel")):
            was = text_at(earlier, "State")
            step = _step(was, text_at(item, "State") if item else None)
            if step:
                yield _call(event, contact, item or earlier or {}, *step)


def _step(was: str | None, state: str | None) -> tuple[str, str | None] | None:
    """The type and outcome of what a change of state means; a state that is None is no longer shown."""
    if was == state:
        return None
    if state in RINGING:
        return None if was in RINGING else ("call.ringing", None)
    if state == "CONNECTED":
        return ("call.resumed" if was == "CONNECTED_ONHOLD" else "call.answered"), None
    if state == "CONNECTED_ONHOLD":
        return "call.held", None
    if was in TALKING and state in ("ENDED", "ERROR", None):
        return "call.ended", "answered"
    if state and state in LOST:
        return "call.ended", LOST[state]
    return ("call.ended", "canceled") if was in RINGING and state in ("ENDED", None) else None


def _call(event: AgentEvent, contact: str, item: Mapping[str, Any], event_type: str, outcome: str | None) -> Event:
    """A step of the agent's own leg: where one does not answer, the caller goes on waiting for another."""
    first = text_at(item, "InitialContactId")
    data = CallData.model_validate(
        event.who()
        | {
            "call_id": first or contact,
            "leg_id": f"{contact}/{event.agent_id}",
            "parent_leg_id": contact,
            "direction": DIRECTIONS.get(text_at(item, "InitiationMethod") or "", "unknown"),
            "queue": text_at(item, "Queue", "Name") or arn_id(item, "Queue", "ARN"),
            "queue_id": arn_id(item, "Queue", "ARN"),
            "outcome": outcome,
            "native_status": text_at(item, "State"),
        }
    )
    gone = contact not in _contacts(event.now)
    at = None if gone else time_at(item, "StateStartTimestamp")
    return event.maker.event(event_type, data, subject=data.call_id, time=at or event.sent_at, key=(event.id, contact))


def _presence(event: AgentEvent, event_type: str) -> list[Event]:
    status = "offline" if event_type == "LOGOUT" else _status(event.now, event)
    name = text_at(event.now, "AgentStatus", "Name")
    earlier = (_status(event.before, event), text_at(event.before, "AgentStatus", "Name"))
    if event_type == "STATE_CHANGE" and event.before and (status, name) == earlier:
        return []
    profile = dict_at(event.now, "Configuration", "RoutingProfile")
    working = [found for found, item in _contacts(event.now).items() if text_at(item, "State") in TALKING]
    data = AgentStatusData.model_validate(
        event.who()
        | {
            "status": status,
            "native_status": name,
            "reason": event_type,
            "queues": texts(text_at(queue, "Name") for queue in list_at(profile, "InboundQueues")),
            "call_id": working[0] if len(working) == 1 else None,
        }
    )
    return [
        event.maker.event("agent.status_changed", data, subject=event.agent_id, time=event.sent_at, key=(event.id,))
    ]


def _status(snapshot: Mapping[str, Any], event: AgentEvent) -> str:
    """What the agent does, by the contacts first, then by the status that the agent chose."""
    states = {text_at(item, "State") for item in _contacts(snapshot).values()}
    for status, meant in (("on_call", TALKING), ("wrap_up", frozenset({"ENDED"})), ("busy", RINGING)):
        if states & meant:
            return status
    name = (text_at(snapshot, "AgentStatus", "Name") or "").lower()
    own = table(event.maker.connection, "statuses")
    by_type = TYPES.get(text_at(snapshot, "AgentStatus", "Type") or "")
    # A status that a company made itself takes no calls: only Available does.
    found = own.get(name) or NAMES.get(name) or by_type or ("away" if name else "unknown")
    return found if found in STATUSES else "unknown"
