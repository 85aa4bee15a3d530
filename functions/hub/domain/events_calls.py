"""What happens with calls and the people who take them. Durations in whole seconds, None (never 0) where unknown.

Every model names `call_id`, the platform's id of the whole conversation: facts with the same one are one entry of the
timeline. Agents and queues: `agent` and `queue` are what people see (a name, else the id), `*_id` the platform's ids.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from hub.domain.parties import Party
from hub.domain.values import Line, Model, Tags, Text

Direction = Literal["inbound", "outbound", "internal", "unknown"]
Outcome = Literal[
    "answered", "no_answer", "busy", "rejected", "canceled", "failed", "abandoned", "voicemail", "unknown"
]
MAX_SEGMENTS = 1000
MAX_SEGMENTS_BYTES = 60_000


class AgentFields(Model):
    """Who of ours: `agent` is what people see, the others what the platform knows the agent by."""

    agent: str | None = None
    agent_id: str | None = None
    agent_email: str | None = None
    agent_extension: str | None = None


class CallFields(AgentFields):
    """What every fact about a call may say. `call_id` is the platform's id of the whole conversation, `leg_id` of
    this leg (the same where the platform has no legs), `parent_leg_id` of the leg that this one belongs to.

    `customer` is empty on facts that name only our own side.
    """

    call_id: str
    leg_id: str
    parent_leg_id: str | None = None
    customer: Party = Party()
    queue: str | None = None
    queue_id: str | None = None
    native_status: str | None = None
    native: dict[str, Any] = Field(default_factory=dict)


class CallData(CallFields):
    """A step of a call: started, ringing, queued, dequeued, answered, held, resumed, ended.

    `direction` in the business's sense; `business` is our number (E.164, else as sent). `duration_s` is the whole of
    it, `ring_s`, `wait_s` (in queues), `talk_s`, `hold_s` and `acw_s` (work after the call) its parts as the platform
    counts them. `native_cause` is the platform's own word or number for why it ended, `trust` the STIR/SHAKEN verdict
    on the caller's number. Of `call.queued` and `call.dequeued`, `queue` says which queue.
    """

    direction: Direction = "unknown"
    business: str | None = None
    outcome: Outcome | None = None
    duration_s: int | None = None
    ring_s: int | None = None
    wait_s: int | None = None
    talk_s: int | None = None
    hold_s: int | None = None
    acw_s: int | None = None
    ended_by: Literal["customer", "agent", "system", "carrier", "unknown"] | None = None
    native_cause: str | None = None
    trust: Literal["A", "B", "C", "failed", "none"] | None = None
    sequence: int | None = None


class TransferData(CallFields):
    """A call handed on. kind: blind, consult (announced), queue, external (a number outside) or conference.

    Of `to_number` (E.164, else as sent), `to_agent` and `to_queue` (as people see them, else the id) those that the
    platform names; `to_leg_id` is the leg that it goes on in. A platform that says only that it happened gives none.
    """

    kind: Literal["blind", "consult", "queue", "external", "conference"] | None = None
    state: Literal["started", "completed", "failed"] = "completed"
    to_number: str | None = None
    to_agent: str | None = None
    to_queue: str | None = None
    to_leg_id: str | None = None


class RecordingData(CallFields):
    """A recording of a call, joined to it by `call_id`; `url` may need the platform's credentials and may expire."""

    recording_id: str
    status: Literal["started", "paused", "available", "absent", "deleted", "failed", "unknown"] = "available"
    url: str | None = None
    duration_s: int | None = None
    channels: int | None = None
    voicemail: bool = False


class VoicemailData(CallFields):
    """A voicemail that a caller left, joined to its call by `call_id` (its own id where the platform names no call).

    `mailbox` is whose it is, as people see it; `transcript` the platform's own text of it where that comes along.
    """

    voicemail_id: str
    direction: Direction = "unknown"
    business: str | None = None
    mailbox: str | None = None
    mailbox_kind: Literal["user", "queue", "unknown"] = "unknown"
    recording_id: str | None = None
    url: str | None = None
    duration_s: int | None = None
    transcript: Text | None = None


class Segment(Model):
    """One stretch of speech; `start_ms` and `end_ms` count from the beginning of the call (or of the recording)."""

    speaker: Literal["customer", "agent", "system", "unknown"] = "unknown"
    text: Line
    start_ms: int | None = None
    end_ms: int | None = None
    final: bool = True


def _bounded(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The first 1000 segments, as far as their texts fit into 60,000 bytes of UTF-8."""
    kept, room = [], MAX_SEGMENTS_BYTES
    for segment in segments[:MAX_SEGMENTS]:
        room -= len(segment.text.encode("utf-8", "replace"))
        if room < 0:
            break
        kept.append(segment)
    return tuple(kept)


class TranscriptData(CallFields):
    """What was said, whole or in parts: parts with the same `transcript_id` add up, a final segment replaces the
    preliminary ones that begin at the same time.

    `segments` are cut to 1000 and 60,000 bytes of text, a segment's text to 500 characters; `language` is BCP 47.
    """

    transcript_id: str
    status: Literal["partial", "final", "failed"] = "final"
    language: str | None = None
    engine: str | None = None
    recording_id: str | None = None
    segments: Annotated[tuple[Segment, ...], AfterValidator(_bounded)] = ()
    summary: Text | None = None
    sentiment: str | None = None  # the platform's own word or number
    url: str | None = None


class WrapUpData(CallFields):
    """What the agent noted after the call: the disposition in the platform's own code and label, notes, tags.

    Of several for one call the latest counts per agent. `acw_s` is how long the work after the call took.
    """

    code: str | None = None
    label: str | None = None
    notes: Text | None = None
    tags: Tags = ()
    acw_s: int | None = None


class AgentStatusData(AgentFields):
    """An agent's presence changed; `agent_id` is required here. `native_status` and `reason` are the platform's words.

    on_call covers every contact being worked on, wrap_up the work after it.
    """

    agent_id: str
    status: Literal["available", "busy", "on_call", "wrap_up", "away", "do_not_disturb", "offline", "unknown"] = (
        "unknown"
    )
    native_status: str | None = None
    reason: str | None = None
    queues: tuple[str, ...] = ()
    call_id: str | None = None
    native: dict[str, Any] = Field(default_factory=dict)
