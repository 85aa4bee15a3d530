"""Contact events from EventBridge: best effort, in no order, sometimes with nothing but ids.

https://docs.aws.amazon.com/connect/latest/adminguide/contact-events.html (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.amazon_connect.reading import (
    CALLED_BY_US,
    DIRECTIONS,
    MACHINES,
    TRANSFERS,
    arn_id,
    between,
    ended_by,
    is_call,
    lowered,
    number,
    outcome_of,
    party,
    refuse_foreign,
    seconds_at,
    time_at,
    word,
)
from connectors.amazon_connect.recordings import recordings
from hub.domain.events import CallData, Event, Mapped, TransferData, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, list_at, text_at
from hub.times import from_iso

KEPT = ("relatedcontactid", "channel", "initiationmethod", "customerid", "campaign", "segmentattributes",
        "answeringmachinedetectionstatus", "updatedproperties")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """One event: its envelope's id and time, and its detail with lower-case keys."""

    id: str
    event_type: str
    detail: Mapping[str, Any]
    sent_at: str | None
    maker: EventMaker

    @property
    def method(self) -> str:
        """How the contact began, in Connect's word."""
        return text_at(self.detail, "initiationmethod") or ""

    @property
    def reached(self) -> str | None:
        """When an agent took it."""
        return time_at(self.detail, "agentinfo", "connectedtoagenttimestamp")

    def at(self, *path: str) -> str | None:
        """The moment there, else the event's own."""
        return time_at(self.detail, *path) or self.sent_at

    def about(self) -> dict[str, Any]:
        """Whose call it is, and who of ours is in it."""
        contact, first = text_at(self.detail, "contactid") or "", text_at(self.detail, "initialcontactid")
        before = text_at(self.detail, "previouscontactid") or first
        # Somebody to whom it is only offered (1970 as the time) has not taken it yet.
        offered = self.reached is None and text_at(self.detail, "agentinfo", "connectedtoagenttimestamp") is not None
        agent = None if offered else arn_id(self.detail, "agentinfo", "agentarn")
        return {
            "call_id": first or contact,
            "leg_id": contact,
            "parent_leg_id": before if before != contact else None,
            "agent": agent,
            "agent_id": agent,
            "queue": arn_id(self.detail, "queueinfo", "queuearn"),
            "queue_id": arn_id(self.detail, "queueinfo", "queuearn"),
            "native_status": self.event_type,
            "native": {name: self.detail[name] for name in KEPT if self.detail.get(name)},
        }

    def call(self, event_type: str, time: str | None, **more: Any) -> Event:
        """A step of the call."""
        endpoints = {
            "customer": party(text_at(self.detail, "customerendpoint", "address"), self.maker.connection),
            "business": number(text_at(self.detail, "systemendpoint", "address"), self.maker.connection),
            "direction": DIRECTIONS.get(self.method, "unknown"),
        }
        return self.event(event_type, CallData.model_validate(self.about() | endpoints | more), time)

    def event(self, event_type: str, data: Any, time: str | None, *key: object) -> Event:
        """An event whose identity is that of the envelope."""
        return self.maker.event(event_type, data, subject=data.call_id, time=time, key=(self.id, *key))


