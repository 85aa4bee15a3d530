"""Events of the event socket, as the bridge forwards them: one per step of a leg."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.freeswitch.custom import map_callcenter, map_voicemail
from connectors.freeswitch.reading import came_from_outside, outcome_of, sides_of, time_of
from hub.domain.events import CallData, Mapped, RecordingData, Unmapped
from hub.mapping import EventMaker
from hub.parsing import id_at, whole
from hub.pbx import Heard

STEPS: Mapping[str, str] = {
    "CHANNEL_CREATE": "call.started",
    "CHANNEL_PROGRESS": "call.ringing",
    "CHANNEL_PROGRESS_MEDIA": "call.ringing",
    "CHANNEL_ANSWER": "call.answered",
    "CHANNEL_HOLD": "call.held",
    "CHANNEL_UNHOLD": "call.resumed",
    "CHANNEL_HANGUP_COMPLETE": "call.ended",
}
RECORDINGS = {"RECORD_START": "started", "RECORD_STOP": "available"}
KEPT = ("Channel-Name", "Call-Direction", "Answer-State", "FreeSWITCH-Switchname", "variable_sip_term_status")
_WORD = re.compile(r"[A-Za-z][A-Za-z_:-]{0,60}")


def map_event(heard: Heard, maker: EventMaker) -> Mapped:
    """What one event says; unmapped by its name where it says nothing of a call or an agent."""
    name = id_at(heard.event, "Event-Name") or ""
    mapper = _BY_NAME.get(name) or _BY_SUBCLASS.get(id_at(heard.event, "Event-Subclass") or "")
    found = mapper(heard, maker) if mapper else None
    return found or Mapped(unmapped=(Unmapped(type=f"esl/{_word(heard, name)}", native=heard.event),))


def _word(heard: Heard, name: str) -> str:
    words = [name, *(id_at(heard.event, key) or "" for key in ("Event-Subclass", "CC-Action", "VM-Action"))]
    return " ".join(word if _WORD.fullmatch(word) else "unknown" for word in words if word) or "unknown"


def _step(heard: Heard, maker: EventMaker) -> Mapped | None:
    event, name = heard.event, id_at(heard.event, "Event-Name") or ""
    leg, stamp = id_at(event, "Unique-ID"), id_at(event, "Event-Date-Timestamp")
    if leg is None:
        return None
    call = id_at(event, "Channel-Call-UUID") or leg
    data = CallData.model_validate(
        _sides(event, leg == call, maker)
        | {"call_id": call, "leg_id": leg, "parent_leg_id": None if leg == call else call}
        | {"sequence": whole(id_at(event, "Event-Sequence")), "native_status": name, "native": _kept(event)}
        | (_end(event) if name == "CHANNEL_HANGUP_COMPLETE" else {})
    )
    key, when = (leg, name, stamp or heard.id), time_of(stamp) or heard.at
    return Mapped(events=(maker.event(STEPS[name], data, subject=call, time=when, key=key),))


def _sides(event: Mapping[str, Any], first_leg: bool, maker: EventMaker) -> dict[str, Any]:
    context, profile = id_at(event, "Caller-Context"), id_at(event, "variable_sofia_profile_name")
    outside = came_from_outside(context, profile, maker.connection)
    caller, name = id_at(event, "Caller-Caller-ID-Number"), id_at(event, "Caller-Caller-ID-Name")
    called = id_at(event, "Caller-Destination-Number")
    return sides_of(first_leg, caller, name, called, outside, maker.connection).fields()


def _end(event: Mapping[str, Any]) -> dict[str, Any]:
    cause = id_at(event, "Hangup-Cause") or id_at(event, "variable_hangup_cause")
    answered = time_of(id_at(event, "Caller-Channel-Answered-Time")) is not None
    return {
        "outcome": outcome_of(cause, answered),
        "duration_s": whole(id_at(event, "variable_duration")),
        "talk_s": whole(id_at(event, "variable_billsec")) if answered else None,
        "native_cause": cause,
    }


def _record(heard: Heard, maker: EventMaker) -> Mapped | None:
    """The file stays on the PBX: its name is the recording's id, there is no URL."""
    event, leg = heard.event, id_at(heard.event, "Unique-ID")
    name, path = id_at(event, "Event-Name") or "", id_at(event, "Record-File-Path")
    if leg is None or path is None:
        return None
    call, stamp = id_at(event, "Channel-Call-UUID") or leg, id_at(event, "Event-Date-Timestamp")
    data = RecordingData.model_validate(
        {"call_id": call, "leg_id": leg, "parent_leg_id": None if leg == call else call}
        | {"recording_id": path.replace("\\", "/").rpartition("/")[2] or leg, "status": RECORDINGS[name]}
        | {"duration_s": whole(id_at(event, "variable_record_seconds")), "native": {"Record-File-Path": path}}
    )
    key = (leg, name, data.recording_id)
    when = time_of(stamp) or heard.at
    return Mapped(events=(maker.event("call.recorded", data, subject=call, time=when, key=key),))


def _kept(event: Mapping[str, Any]) -> dict[str, str]:
    return {name: text for name in KEPT if (text := id_at(event, name))}


Mapper = Callable[[Heard, EventMaker], Mapped | None]
_BY_NAME: Mapping[str, Mapper] = {**dict.fromkeys(STEPS, _step), **dict.fromkeys(RECORDINGS, _record)}
_BY_SUBCLASS: Mapping[str, Mapper] = {"callcenter::info": map_callcenter, "vm::maintenance": map_voicemail}
