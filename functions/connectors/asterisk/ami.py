"""The manager interface: one event per step of a channel, as lines that the bridge made an object of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.asterisk.agents import map_agent
from connectors.asterisk.lines import Line, legs, moment, rest
from connectors.asterisk.reading import DIALLED, dialled_leg, first_leg, outcome_of, word
from hub.domain.events import CallData, Mapped, RecordingData, TransferData, Unmapped
from hub.mapping import EventMaker
from hub.parsing import whole
from hub.pbx import Heard, is_own, number, party

# Event -> our event, and the prefix of the channel that it is about ("Dest": the one that was dialled).
STEPS: Mapping[str, tuple[str, str]] = {
    "Newchannel": ("call.started", ""),
    "DialBegin": ("call.ringing", "Dest"),
    "AgentCalled": ("call.ringing", "Dest"),
    "AgentConnect": ("call.answered", "Dest"),
    "AgentRingNoAnswer": ("call.ended", "Dest"),
    "AgentComplete": ("call.ended", "Dest"),
    "QueueCallerJoin": ("call.queued", ""),
    "QueueCallerAbandon": ("call.dequeued", ""),
    "QueueCallerLeave": ("call.dequeued", ""),
    "Hold": ("call.held", ""),
    "Unhold": ("call.resumed", ""),
    "Hangup": ("call.ended", ""),
}
# These come once for a channel (and a state): two bridges that hear one PBX say one thing.
ONCE = frozenset({"Newchannel", "Hangup"})
STATES = {"Ringing": "call.ringing", "Up": "call.answered"}
RECORDINGS = {"MixMonitorStart": "started", "MixMonitorStop": "available"}
ENDED_BY = {"agent": "agent", "caller": "customer"}
DISPOSITIONS = {"ANSWERED": "answered", "NO ANSWER": "no_answer", "BUSY": "busy"}
OUTCOMES = {"AgentRingNoAnswer": "no_answer", "AgentComplete": "answered", "QueueCallerAbandon": "abandoned"}


def map_ami(heard: Heard, maker: EventMaker) -> Mapped:
    """What one event says; unmapped by its name where it says nothing of a call's way or an agent."""
    line = Line.of(heard)
    mapper = _MAPPERS.get(line.name, map_agent)
    found = mapper(line, maker)
    return found or Mapped(unmapped=(Unmapped(type=f"ami/{word(line.name)}", native=heard.event),))


def _step(line: Line, maker: EventMaker) -> Mapped | None:
    event_type, prefix = STEPS[line.name]
    return _call(line, maker, event_type, prefix, _said(line))


def _said(line: Line) -> dict[str, Any]:
    """What the event says beside its channel: queue, agent, durations, outcome."""
    cause, up = whole(line.get("Cause")), line.get("ChannelStateDesc") == "Up"
    hangup = {"outcome": outcome_of(cause, up), "native_cause": line.get("Cause")} if line.name == "Hangup" else {}
    member = line.get("MemberName") or line.get("Interface")
    return {
        "queue": line.get("Queue"),
        "queue_id": line.get("Queue"),
        **({"agent": member, "agent_id": line.get("Interface")} if member else {}),
        "ring_s": whole(line.get("RingTime")) if line.name == "AgentConnect" else None,
        "wait_s": whole(line.get("HoldTime")),
        "talk_s": whole(line.get("TalkTime")),
        "ended_by": ENDED_BY.get(line.get("Reason") or ""),
        "outcome": OUTCOMES.get(line.name),
        **hangup,
    }


def _call(
    line: Line, maker: EventMaker, event_type: str, prefix: str, said: Mapping[str, Any], *key: str
) -> Mapped | None:
    found = legs(line, prefix)
    if found is None:
        return None
    about = {**_sides(line, prefix, found["parent_leg_id"] is None, maker), **found}
    data = CallData.model_validate(
        {**about, **{name: value for name, value in said.items() if value is not None}}
        | {"native_status": line.name, "native": rest(line)}
    )
    stamp = () if line.name in ONCE else (line.stamp,)
    ids = (data.leg_id, line.name, *key, *stamp)
    return Mapped(events=(maker.event(event_type, data, subject=data.call_id, time=moment(line), key=ids),))


