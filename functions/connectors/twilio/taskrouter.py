"""TaskRouter: who of ours took a call, from which queue, and what was noted; joined by TaskAttributes.call_sid.

https://www.twilio.com/docs/taskrouter/api/event/reference (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.twilio.reading import Fields, native, party, time, word
from connectors.twilio.tasks import Task, agent_of, disposition, presence, task_of
from hub.domain.events import AgentStatusData, CallData, Event, Mapped, Party, TransferData, Unmapped, WrapUpData
from hub.mapping import EventMaker
from hub.parsing import whole

# EventType -> the events it is, each with its outcome. A reservation is a leg of the call: the agent's.
STEPS: Mapping[str, tuple[tuple[str, str | None], ...]] = {
    "task-queue.entered": (("call.queued", None),),
    "task-queue.timeout": (("call.dequeued", None),),
    "task-queue.moved": (("call.dequeued", None),),
    "task.canceled": (("call.dequeued", "canceled"),),
    "reservation.created": (("call.ringing", None),),
    "reservation.accepted": (("call.dequeued", "answered"), ("call.answered", None)),
    "reservation.rejected": (("call.ended", "rejected"),),
    "reservation.timeout": (("call.ended", "no_answer"),),
    "reservation.canceled": (("call.ended", "canceled"),),
    "reservation.rescinded": (("call.ended", "canceled"),),
    "reservation.failed": (("call.ended", "failed"),),
    "reservation.completed": (("call.ended", "answered"),),
}
TRANSFERS: Mapping[str, str] = {
    "task.transfer-initiated": "started",
    "task.transfer-completed": "completed",
    "task.transfer-failed": "failed",
    "task.transfer-canceled": "failed",
    "task.transfer-attempt-failed": "failed",
}
ABANDONED = frozenset({"hangup", "caller hung up"})
USED = frozenset(
    {
        *("AccountSid", "TaskAttributes", "TaskQueueName", "TaskQueueSid", "WorkerName", "WorkerSid", "TimestampMs"),
        *("Timestamp", "Sid", "EventDescription", "WorkerAttributes", "PreviousTaskAttributes"),
    }
)


def map_taskrouter(fields: Fields, maker: EventMaker) -> Mapped:
    """What one event says; without words for it, or without a call, it is unmapped."""
    event_type = fields.get("EventType", "")
    task = task_of(fields)
    if event_type == "worker.activity.update" and "WorkerSid" in fields:
        return Mapped(events=(_presence(fields, maker),))
    for types, mapper in MAPPERS:
        if event_type in types and task:
            return Mapped(events=mapper(fields, task, maker))
    return Mapped(unmapped=(Unmapped(type=f"taskrouter/{word(event_type)}", native=native(fields, frozenset())),))


def _steps(fields: Fields, task: Task, maker: EventMaker) -> tuple[Event, ...]:
    return tuple(_step(fields, task, maker, *step) for step in STEPS[fields["EventType"]])


def _step(fields: Fields, task: Task, maker: EventMaker, event_type: str, outcome: str | None) -> Event:
    in_queue = event_type in ("call.queued", "call.dequeued")
    if fields.get("TaskCanceledReason", "").lower() in ABANDONED and event_type == "call.dequeued":
        outcome = "abandoned"
    data = CallData.model_validate(
        _about(fields, task)
        | ({} if in_queue else _leg(fields, task))
        | {"direction": task.direction, "customer": _customer(task, maker), "outcome": outcome}
        | {"wait_s": whole(fields.get("TaskAge")) if event_type == "call.dequeued" else None}
    )
    return _event(event_type, data, fields, maker)


def _transfer(fields: Fields, task: Task, maker: EventMaker) -> tuple[Event, ...]:
    kind = {"COLD": "blind", "WARM": "consult"}.get(fields.get("TransferMode", "").upper())
    state = TRANSFERS[fields["EventType"]]
    data = TransferData.model_validate(_about(fields, task) | {"kind": kind, "state": state})
    return (_event("call.transferred", data, fields, maker),)


def _wrapped_up(fields: Fields, task: Task, maker: EventMaker) -> tuple[Event, ...]:
    noted = disposition(fields, task, maker.connection)
    data = WrapUpData.model_validate(_about(fields, task) | agent_of(fields) | noted)
    return (_event("call.wrapped_up", data, fields, maker),)


def _presence(fields: Fields, maker: EventMaker) -> Event:
    data = AgentStatusData.model_validate(
        agent_of(fields)
        | {"status": presence(fields.get("WorkerActivityName"), maker.connection)}
        | {"native_status": fields.get("WorkerActivityName"), "native": native(fields, USED)}
    )
    return _event("agent.status_changed", data, fields, maker)


def _about(fields: Fields, task: Task) -> dict[str, Any]:
    """The call, its queue and Twilio's own words."""
    return {
        "call_id": task.call_sid,
        "leg_id": task.call_sid,
        "queue": fields.get("TaskQueueName") or fields.get("TaskQueueSid"),
        "queue_id": fields.get("TaskQueueSid"),
        "native_status": fields["EventType"],
        "native": native(fields, USED),
    }


def _leg(fields: Fields, task: Task) -> dict[str, Any]:
    reservation = fields.get("ReservationSid") or f"{task.call_sid}/{fields.get('WorkerSid', 'agent')}"
    return {"leg_id": reservation, "parent_leg_id": task.call_sid} | agent_of(fields)


def _customer(task: Task, maker: EventMaker) -> Party:
    """The caller, as the task's attributes name him; who is called they do not say reliably."""
    caller = task.caller if task.direction == "inbound" else None
    return party(caller, maker.connection) if caller and not caller.startswith("client:") else Party()


def _event(event_type: str, data: Any, fields: Fields, maker: EventMaker) -> Event:
    """Twilio's id of the event is the same in a callback and in Event Streams."""
    moment = fields.get("TimestampMs")
    key = (fields["Sid"],) if "Sid" in fields else (fields.get("TaskSid"), fields["EventType"], moment)
    subject = getattr(data, "call_id", None) or data.agent_id
    return maker.event(event_type, data, subject=subject, time=time(whole(moment)), key=key)


Mapper = Callable[[Fields, Task, EventMaker], tuple[Event, ...]]
MAPPERS: tuple[tuple[frozenset[str], Mapper], ...] = (
    (frozenset(STEPS), _steps),
    (frozenset(TRANSFERS), _transfer),
    (frozenset({"task.completed"}), _wrapped_up),
)
