"""Conferences, as far as they say something of one call: a participant put on hold and taken back."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.twilio.reading import Fields, native, time, time_ms, word
from hub.domain.events import CallData, Mapped, Unmapped
from hub.mapping import EventMaker
from hub.parsing import whole

# https://www.twilio.com/docs/voice/twiml/conference (read 2026-11)
STEPS: Mapping[str, str] = {"participant-hold": "call.held", "participant-unhold": "call.resumed"}
USED = frozenset({"AccountSid", "CallSid", "Timestamp", "SequenceNumber"})


def map_conference(fields: Fields, maker: EventMaker) -> Mapped:
    """call.held or call.resumed of the participant's call; everything else is unmapped."""
    named = fields.get("StatusCallbackEvent", "")
    if named not in STEPS or "CallSid" not in fields:
        type_word = f"conference/{word(named)}" if named else "conference"
        return Mapped(unmapped=(Unmapped(type=type_word, native=native(fields, frozenset())),))
    call = fields["CallSid"]
    data = CallData(
        call_id=call,
        leg_id=call,
        sequence=whole(fields.get("SequenceNumber")),
        native_status=named,
        native=native(fields, USED),
    )
    when = time(time_ms(fields.get("Timestamp")))
    # SequenceNumber counts within one conference.
    key = (fields.get("ConferenceSid"), call, named, fields.get("SequenceNumber") or fields.get("Timestamp", ""))
    return Mapped(events=(maker.event(STEPS[named], data, subject=call, time=when, key=key),))