def _sides(line: Line, prefix: str, is_first: bool, maker: EventMaker) -> dict[str, Any]:
    """The first channel tells who called whom, at its beginning: later its extension is any place in the dial plan."""
    if not is_first:
        return dialled_leg(line.get(prefix + "Channel"), maker.connection).fields()
    caller, name = line.get("CallerIDNum"), line.get("CallerIDName")
    if line.name == "Newchannel":
        called, channel, context = line.get("Exten"), line.get("Channel"), line.get("Context")
        return first_leg(caller, name, called, channel, context, maker.connection).fields()
    waiting = line.name.startswith("QueueCaller") and not is_own(caller, maker.connection)
    return {"customer": party(caller, maker.connection, name), "direction": "inbound"} if waiting else {}


def _state(line: Line, maker: EventMaker) -> Mapped | None:
    """Of a channel's states two are steps; the others say nothing that other events do not."""
    state = line.get("ChannelStateDesc") or ""
    if legs(line) is None:
        return None
    return _call(line, maker, STATES[state], "", {}, state) if state in STATES else Mapped(ignored=1)


def _dialled(line: Line, maker: EventMaker) -> Mapped | None:
    status = line.get("DialStatus") or ""
    if status == "ANSWER":
        return _call(line, maker, "call.answered", "Dest", {})
    said = {"outcome": DIALLED.get(status), "native_cause": status}
    return _call(line, maker, "call.ended", "Dest", said) if status in DIALLED else None


def _record(line: Line, maker: EventMaker) -> Mapped | None:
    """A call detail record, where cdr_manager is on: of one channel, its times without a zone."""
    leg = line.get("UniqueID")
    if leg is None:
        return None
    disposition = line.get("Disposition") or ""
    said: dict[str, Any] = {"outcome": DISPOSITIONS.get(disposition, "failed"), "native_cause": disposition}
    said |= {"duration_s": whole(line.get("Duration")), "talk_s": whole(line.get("BillableSeconds"))}
    return _call(line, maker, "call.ended", "", said)


def _recorded(line: Line, maker: EventMaker) -> Mapped | None:
    """MixMonitor names no file: the recording is the channel's."""
    found = legs(line)
    if found is None:
        return None
    data = RecordingData.model_validate(
        {**found, "recording_id": found["leg_id"], "status": RECORDINGS[line.name], "native": rest(line)}
    )
    key = (data.leg_id, line.name, line.stamp)
    return Mapped(events=(maker.event("call.recorded", data, subject=data.call_id, time=moment(line), key=key),))


def _transferred(line: Line, maker: EventMaker) -> Mapped | None:
    blind = line.name == "BlindTransfer"
    found = legs(line, "Transferer" if blind else "OrigTransferer")
    if found is None:
        return None
    target = line.get("Extension") if blind else line.get("TransferTargetCallerIDNum")
    own = is_own(target, maker.connection) if target else False
    data = TransferData.model_validate(
        found
        | {"kind": "blind" if blind else "consult", "to_leg_id": line.get("TransferTargetUniqueid")}
        | {"state": "completed" if line.get("Result") == "Success" else "failed", "native_status": line.get("Result")}
        | {"to_agent": target if own else None, "to_number": None if own else number(target, maker.connection)}
        | {"native": rest(line)}
    )
    key = (data.leg_id, line.name, line.stamp)
    return Mapped(events=(maker.event("call.transferred", data, subject=data.call_id, time=moment(line), key=key),))


Mapper = Callable[[Line, EventMaker], Mapped | None]
_MAPPERS: Mapping[str, Mapper] = {
    **dict.fromkeys(STEPS, _step),
    **dict.fromkeys(RECORDINGS, _recorded),
    **dict.fromkeys(("BlindTransfer", "AttendedTransfer"), _transferred),
    "Newstate": _state,
    "DialEnd": _dialled,
    "Cdr": _record,
}
