"""What is said (transcription) and how agents are (presence, routing status): topics beside the detail events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.genesys_cloud.reading import Detail, table, word
from hub.domain.events import AgentStatusData, Event, Segment, TranscriptData
from hub.parsing import bool_at, int_at, list_at, text_at

SPEAKERS = {"EXTERNAL": "customer", "INTERNAL": "agent"}
PRESENCE: Mapping[str, str] = {
    "AVAILABLE": "available",
    "ON_QUEUE": "available",
    "BUSY": "busy",
    "MEETING": "busy",
    "TRAINING": "busy",
    "AWAY": "away",
    "IDLE": "away",
    "BREAK": "away",
    "MEAL": "away",
    "OFFLINE": "offline",
}
# OFF_QUEUE says only that no queue offers calls; COMMUNICATING is a call beside the queues.
ROUTING: Mapping[str, str] = {
    "IDLE": "available",
    "INTERACTING": "on_call",
    "COMMUNICATING": "on_call",
    "NOT_RESPONDING": "away",
}


def map_transcription(detail: Detail) -> list[Event]:
    """A piece of the transcript; its last message says that the session ended."""
    call = detail.conversation
    items = [item for item in list_at(detail.body, "transcripts") if isinstance(item, dict)]
    state = (text_at(detail.body, "status", "status") or "").upper()
    status = "failed" if "FAIL" in state or "ERROR" in state else "final" if state == "SESSION_ENDED" else "partial"
    data = {
        "call_id": call,
        "leg_id": call,
        "transcript_id": text_at(detail.body, "communicationId") or call,
        "status": status,
        "language": next((found for item in items if (found := text_at(item, "dialect"))), None),
        "engine": next((found for item in items if (found := text_at(item, "engineProvider"))), None),
        "segments": tuple(_segments(items)),
        "native_status": word(state) if state else None,
    }
    return [detail.event("call.transcribed", TranscriptData, data, str(call))]


def _segments(items: Iterable[Mapping[str, Any]]) -> Iterable[Segment]:
    """The best alternative of each utterance."""
    for item in items:
        best = next((one for one in list_at(item, "alternatives") if text_at(one, "transcript")), None)
        if best is None:
            continue
        start, length = int_at(best, "offsetMs"), int_at(best, "durationMs")
        yield Segment.model_validate(
            {
                "speaker": SPEAKERS.get(text_at(item, "channel") or "", "unknown"),
                "text": text_at(best, "transcript"),
                "start_ms": start,
                "end_ms": None if start is None or length is None else start + length,
                "final": bool_at(item, "isFinal") is not False,
            }
        )


def map_presence(detail: Detail) -> list[Event]:
    """An agent's presence changed."""
    native = text_at(detail.body, "presenceDefinition", "systemPresence")
    return _status(detail, native, PRESENCE, "presence")


def map_routing(detail: Detail) -> list[Event]:
    """Whether the queues reach an agent changed."""
    return _status(detail, text_at(detail.body, "routingStatus", "status"), ROUTING, "routingStatus")


def _status(detail: Detail, native: str | None, known: Mapping[str, str], reason: str) -> list[Event]:
    agent = detail.topic.id or text_at(detail.body, "userId")
    if agent is None or native is None:
        return []
    meant = known.get(native.upper().replace(" ", "_"), "unknown")
    who = {"agent": table(detail.maker.connection, "agents").get(agent.lower(), agent), "agent_id": agent}
    data = {**who, "status": meant, "native_status": native, "reason": reason}
    return [detail.event("agent.status_changed", AgentStatusData, data, agent)]
