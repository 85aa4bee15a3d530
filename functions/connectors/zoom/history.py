"""What Zoom writes down after a call: call logs (until 2026), call history, call elements, and their removal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from connectors.zoom.reading import QUEUES, Json, News, flat_sides, kept, unreadable
from hub.calling import Part, key_at, named, seconds_at
from hub.domain.events import CallData, Unmapped, unix_ms
from hub.domain.events_calls import Outcome
from hub.parsing import list_at, text_at
from hub.times import any_time

# `result` of history and elements, and of the older logs ("Call connected", "No Answer") in lower case.
RESULTS: Mapping[str, Outcome] = {
    **dict.fromkeys(("answered", "accepted", "picked_up", "connected", "succeeded"), "answered"),
    **dict.fromkeys(("voicemail",), "voicemail"),
    **dict.fromkeys(("canceled", "hang_up", "call_cancel"), "canceled"),
    **dict.fromkeys(
        ("call_failed", "unconnected", "invalid_key", "invalid_operation", "service_unavailable"), "failed"
    ),
    **dict.fromkeys(("rejected", "system_blocked", "blocked"), "rejected"),
    **dict.fromkeys(("busy",), "busy"),
    **dict.fromkeys(("no_answer", "ring_timeout", "overflowed", "missed"), "no_answer"),
    **dict.fromkeys(("abandoned",), "abandoned"),
    **dict.fromkeys(("call_connected", "auto_recorded", "recorded"), "answered"),
}
# A simplified element may hold none of its ids: then whose stretch it was must do.
IDS = ("id", "call_element_id", "call_log_id", "operator_ext_id", "operator_ext_number", "operator_ext_type")
LISTS = ("call_logs", "call_elements", "call_history")


def _completed(news: News) -> Iterator[Part]:
    """One end for each record; a simplified delivery holds the one record itself."""
    listed = [one for name in LISTS for one in list_at(news.item, name)]
    for record in listed or [news.item]:
        call_id = key_at(record, "call_id")
        if call_id is None:
            yield Unmapped(type=unreadable(news.event), native=record)
        else:
            yield _ended(news, record, call_id)


def _ended(news: News, record: Json, call_id: str) -> Part:
    number = next((found for name in IDS if (found := key_at(record, name))), None)
    # An element is one stretch of the call: only the whole of it, a log or a history, is the root's end.
    part = "call_elements" in news.item or "element" in news.event
    result = (text_at(record, "result") or "").lower().replace(" ", "_")
    data = CallData.model_validate(
        {
            "call_id": call_id,
            "leg_id": f"{call_id}/{number}" if part else call_id,
            "parent_leg_id": call_id if part else None,
            **flat_sides(record, news.connection, _direction(record)),
            **_operator(record),
            "outcome": RESULTS.get(result),
            "duration_s": _duration(record),
            "talk_s": seconds_at(record, "talk_time"),
            "hold_s": seconds_at(record, "hold_time"),
            "wait_s": seconds_at(record, "wait_time"),
            "native_status": text_at(record, "result"),
            "native_cause": text_at(record, "result_reason"),
            "native": _native(record),
        }
    )
    end = any_time(record.get("end_time")) or any_time(record.get("call_end_time")) or news.at
    return news.make("call.ended", data, call_id, end, call_id, number)


def _native(record: Json) -> dict[str, Any]:
    more = ("recording_id", "voicemail_id", "client_code", "path", "call_history_uuid")
    return kept(record, "event", "call_path_id", "connect_type", "call_type", "group_id", *more)


def _direction(record: Json) -> str | None:
    return text_at(record, "direction")


def _operator(record: Json) -> dict[str, Any]:
    """Who of ours had the call in this stretch; in a log only who passed it on."""
    name, extension = text_at(record, "operator_name"), key_at(record, "operator_ext_number")
    found = key_at(record, "operator_ext_id")
    if text_at(record, "operator_ext_type") in QUEUES:
        return named({"queue": name or extension, "queue_id": found})
    if name or extension:
        return named({"agent": name or extension, "agent_extension": extension})
    passed = record.get("forwarded_by")
    return named({"queue": text_at(passed, "name")}) if text_at(passed, "extension_type") in QUEUES else {}


def _duration(record: Json) -> int | None:
    told = seconds_at(record, "duration")
    start, end = any_time(record.get("start_time")), any_time(record.get("end_time"))
    passed = (unix_ms(end) - unix_ms(start)) // 1000 if start and end else -1
    return told if told is not None or passed < 0 else passed


HISTORY: Mapping[str, Callable[[News], Iterable[Part]]] = {
    f"phone.{who}_call_{what}_completed": _completed
    for who in ("caller", "callee")
    for what in ("log", "history", "element")
}
