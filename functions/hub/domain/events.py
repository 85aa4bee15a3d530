"""Events: what happened, in our words, past tense, in a CloudEvents 1.0 envelope.

`Event.id` depends only on the connection, the type and the platform's own key, so a delivery mapped twice (by us or
sent twice by the platform) gives the same ids. `Event.time` is the platform's own time; where a platform gives none,
it is the time of receipt and `time_quality` says so. Numbers past 2^53 and money are strings.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

IdentifierKind = Literal[
    "phone",  # E.164 with +
    "email",  # lower case
    "whatsapp_user_id",  # business-scoped user id, scoped to a Meta business portfolio
    "whatsapp_parent_user_id",
    "username",
    "record",  # "<object>:<id>" on the connection in `scope`
    "sip",
    "client",
]


class Model(BaseModel):
    """Frozen, closed: an unknown field in our own model is a bug."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Identifier(Model):
    """One thing a customer is known by. `scope` is the connection (or portfolio) inside which `value` is unique."""

    kind: IdentifierKind
    value: str = Field(min_length=1, max_length=512)
    scope: str = ""

    @property
    def key(self) -> str:
        """Canonical text of the identifier; personal, so it is only ever stored as a keyed hash."""
        return f"{self.kind}\n{self.scope}\n{self.value}"


class Party(Model):
    """The customer's side of an event: all identifiers named here are attested to be the same person.

    `raw_phone` keeps what the platform sent where it is no phone number we can compare.
    """

    identifiers: tuple[Identifier, ...] = ()
    name: str | None = None
    raw_phone: str | None = None


class Media(Model):
    """A file on the platform; `url` expires, `id` is what it is fetched by."""

    id: str | None = None
    url: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    caption: str | None = None
    voice: bool | None = None


class MessageData(Model):
    """A message received from, or sent to, a customer. `content` is text, image, audio … in the platform's word.

    `native` keeps the platform's own object for everything without a field of ours (location, order, flow reply …).
    """

    message_id: str
    channel: Literal["whatsapp", "sms"]
    direction: Literal["inbound", "outbound"]
    customer: Party
    business: str | None = None  # our number: E.164 or the platform's id of it
    content: str = "text"
    text: str | None = None
    media: tuple[Media, ...] = ()
    reply_to: str | None = None
    group_id: str | None = None
    forwarded: bool = False
    origin: Literal["live", "history", "standby", "echo"] = "live"
    native: dict[str, Any] = Field(default_factory=dict)


class MessageChangeData(Model):
    """Something that happened to an earlier message: `message_id` names that one.

    status: sent|delivered|read|played|failed (or the platform's own); reaction: emoji or None when taken back.
    """

    message_id: str
    channel: Literal["whatsapp", "sms"]
    customer: Party
    business: str | None = None
    status: str | None = None
    reaction: str | None = None
    text: str | None = None
    change_id: str | None = None
    group_id: str | None = None
    by: Literal["customer", "business", "platform"] = "platform"
    callback_data: str | None = None
    errors: tuple[dict[str, Any], ...] = ()
    native: dict[str, Any] = Field(default_factory=dict)


class CallData(Model):
    """A fact about a call. `call_id` is the platform's id of the whole conversation, `leg_id` of this leg.

    `customer` is empty on legs that name only our own side. Durations in whole seconds, None where unknown.
    """

    call_id: str
    leg_id: str
    parent_leg_id: str | None = None
    direction: Literal["inbound", "outbound", "internal", "unknown"] = "unknown"
    customer: Party = Party()
    business: str | None = None
    agent: str | None = None
    queue: str | None = None
    outcome: (
        Literal["answered", "no_answer", "busy", "rejected", "canceled", "failed", "abandoned", "voicemail", "unknown"]
        | None
    ) = None
    duration_s: int | None = None
    sequence: int | None = None
    native_status: str | None = None
    native: dict[str, Any] = Field(default_factory=dict)


class RecordingData(Model):
    """A recording or voicemail of a call, joined to it by `call_id`."""

    call_id: str
    leg_id: str
    recording_id: str
    status: Literal["started", "available", "absent", "failed", "unknown"] = "available"
    url: str | None = None
    duration_s: int | None = None
    channels: int | None = None
    voicemail: bool = False
    native: dict[str, Any] = Field(default_factory=dict)


class RecordRef(Model):
    """A record on a CRM: `object` is contact, company, deal … (ours), `native_object` the platform's word."""

    object: str
    id: str
    native_object: str | None = None
    url: str | None = None

    def identifier(self, connection_id: str) -> Identifier:
        """The record as an identifier of a customer."""
        return Identifier(kind="record", scope=connection_id, value=f"{self.object}:{self.id}")


class Claim(Model):
    """A field's value as one platform holds it since `at` (RFC 3339 UTC).

    `precision` tells how well `at` is known: of the field itself, or only of the whole record.
    Fields of a contact: name, first_name, last_name, email, phone, mobile, title, company, lifecycle; of a company:
    name, phone, website.
    """

    field: str
    value: str | None
    at: str
    precision: Literal["field", "row"] = "field"


class RecordTouchedData(Model):
    """A platform says that a record changed, without saying enough: it must be read.

    `fields` are the platform's property names that changed, where it names them. `carried` says that the change itself
    came along in another event, so that reading is only needed to learn who a record new to us belongs to.
    """

    record: RecordRef
    change: Literal["created", "changed", "deleted", "restored", "merged", "associated", "gap"] = "changed"
    fields: tuple[str, ...] = ()
    merged_ids: tuple[str, ...] = ()
    carried: bool = False
    native: dict[str, Any] = Field(default_factory=dict)


class RecordChangedData(Model):
    """A record's fields as the platform holds them; `changed` are those (of ours) that this change is about."""

    record: RecordRef
    change: Literal["created", "changed", "deleted", "restored"] = "changed"
    claims: tuple[Claim, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    changed: tuple[str, ...] = ()
    created_at: str | None = None
    actor: str | None = None
    native: dict[str, Any] = Field(default_factory=dict)


class NoticeData(Model):
    """News about an account, template, number, consent or anything else that is no message, call or record."""

    subject: str | None = None
    customer: Party = Party()
    status: str | None = None
    native: dict[str, Any] = Field(default_factory=dict)


class EntryChangedData(Model):
    """A timeline entry was written: read it by `entry` (it may be newer by now)."""

    entry: str
    persona: str | None = None
    kind: str


class CustomerLinkedData(Model):
    """A persona gained an identifier, a record or a link: what waited for that can go on."""

    persona: str


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
    "call.answered": CallData,
    "call.ended": CallData,
    "call.recorded": RecordingData,
    "record.touched": RecordTouchedData,
    "contact.changed": RecordChangedData,
    "contact.deleted": RecordChangedData,
    "company.changed": RecordChangedData,
    "company.deleted": RecordChangedData,
    "identity.changed": NoticeData,
    "consent.changed": NoticeData,
    "timeline.changed": EntryChangedData,
    "customer.linked": CustomerLinkedData,
    "privacy.deletion_requested": RecordTouchedData,
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
