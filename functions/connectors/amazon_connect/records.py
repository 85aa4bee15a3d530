"""Contact records (contact trace records): what a contact was, sent at least once, and again whenever something changed.

https://docs.aws.amazon.com/connect/latest/adminguide/ctr-data-model.html (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.amazon_connect.reading import (
    CALLED_BY_US,
    DIRECTIONS,
    TRANSFERS,
    arn_id,
    between,
    email_of,
    ended_by,
    is_call,
    number,
    outcome_of,
    party,
    refuse_foreign,
    seconds_at,
    time_at,
    word,
)
from connectors.amazon_connect.recordings import is_voicemail, recordings
from hub.domain.events import CallData, Event, Mapped, Model, TransferData, Unmapped, VoicemailData, WrapUpData
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, list_at, text_at

DISPOSITION, NOTES = "disposition", "notes"
KEPT = ("InitiationMethod", "Channel", "RelatedContactId", "NextContactId", "LanguageCode", "AgentConnectionAttempts",
        "AnsweringMachineDetectionStatus", "Campaign", "LastUpdateTimestamp")  # fmt: skip


class Record:
    """One contact record; the same contact comes again with a later LastUpdateTimestamp."""

    def __init__(self, value: Mapping[str, Any], contact: str, maker: EventMaker) -> None:
        self.value = value
        self.maker = maker
        self.contact = contact
        self.key = (contact, text_at(value, "LastUpdateTimestamp") or maker.delivery_id)
        self.method = text_at(value, "InitiationMethod") or ""
        self.agent = dict_at(value, "Agent")
        self.started = time_at(value, "InitiationTimestamp")
        self.ended = time_at(value, "DisconnectTimestamp")
        self.updated = time_at(value, "LastUpdateTimestamp")
        self.attributes = dict_at(value, "Attributes")

    @property
    def recordings(self) -> list[Any]:
        """The recordings; the first stands under both names, and older records have only one of them."""
        return list_at(self.value, "Recordings") or [dict_at(self.value, "Recording")]

    def about(self) -> dict[str, Any]:
        """Whose call it is, who called whom, and who of ours was in it."""
        first, username = text_at(self.value, "InitialContactId"), text_at(self.agent, "Username")
        before = text_at(self.value, "PreviousContactId") or first
        agent = arn_id(self.agent, "ARN")
        return {
            "call_id": first or self.contact,
            "leg_id": self.contact,
            "parent_leg_id": before if before != self.contact else None,
            "customer": party(text_at(self.value, "CustomerEndpoint", "Address"), self.maker.connection),
            "agent": username or agent,
            "agent_id": agent,
            "agent_email": email_of(username),
            "queue": text_at(self.value, "Queue", "Name") or arn_id(self.value, "Queue", "ARN"),
            "queue_id": arn_id(self.value, "Queue", "ARN"),
            "native": {name: self.value[name] for name in KEPT if self.value.get(name)},
        }

    def event(self, event_type: str, model: type[Model], time: str | None, **more: Any) -> Event:
        """An event of this version of the record."""
        data = model.model_validate(self.about() | more)
        return self.maker.event(event_type, data, subject=self.about()["call_id"], time=time, key=self.key)

    def call(self, event_type: str, time: str | None, **more: Any) -> Event:
        """A step of the call."""
        business = number(text_at(self.value, "SystemEndpoint", "Address"), self.maker.connection)
        direction = DIRECTIONS.get(self.method, "unknown")
        return self.event(event_type, CallData, time, business=business, direction=direction, **more)


def map_record(value: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """The whole call as the record tells it; the times in queues are told by its end, not as steps of their own."""
    refuse_foreign(text_at(value, "InstanceARN"), maker.connection)
    contact, channel = text_at(value, "ContactId"), text_at(value, "Channel")
    if contact is None:
        raise Quarantine("a contact record without a contact")
    if not is_call(channel):
        kept = {name: value[name] for name in KEPT if value.get(name)}
        return Mapped(unmapped=(Unmapped(type=f"record/{word(channel).upper()}", native=kept),))
    record = Record(value, contact, maker)
    events = [*_steps(record), *_transfers(record), *_afterwards(record)]
    events += recordings(record.recordings, record.about(), maker, record.key)
    return Mapped(events=tuple(events))


def _steps(record: Record) -> list[Event]:
    steps = [record.call("call.started", record.started)]
    taken = time_at(record.agent, "ConnectedToAgentTimestamp")
    if taken:
        steps.append(record.call("call.answered", taken))
    if record.ended:
        steps.append(record.call("call.ended", record.ended, **_ending(record)))
    return steps


def _ending(record: Record) -> dict[str, Any]:
    reason = text_at(record.value, "DisconnectReason")
    outcome = outcome_of(
        reason,
        agent=bool(record.agent),
        queued=time_at(record.value, "Queue", "EnqueueTimestamp") is not None,
        by_us=record.method in CALLED_BY_US,
        reached=time_at(record.value, "ConnectedToSystemTimestamp") is not None,
    )
    return {
        "outcome": "voicemail" if _left_voicemail(record) and not record.agent else outcome,
        "ended_by": ended_by(reason),
        "native_cause": reason,
        "duration_s": between(record.started, record.ended),
        "wait_s": seconds_at(record.value, "Queue", "Duration"),
        "talk_s": seconds_at(record.agent, "AgentInteractionDuration"),
        "hold_s": seconds_at(record.agent, "CustomerHoldDuration"),
        "acw_s": seconds_at(record.agent, "AfterContactWorkDuration"),
    }


def _transfers(record: Record) -> list[Event]:
    """The transfer by which this contact began, and the one out of Connect in which it ended."""
    found, about = [], record.about()
    if record.method in TRANSFERS and about["parent_leg_id"]:
        legs = {"leg_id": about["parent_leg_id"], "parent_leg_id": None, "to_leg_id": record.contact}
        # The agent and the queue of this contact are where it went, and its own steps name them.
        nobody = dict.fromkeys(("agent", "agent_id", "agent_email", "queue", "queue_id"))
        found.append(_transfer(record, record.started, {**legs, **nobody, "kind": TRANSFERS[record.method]}))
    outside = text_at(record.value, "TransferredToEndpoint", "Address")
    if outside:
        at = time_at(record.value, "TransferCompletedTimestamp")
        state = "completed" if at else "started"
        to_number = number(outside, record.maker.connection)
        found.append(
            _transfer(record, at or record.ended, {"kind": "external", "to_number": to_number, "state": state})
        )
    return found


def _transfer(record: Record, at: str | None, more: Mapping[str, Any]) -> Event:
    data = TransferData.model_validate({**record.about(), "customer": {}, **more})
    key = (*record.key, data.to_leg_id or "outside")
    return record.maker.event("call.transferred", data, subject=data.call_id, time=at, key=key)


def _afterwards(record: Record) -> list[Event]:
    found = []
    noted = {"code": _attribute(record, DISPOSITION), "notes": _attribute(record, NOTES)}
    if any(noted.values()):
        acw_s = seconds_at(record.agent, "AfterContactWorkDuration")
        at = time_at(record.agent, "AfterContactWorkEndTimestamp") or record.updated
        found.append(record.event("call.wrapped_up", WrapUpData, at, **noted, label=noted["code"], acw_s=acw_s))
    if _left_voicemail(record):
        found.append(_voicemail(record))
    return found


def _attribute(record: Record, what: str) -> str | None:
    """A contact attribute: Connect has no disposition of its own; settings name the attributes that hold it."""
    setting = record.maker.connection.settings.get(f"{what}_attribute")
    return id_at(record.attributes, setting if isinstance(setting, str) and setting else what)


def _left_voicemail(record: Record) -> bool:
    """Whether Voicemail Express (2026) marked the contact; Connect has no voicemail of its own."""
    return id_at(record.attributes, "vmx3_flag") in ("1", "true")


def _voicemail(record: Record) -> Event:
    taken = next((item for item in record.recordings if is_voicemail(item)), None)
    more = {
        "voicemail_id": record.contact,
        "direction": DIRECTIONS.get(record.method, "unknown"),
        "business": number(text_at(record.value, "SystemEndpoint", "Address"), record.maker.connection),
        "mailbox": record.about()["queue"],
        "mailbox_kind": "queue" if record.about()["queue"] else "unknown",
        "recording_id": text_at(taken, "Location"),
    }
    return record.event("call.voicemail_left", VoicemailData, record.ended, **more)