def map_contact_event(envelope: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """What one contact event says; chats, tasks and e-mails are unmapped, for they are no calls."""
    detail = lowered(dict_at(envelope, "detail"))
    refuse_foreign(text_at(detail, "instancearn"), maker.connection)
    event_type, channel = text_at(detail, "eventtype"), text_at(detail, "channel")
    if not text_at(detail, "contactid"):
        raise Quarantine("a contact event without a contact")
    if not is_call(channel) or event_type is None or event_type not in STEPS:
        named = f"{word(channel).upper()}/{word(event_type)}"
        return Mapped(unmapped=(Unmapped(type=named, native=dict_at(envelope, "detail")),))
    identity = text_at(envelope, "id") or maker.delivery_id
    contact = Contact(identity, event_type, detail, from_iso(text_at(envelope, "time")), maker)
    events = tuple(STEPS[event_type](contact))
    return Mapped(events=events, ignored=0 if events else 1)


def _started(contact: Contact) -> list[Event]:
    at = contact.at("initiationtimestamp")
    events = [contact.call("call.started", at)]
    if contact.method in TRANSFERS and contact.event_type == "INITIATED":
        events.append(_transferred(contact, at))
    return events


def _transferred(contact: Contact, at: str | None) -> Event:
    """The contact before goes on in this one."""
    about = contact.about()
    moved = {"leg_id": about["parent_leg_id"] or about["leg_id"], "parent_leg_id": None, "to_leg_id": about["leg_id"]}
    nobody = dict.fromkeys(("agent", "agent_id", "queue", "queue_id"))
    data = TransferData.model_validate(about | moved | nobody | {"kind": TRANSFERS[contact.method], "state": "started"})
    return contact.event("call.transferred", data, at)


def _connected(contact: Contact) -> list[Event]:
    """Of a call of ours: the other side took it. Of any other: the flow began, which says no more than its start."""
    if contact.method not in CALLED_BY_US:
        return _started(contact)
    if text_at(contact.detail, "answeringmachinedetectionstatus") in MACHINES:
        return [contact.call("call.started", contact.at("initiationtimestamp"))]
    return [contact.call("call.answered", contact.at("connectedtosystemtimestamp"))]


def _queued(contact: Contact) -> list[Event]:
    return [contact.call("call.queued", contact.at("queueinfo", "enqueuetimestamp"))]


def _answered(contact: Contact) -> list[Event]:
    at, since = contact.at("agentinfo", "connectedtoagenttimestamp"), _enqueued(contact)
    answered = contact.call("call.answered", at)
    if since is None or contact.method in CALLED_BY_US:
        return [answered]
    return [contact.call("call.dequeued", at, outcome="answered", wait_s=between(since, at)), answered]


def _ended(contact: Contact) -> list[Event]:
    reason = text_at(contact.detail, "disconnectreason")
    by_us = contact.method in CALLED_BY_US
    taken = time_at(contact.detail, "connectedtosystemtimestamp")
    machine = text_at(contact.detail, "answeringmachinedetectionstatus") in MACHINES
    outcome = outcome_of(
        reason,
        agent=contact.reached is not None,
        queued=_enqueued(contact) is not None,
        by_us=by_us,
        reached=taken is not None and not machine,
    )
    times = [time_at(contact.detail, name) for name in ("initiationtimestamp", "disconnecttimestamp")]
    ending = {"outcome": outcome, "ended_by": ended_by(reason), "native_cause": reason, "duration_s": between(*times)}
    # COMPLETED comes when the agent's work is done, which began when the call was over.
    over = times[1] or contact.at("agentinfo", "aftercontactworkstarttimestamp")
    return [contact.call("call.ended", over, acw_s=_acw_s(contact), **ending)]


def _completed(contact: Contact) -> list[Event]:
    """After the agent's work: the end again, with how long that work took, and the recordings."""
    found = recordings(list_at(contact.detail, "recordings"), contact.about(), contact.maker, contact.id)
    return [*_ended(contact), *found]


def _acw_s(contact: Contact) -> int | None:
    agent = dict_at(contact.detail, "agentinfo")
    begun, done = (time_at(agent, f"aftercontactwork{name}timestamp") for name in ("start", "end"))
    told = seconds_at(agent, "aftercontactworkduration")
    return between(begun, done) if told is None else told


def _enqueued(contact: Contact) -> str | None:
    return time_at(contact.detail, "queueinfo", "enqueuetimestamp")


def _nothing(_contact: Contact) -> list[Event]:
    return []


# PAUSED and RESUMED are of tasks; that properties changed, or detection is off, is no news of the call itself.
STEPS: Mapping[str, Callable[[Contact], list[Event]]] = {
    "INITIATED": _started,
    "WEBRTC_API": _started,
    "CONNECTED_TO_SYSTEM": _connected,
    "QUEUED": _queued,
    "CONNECTED_TO_AGENT": _answered,
    "DISCONNECTED": _ended,
    "COMPLETED": _completed,
    "CONTACT_DATA_UPDATED": _nothing,
    "AMD_DISABLED": _nothing,
}
