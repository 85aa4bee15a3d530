"""Events: what happened, in our words, past tense, in a CloudEvents 1.0 envelope.

`Event.id` depends only on the connection, the type and the platform's own key, so a delivery mapped twice (by us or
sent twice by the platform) gives the same ids. `Event.time` is the platform's own time; where a platform gives none,
it is the time of receipt and `time_quality` says so. Numbers past 2^53 and money are strings.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Literal

from hub.domain.events_calls import (
    AgentStatusData,
    CallData,
    CallFields,
    RecordingData,
    Segment,
    TranscriptData,
    TransferData,
    VoicemailData,
    WrapUpData,
)
from hub.domain.events_messages import Media, MessageChangeData, MessageData
from hub.domain.events_notices import (
    AccountNoticeData,
    ConsentData,
    CustomerChangedData,
    CustomerLinkedData,
    CustomerNamedData,
    EntryChangedData,
    NoticeData,
    PrivacyData,
    TemplateData,
)
from hub.domain.events_records import (
    ActivityData,
    BusinessRecordData,
    Claim,
    Concerning,
    DealData,
    FormData,
    FormField,
    OrderData,
    OrderLine,
    RecordChangedData,
    RecordTouchedData,
    TicketComment,
    TicketData,
)
from hub.domain.parties import Identifier, IdentifierKind, Party, RecordRef
from hub.domain.values import Currency, Model, Money, currency, money, money_from_minor

__all__ = [
    "EVENT_TYPES",
    "AccountNoticeData",
    "ActivityData",
    "AgentStatusData",
    "BusinessRecordData",
    "CallData",
    "CallFields",
    "Claim",
    "Concerning",
    "ConsentData",
    "Currency",
    "CustomerChangedData",
    "CustomerLinkedData",
    "CustomerNamedData",
    "DealData",
    "EntryChangedData",
    "Event",
    "FormData",
    "FormField",
    "Identifier",
    "IdentifierKind",
    "Mapped",
    "Media",
    "MessageChangeData",
    "MessageData",
    "Model",
    "Money",
    "NoticeData",
    "OrderData",
    "OrderLine",
    "Party",
    "PrivacyData",
    "RecordChangedData",
    "RecordRef",
    "RecordTouchedData",
    "RecordingData",
    "Segment",
    "TemplateData",
    "TicketComment",
    "TicketData",
    "TranscriptData",
    "TransferData",
    "Unmapped",
    "VoicemailData",
    "WrapUpData",
    "currency",
    "event_id",
    "instant",
    "money",
    "money_from_minor",
    "unix_ms",
]

# type -> the model of its data; a type that is not here does not exist.
EVENT_TYPES: dict[str, type[Model]] = {
    "message.received": MessageData,
    "message.echoed": MessageData,
    "message.edited": MessageChangeData,
    "message.revoked": MessageChangeData,
    "message.reacted": MessageChangeData,
    "message.status_changed": MessageChangeData,
    "call.started": CallData,
    "call.ringing": CallData,
    "call.queued": CallData,
    "call.dequeued": CallData,
    "call.answered": CallData,
    "call.held": CallData,
    "call.resumed": CallData,
    "call.transferred": TransferData,
    "call.ended": CallData,
    "call.recorded": RecordingData,
    "call.voicemail_left": VoicemailData,
    "call.transcribed": TranscriptData,
    "call.wrapped_up": WrapUpData,
    "agent.status_changed": AgentStatusData,
    "record.touched": RecordTouchedData,
    "contact.changed": RecordChangedData,
    "contact.deleted": RecordChangedData,
    "company.changed": RecordChangedData,
    "company.deleted": RecordChangedData,
    "deal.changed": DealData,
    "deal.deleted": DealData,
    "ticket.changed": TicketData,
    "ticket.deleted": TicketData,
    "order.changed": OrderData,
    "order.deleted": OrderData,
    "activity.logged": ActivityData,
    "form.submitted": FormData,
    "identity.changed": NoticeData,
    "consent.changed": ConsentData,
    "template.changed": TemplateData,
    "account.notice": AccountNoticeData,
    "privacy.deletion_requested": PrivacyData,
    "privacy.data_requested": PrivacyData,
    "timeline.changed": EntryChangedData,
    "customer.linked": CustomerLinkedData,
    "customer.named": CustomerNamedData,
    "customer.changed": CustomerChangedData,
}


class Event(Model):
    """A CloudEvents 1.0 envelope; the extension attributes are ours."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    type: str
    source: str
    subject: str
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
    connection: str
    platform: str
    delivery: str  # the delivery it was mapped from
    received: str  # when that delivery arrived
    raw: str = ""  # pointer to the raw delivery
    timequality: Literal["platform", "received"] = "platform"
    data: dict[str, Any]

    def body(self) -> Model:
        """The typed data; raises pydantic.ValidationError where it does not fit the type."""
        return EVENT_TYPES[self.type].model_validate(self.data)


class Unmapped(Model):
    """A part of a delivery that we have no words for: kept and counted, never an error, never lost."""

    type: str  # the platform's own word, e.g. "messages/unknown_type"; never a personal value
    native: Any = None


class Mapped(Model):
    """What one delivery says. `ignored` counts parts that carry nothing by the platform's own documents (pings)."""

    events: tuple[Event, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    ignored: int = 0


def event_id(connection_id: str, event_type: str, *native_key: object) -> str:
    """32 hex digits, the same for the same thing that happened."""
    text = "\n".join([connection_id, event_type, *(str(part) for part in native_key)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def instant(unix_ms: int) -> str:
    """RFC 3339 UTC with milliseconds; raises ValueError outside years 2000 to 2100 (seconds mistaken for ms)."""
    if not 946_684_800_000 <= unix_ms < 4_102_444_800_000:
        raise ValueError("time outside 2000 to 2100")
    return datetime.fromtimestamp(unix_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{unix_ms % 1000:03d}Z"


def unix_ms(text: str) -> int:
    """The inverse of `instant`; accepts any RFC 3339 time."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
