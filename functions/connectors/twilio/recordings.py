"""Recordings and voicemail: from their own callback, or from a call's callback that carries one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from connectors.twilio.reading import Fields, native, time, time_ms
from hub.domain.events import Event, RecordingData
from hub.mapping import EventMaker
from hub.parsing import whole

STATUSES: Mapping[str, Literal["started", "available", "absent", "failed"]] = {
    "in-progress": "started",
    "completed": "available",
    "absent": "absent",
    "failed": "failed",
}
CALLBACK_MARKS = ("SequenceNumber", "CallbackSource", "Timestamp", "CallDuration")
USED = frozenset(
    {
        *("AccountSid", "ApiVersion", "CallSid", "ParentCallSid"),
        *("RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingDuration", "RecordingChannels"),
    }
)
_IN_URL = re.compile(r"/Recordings/([A-Za-z0-9]{2,64})\b")


def recording_id(fields: Fields) -> str | None:
    """The recording that the delivery carries; older callbacks name it in the URL only."""
    found = _IN_URL.search(fields.get("RecordingUrl", ""))
    return fields.get("RecordingSid") or (found[1] if found else None)


def recorded(fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """call.recorded where the delivery carries a recording; needs CallSid."""
    recording, native_status = recording_id(fields), fields.get("RecordingStatus", "completed")
    if recording is None:
        return ()
    data = RecordingData(
        call_id=fields.get("ParentCallSid", fields["CallSid"]),
        leg_id=fields["CallSid"],
        recording_id=recording,
        status=STATUSES.get(native_status, "unknown"),
        url=fields.get("RecordingUrl"),
        duration_s=whole(fields.get("RecordingDuration")),
        channels=whole(fields.get("RecordingChannels")),
        voicemail=_is_voicemail(fields),
        native=native(fields, USED),
    )
    key = (recording, native_status)
    return (maker.event("call.recorded", data, subject=data.call_id, time=_time(fields, data), key=key),)


def _time(fields: Fields, data: RecordingData) -> str | None:
    """When the recording was so: its start, and once it is whole its end."""
    started = time_ms(fields.get("RecordingStartTime"))
    if started is None or data.status == "started":
        return time(started)
    return time(started + 1000 * (data.duration_s or 0))


def _is_voicemail(fields: Fields) -> bool:
    """Whether a <Record> made it; its action callback names no source, only the caller's side of a call going on."""
    if "RecordingSource" in fields:
        return fields["RecordingSource"] == "RecordVerb"
    other = any(mark in fields for mark in (*CALLBACK_MARKS, "RecordingStatus", "DialCallStatus"))
    return "CallStatus" in fields and not other
