"""Plivo's forms to events, by the parameters they carry."""

from __future__ import annotations

from collections.abc import Callable

from connectors.plivo.calls import map_call, map_dial
from connectors.plivo.messages import map_message
from connectors.plivo.reading import Fields, first
from connectors.plivo.recordings import map_recording, map_transcription
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_form
from hub.whatsapp.reading import word

Mapper = Callable[[Fields, EventMaker], Mapped]
MAX_BODY = 256 * 1024  # bytes


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts; raises Quarantine for what no callback of this account looks like."""
    if len(delivery.body) > MAX_BODY:
        raise Quarantine("larger than Plivo sends")
    fields = {name: value for name, value in parse_form(delivery.body).items() if value}
    _check_account(first(fields, "ParentAuthID", "AuthID"), connection)
    return _mapper(fields)(fields, EventMaker(delivery, connection))


def _check_account(auth_id: str | None, connection: Connection) -> None:
    expected = connection.settings.get("auth_id")
    if expected and auth_id and auth_id != expected:
        raise Quarantine("ParentAuthID is of another account")


def _mapper(fields: Fields) -> Mapper:
    """The mapper of the first row of which the delivery has a parameter."""
    for names, mapper in ROUTES:
        if any(name in fields for name in names):
            return mapper
    raise Quarantine("no parameter of a Plivo callback")


def _unmapped(family: str, *type_names: str) -> Mapper:
    """Callbacks that we have no words for: counted by the first of those parameters that is there."""

    def mapper(fields: Fields, _maker: EventMaker) -> Mapped:
        found = first(fields, *type_names)
        return Mapped(unmapped=(Unmapped(type=f"{family}/{word(found)}" if found else family, native=dict(fields)),))

    return mapper


# The order matters: what happens within a call repeats the call's own parameters.
ROUTES: tuple[tuple[tuple[str, ...], Mapper], ...] = (
    (("MessageUUID",), map_message),
    (("SessionUUID", "SessionVirtualNumber"), _unmapped("masking", "EventName")),
    (("MPCUUID", "MPCName"), _unmapped("multiparty", "EventName")),
    (("ConferenceUUID", "ConferenceName"), _unmapped("conference", "ConferenceAction")),
    (("transcription", "transcription_rate"), map_transcription),
    (("DialAction", "DialStatus"), map_dial),
    (("RecordUrl", "RecordingID", "RecordFile"), map_recording),
    (("Digits", "Speech", "InputType"), _unmapped("input")),
    (("Machine",), _unmapped("machine_detection")),
    (("CallStatus",), map_call),
    (("CallUUID", "CallUuid"), _unmapped("call", "Event")),
)
