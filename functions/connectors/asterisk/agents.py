"""Agents of the queues: members that pause, log in, ring, talk."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.asterisk.lines import Line, moment
from hub.domain.events import AgentStatusData, Mapped
from hub.mapping import EventMaker

# QueueMemberStatus' Status: the device states of Asterisk.
STATUSES: Mapping[str, str] = {
    "1": "available",
    "2": "on_call",
    "3": "busy",
    "4": "offline",
    "5": "offline",
    "6": "busy",
    "7": "on_call",
    "8": "on_call",
}
WORDS: Mapping[str, str] = {"AgentLogin": "available", "AgentLogoff": "offline"}
MEMBERS = frozenset({"QueueMemberPause", "QueueMemberStatus", "QueueMemberAdded", "QueueMemberRemoved"})


def map_agent(line: Line, maker: EventMaker) -> Mapped | None:
    """agent.status_changed, or None where the event is none of an agent's or names none."""
    agent = line.get("Interface") if line.name in MEMBERS else line.get("Agent")
    if agent is None or not (line.name in MEMBERS or line.name in WORDS):
        return None
    queue = line.get("Queue")
    data = AgentStatusData.model_validate(
        {"agent_id": agent, "agent": line.get("MemberName") or agent, "status": _status(line)}
        | {"native_status": line.get("Status") or line.name, "reason": line.get("PausedReason")}
        | {"queues": (queue,) if queue else (), "native": {"Event": line.name}}
    )
    key = (agent, line.name, queue or "", line.stamp)
    return Mapped(events=(maker.event("agent.status_changed", data, subject=agent, time=moment(line), key=key),))


def _status(line: Line) -> str:
    """Who is removed from one queue may be in another: that says nothing of presence."""
    if line.name in WORDS:
        return WORDS[line.name]
    if line.name == "QueueMemberRemoved":
        return "unknown"
    if line.get("Paused") == "1":
        return "away"
    return "on_call" if line.get("InCall") == "1" else STATUSES.get(line.get("Status") or "", "unknown")
