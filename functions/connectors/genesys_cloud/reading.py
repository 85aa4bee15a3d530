"""What Genesys Cloud's words mean: topics, addresses with a scheme, ids that the settings give names to, endings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hub.delivery import Connection
from hub.domain.events import Event, Model, Party, RecordRef
from hub.domain.events_calls import Direction
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, int_at, text_at, texts
from hub.phones import phone_identifier
from hub.times import any_time, from_iso

DIRECTIONS: Mapping[str, Direction] = {"INBOUND": "inbound", "OUTBOUND": "outbound"}
TransferKind = Literal["blind", "consult", "conference"]
TRANSFERS: Mapping[str, TransferKind | None] = {
    "TRANSFER": "blind",
    "CONSULT_TRANSFER": "consult",
    "CONFERENCE_TRANSFER": "conference",
    "FORWARD_TRANSFER": None,
    "NO_ANSWER_TRANSFER": None,
    "NOT_AVAILABLE_TRANSFER": None,
}
FAILURES = frozenset({"ERROR", "TRANSPORT_FAILURE", "UNCALLABLE"})
KEPT = ("mediaType", "provider", "direction", "divisionId", "participantId", "sessionId", "disconnectType", "flowId",
        "flowType", "acdOutcome", "usedRouting", "requestedRoutings", "routingPriority")  # fmt: skip

_ID = r"[0-9a-zA-Z-]{1,80}"
_TOPIC = re.compile(
    rf"v2\.(detail\.events\.conversation|conversations|users)\.(?:\{{id\}}|({_ID}))\.([a-zA-Z.]{{1,80}})"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.{} -]{0,79}", re.ASCII)
_SIP_NUMBER = re.compile(r"sips?:(\+[0-9]{7,15})(?:[@;].*)?", re.IGNORECASE | re.ASCII)
WITHHELD = ("anonymous", "unavailable", "unknown", "restricted", "private")


def word(value: Any) -> str:
    """A type word of Genesys', or "unknown" where the text may be something else."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "unknown"


@dataclass(frozen=True, slots=True)
class Topic:
    """What an event is about: its family (`detail.events.conversation`, `conversations`, `users`), id and name."""

    family: str
    id: str | None
    name: str


def topic_of(text: str | None) -> Topic | None:
    """The topic with an id or with `{id}` in its place; None for what is none."""
    match = _TOPIC.fullmatch(text) if text else None
    return Topic(match[1], match[2], match[3]) if match else None


@dataclass(frozen=True, slots=True)
class Detail:
    """One event: its topic, its body, and what identifies it."""

    topic: Topic
    body: Mapping[str, Any]
    key: tuple[object, ...]
    sent_at: str | None
    maker: EventMaker

    @property
    def conversation(self) -> str | None:
        """The conversation's id."""
        return text_at(self.body, "conversationId") or self.topic.id

    @property
    def direction(self) -> Direction:
        """As the event says."""
        return DIRECTIONS.get(text_at(self.body, "direction") or "", "unknown")

    @property
    def at(self) -> str | None:
        """When it happened; else when it was published."""
        changed = text_at(self.body, "modifiedDate") or text_at(self.body, "routingStatus", "startTime")
        return any_time(self.body.get("eventTime")) or from_iso(changed) or self.sent_at

    def about(self, *, session: bool = False, within: bool = False) -> dict[str, Any]:
        """Whose call it is; `session`: of this leg alone, `within`: a leg of our side inside the conversation."""
        call = self.conversation
        return {
            "call_id": call,
            "leg_id": (text_at(self.body, "sessionId") if session else None) or call,
            "parent_leg_id": call if within and text_at(self.body, "sessionId") else None,
            **named(self, "queue", "queueId"),
            "native_status": word(self.topic.name),
            "native": {name: self.body[name] for name in KEPT if self.body.get(name)},
        }

    def agent(self, name: str = "userId") -> dict[str, Any]:
        """Who of ours."""
        return named(self, "agent", name)

    def sides(self) -> dict[str, Any]:
        """Customer and our number, by the direction; for the sessions that are the customer's own."""
        outside, ours = ("ani", "dnis") if self.direction == "inbound" else ("dnis", "ani")
        if self.direction == "unknown":
            return {}
        connection = self.maker.connection
        return {
            "direction": self.direction,
            "customer": party(text_at(self.body, outside), contact(self.body), connection),
            "business": number(text_at(self.body, ours), connection),
        }

    def event(self, event_type: str, model: type[Model], data: Mapping[str, Any], subject: str) -> Event:
        """An event whose identity is Genesys' own."""
        return self.maker.event(event_type, model.model_validate(data), subject=subject, time=self.at, key=self.key)


