"""Recordings of a contact: places in S3 (`bucket/prefix/name`, without a scheme), in records and in COMPLETED."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from connectors.amazon_connect.reading import between, time_at
from hub.domain.events import Event, RecordingData
from hub.mapping import EventMaker
from hub.parsing import dict_at, text_at

Status = Literal["available", "deleted", "unknown"]
STATUSES: Mapping[str, Status] = {"AVAILABLE": "available", "DELETED": "deleted"}


def recordings(items: Sequence[Any], about: Mapping[str, Any], maker: EventMaker, identity: object) -> list[Event]:
    """One event for each recording that has a place; `about` names the call, `identity` the delivery."""
    events = [
        _recorded({key.lower(): value for key, value in item.items()}, about, maker, identity)
        for item in items
        if isinstance(item, dict)
    ]
    return list({event.id: event for event in events if event}.values())


def is_voicemail(item: Any) -> bool:
    """Whether only the caller and the flow are heard (Voicemail Express); the type IVR is in no list of AWS's."""
    kinds = {key.lower(): value for key, value in dict_at(item).items()}
    return text_at(kinds, "participanttype") == "IVR"


def _recorded(item: Mapping[str, Any], about: Mapping[str, Any], maker: EventMaker, identity: object) -> Event | None:
    place = text_at(item, "location")
    if place is None:
        return None
    start, end = time_at(item, "starttimestamp"), time_at(item, "stoptimestamp")
    named = ("type", "mediastreamtype", "participanttype", "storagetype", "deletionreason")
    data = RecordingData.model_validate(
        {name: value for name, value in about.items() if name in RecordingData.model_fields}
        | {
            "recording_id": place,
            "status": STATUSES.get(text_at(item, "status") or "AVAILABLE", "unknown"),
            "url": f"s3://{place}",
            "duration_s": between(start, end),
            "native": {name: item[name] for name in named if item.get(name)},
        }
    )
    return maker.event("call.recorded", data, subject=data.call_id, time=end or start, key=(identity, place))
