"""The REST interface's events: JSON, one channel or two in each; the call is known by a channel variable, see the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.asterisk.reading import DIALLED, dialled_leg, first_leg, outcome_of, word
from hub.domain.events import CallData, Mapped, RecordingData, TransferData, Unmapped
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, int_at, text_at
from hub.pbx import Heard, is_own, number
from hub.times import from_iso

LINKED = "CHANNEL(linkedid)"
STATES = {"Ringing": "call.ringing", "Up": "call.answered"}
STEPS: Mapping[str, str] = {
    "StasisStart": "call.started",
    "ChannelCreated": "call.started",
    "ChannelDestroyed": "call.ended",
    "ChannelHold": "call.held",
    "ChannelUnhold": "call.resumed",
}
RECORDINGS = {"RecordingStarted": "started", "RecordingFinished": "available", "RecordingFailed": "failed"}
RINGING = frozenset({"", "RINGING", "PROGRESS", "PROCEEDING"})
Legs = dict[str, str | None]


def map_ari(heard: Heard, maker: EventMaker) -> Mapped:
    """What one event says; unmapped by its type where it says nothing of a call's way."""
    event_type = text_at(heard.event, "type") or ""
    mapper = _MAPPERS.get(event_type)
    found = mapper(heard, maker) if mapper else None
    return found or Mapped(unmapped=(Unmapped(type=f"ari/{word(event_type)}", native=heard.event),))


def _step(heard: Heard, maker: EventMaker) -> Mapped | None:
    event_type = text_at(heard.event, "type") or ""
    return _call(heard, maker, STEPS[event_type], "channel", _end(heard) if event_type == "ChannelDestroyed" else {})


def _state(heard: Heard, maker: EventMaker) -> Mapped | None:
    state = text_at(heard.event, "channel", "state") or ""
    if _legs(heard) is None:
        return None
    return _call(heard, maker, STATES[state], "channel", {}, state) if state in STATES else Mapped(ignored=1)


def _dial(heard: Heard, maker: EventMaker) -> Mapped | None:
    """An empty status is the beginning of a dial; the peer is the channel that is dialled."""
    status = text_at(heard.event, "dialstatus") or ""
    if status in RINGING:
        return _call(heard, maker, "call.ringing", "peer", {}, status)
    if status == "ANSWER":
        return _call(heard, maker, "call.answered", "peer", {}, status)
    said = {"outcome": DIALLED.get(status), "native_cause": status}
    return _call(heard, maker, "call.ended", "peer", said, status) if status in DIALLED else None


def _end(heard: Heard) -> dict[str, Any]:
    cause = int_at(heard.event, "cause")
    up = text_at(heard.event, "channel", "state") == "Up"
    return {"outcome": outcome_of(cause, up), "native_cause": None if cause is None else str(cause)}


def _call(
    heard: Heard, maker: EventMaker, event_type: str, role: str, said: dict[str, Any], *key: str
) -> Mapped | None:
    legs, channel, native = _legs(heard, role), dict_at(heard.event, role), text_at(heard.event, "type")
    if legs is None:
        return None
    data = CallData.model_validate(
        _sides(channel, legs, event_type, maker)
        | {**legs, **said}
        | {"native_status": native, "native": _kept(heard, channel)}
    )
    ids = (data.leg_id, native, *key, text_at(heard.event, "timestamp") or heard.id)
    return Mapped(events=(maker.event(event_type, data, subject=data.call_id, time=_time(heard), key=ids),))


def _sides(channel: Mapping[str, Any], legs: Legs, event_type: str, maker: EventMaker) -> dict[str, Any]:
    """The channel that began the call tells who called whom, and only at its beginning."""
    name = text_at(channel, "name")
    if legs["parent_leg_id"]:
        return dialled_leg(name, maker.connection).fields()
    if event_type != "call.started":
        return {}
    caller, shown = id_at(channel, "caller", "number"), text_at(channel, "caller", "name")
    called, context = id_at(channel, "dialplan", "exten"), text_at(channel, "dialplan", "context")
    return first_leg(caller, shown, called, name, context, maker.connection).fields()


def _legs(heard: Heard, role: str = "channel") -> Legs | None:
    """Call, channel and parent: by the linked id where ari.conf passes it on, else by the channel that dials."""
    leg = id_at(heard.event, role, "id")
    if leg is None:
        return None
    dialling = id_at(heard.event, "caller", "id") if role == "peer" else None
    call = id_at(heard.event, role, "channelvars", LINKED) or dialling or leg
    return {"call_id": call, "leg_id": leg, "parent_leg_id": None if leg == call else dialling or call}


def _transferred(heard: Heard, maker: EventMaker) -> Mapped | None:
    blind = text_at(heard.event, "type") == "BridgeBlindTransfer"
    legs = _legs(heard, "channel" if blind else "transferer_first_leg")
    if legs is None:
        return None
    target = id_at(heard.event, "exten") if blind else id_at(heard.event, "transfer_target", "caller", "number")
    own = is_own(target, maker.connection) if target else False
    result = text_at(heard.event, "result")
    data = TransferData.model_validate(
        legs
        | {"kind": "blind" if blind else "consult", "state": "completed" if result == "Success" else "failed"}
        | {"to_agent": target if own else None, "to_number": None if own else number(target, maker.connection)}
        | {"to_leg_id": id_at(heard.event, "transfer_target", "id"), "native_status": result}
    )
    key = (data.leg_id, text_at(heard.event, "type"), text_at(heard.event, "timestamp") or heard.id)
    return Mapped(events=(maker.event("call.transferred", data, subject=data.call_id, time=_time(heard), key=key),))


def _recorded(heard: Heard, maker: EventMaker) -> Mapped | None:
    """A recording of a channel; one of a bridge belongs to several calls, and is unmapped."""
    recording, native = dict_at(heard.event, "recording"), text_at(heard.event, "type") or ""
    target, name = text_at(recording, "target_uri") or "", text_at(recording, "name")
    if name is None or not target.startswith("channel:") or target == "channel:":
        return None
    channel = target.removeprefix("channel:")
    data = RecordingData.model_validate(
        {"call_id": channel, "leg_id": channel, "recording_id": name, "status": RECORDINGS[native]}
        | {"duration_s": int_at(recording, "duration"), "native": {"format": text_at(recording, "format")}}
    )
    key = (channel, name, native)
    return Mapped(events=(maker.event("call.recorded", data, subject=channel, time=_time(heard), key=key),))


def _time(heard: Heard) -> str | None:
    """Asterisk writes the zone without a colon (-0500); some events have no time."""
    return from_iso(text_at(heard.event, "timestamp")) or heard.at


def _kept(heard: Heard, channel: Mapping[str, Any]) -> dict[str, str]:
    found = {
        "application": text_at(heard.event, "application"),
        "cause_txt": text_at(heard.event, "cause_txt"),
        "channel": text_at(channel, "name"),
        "state": text_at(channel, "state"),
    }
    return {name: text for name, text in found.items() if text}


Mapper = Callable[[Heard, EventMaker], Mapped | None]
_MAPPERS: Mapping[str, Mapper] = {
    **dict.fromkeys(STEPS, _step),
    **dict.fromkeys(RECORDINGS, _recorded),
    **dict.fromkeys(("BridgeBlindTransfer", "BridgeAttendedTransfer"), _transferred),
    "ChannelStateChange": _state,
    "Dial": _dial,
}