def detail_of(envelope: Mapping[str, Any], maker: EventMaker) -> Detail | None:
    """The event in an EventBridge envelope, or None where its topic is of no form that is documented."""
    detail, named_type = dict_at(envelope, "detail"), text_at(envelope, "detail-type")
    topic = topic_of(text_at(detail, "topicName")) or topic_of(named_type)
    body = dict_at(detail, "eventBody")
    if topic is None:
        return None
    identity = text_at(detail, "metadata", "CorrelationId") or text_at(envelope, "id") or maker.delivery_id
    key = (identity, text_at(detail, "topicName") or named_type, body.get("eventTime"))
    sent_at = from_iso(text_at(detail, "timestamp")) or from_iso(text_at(envelope, "time"))
    return Detail(topic, body, key, sent_at, maker)


def named(detail: Detail, what: Literal["agent", "queue"], field: str) -> dict[str, str | None]:
    """An id with the name that the settings give it: Genesys sends ids only."""
    found = id_at(detail.body, field)
    names = table(detail.maker.connection, f"{what}s")
    return {what: names.get(found.lower(), found) if found else None, f"{what}_id": found}


def table(connection: Connection, name: str) -> dict[str, str]:
    """A setting that is a list of `id=name` as a table, its keys in lower case."""
    listed = connection.settings.get(name)
    pairs = [text.split("=", 1) for text in texts(listed if isinstance(listed, list) else [listed]) if "=" in text]
    return {key.strip().lower(): value.strip() for key, value in pairs}


def contact(body: Mapping[str, Any]) -> RecordRef | None:
    """The external contact that Genesys has tied to the customer's own session."""
    found = text_at(body, "externalContactId")
    return RecordRef(object="contact", id=found, native_object="externalcontacts") if found else None


def party(raw: str | None, record: RecordRef | None, connection: Connection) -> Party:
    """The customer with that address (`tel:+…`, `sip:+…@…`) and that contact; what is no number is kept beside."""
    found = phone_identifier(_bare(raw), connection.default_region)
    known = tuple(filter(None, (found, record.identifier(connection.id) if record and len(record.id) < 100 else None)))
    if found or not raw:
        return Party(identifiers=known)
    return Party(identifiers=known, raw_phone=raw, phone_reason=_why_not(raw.lower()))


def number(raw: str | None, connection: Connection) -> str | None:
    """Our own number as E.164, else as Genesys wrote it."""
    found = phone_identifier(_bare(raw), connection.default_region)
    return found.value if found else raw


def _bare(raw: str | None) -> str | None:
    """A SIP address whose user is an international number is that number; any other is none."""
    match = _SIP_NUMBER.fullmatch(raw) if raw else None
    return match[1] if match else raw


def _why_not(raw: str) -> Literal["withheld", "sip", "invalid"]:
    if raw.partition(":")[2].partition("@")[0] in WITHHELD or raw in WITHHELD:
        return "withheld"
    return "sip" if raw.startswith(("sip:", "sips:")) else "invalid"


def seconds(body: Mapping[str, Any], name: str) -> int | None:
    """Milliseconds there as whole seconds; None for what is none."""
    found = int_at(body, name)
    return found // 1000 if found is not None and found >= 0 else None
