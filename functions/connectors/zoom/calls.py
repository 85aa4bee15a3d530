"""Live events of Zoom Phone. One call id is rung on several devices, each of which tells its own story: the device is
the leg, the call itself the root. The root is over when its caller (one of ours) has hung up, when a leg that was
answered ends, or when a call that came straight to a person was missed; else when the call history comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from connectors.zoom.reading import News, Side, customer_of, direction_of, forwarded, kept, owner_of, side
from hub.calling import Part, key_at, our_number
from hub.domain.events import CallData, Event, TransferData, Unmapped, unix_ms
from hub.domain.events_calls import Outcome
from hub.parsing import text_at
from hub.times import any_time

# event -> ours, with the names of the time that it happened at.
STEPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ringing": ("call.ringing", ("ringing_start_time",)),
    "answered": ("call.answered", ("answer_start_time",)),
    "connected": ("call.answered", ("connected_start_time", "answer_start_time")),
    "ended": ("call.ended", ("call_end_time",)),
    "missed": ("call.ended", ("call_end_time",)),
    "rejected": ("call.ended", ("call_end_time",)),
    "hold": ("call.held", ("date_time",)),
    "unhold": ("call.resumed", ("date_time",)),
    "parked": ("call.held", ("date_time",)),
}
NAMES = {
    "caller": ("ringing", "connected", "ended", "hold", "unhold"),
    "callee": ("ringing", "answered", "ended", "missed", "rejected", "hold", "unhold", "parked"),
}
# `handup_result` (Zoom's spelling), by the beginning of its text in lower case; the list is not documented as closed.
RESULTS: tuple[tuple[str, Outcome], ...] = (
    ("busy", "busy"),
    ("reject", "rejected"),
    ("cancel", "canceled"),
    ("call cancel", "canceled"),
    ("answered by other", "canceled"),
    ("picked up by other", "canceled"),
    ("no answer", "no_answer"),
    ("ring timeout", "no_answer"),
    ("voicemail", "voicemail"),
    ("call failed", "failed"),
    ("blocked", "rejected"),
)
ELSEWHERE = ("answered by other", "picked up by other")


def _step(news: News) -> Iterator[Part]:
    who, _, step = news.event.removeprefix("phone.").partition("_")
    call_id = key_at(news.item, "call_id")
    if step == "parked" and text_at(news.item, "park_failure_reason"):
        yield Unmapped(type=f"{news.event}/failed", native=dict(news.payload))
        return
    if call_id is None:
        return
    event_type, times = STEPS[step]
    when, about = news.time(*times), side(news, who)
    leg = call_id if who == "caller" or about.leg is None else f"{call_id}/{about.leg}"
    facts = _facts(news, call_id, who, step)
    if who == "caller" and step == "ringing":
        yield _event(news, "call.started", facts | {"leg_id": call_id}, when)
        return
    yield _event(news, event_type, facts | about.agent() | {"leg_id": leg}, when)
    yield from _root(news, step, facts, when) if leg != call_id else ()


def _root(news: News, step: str, facts: dict[str, Any], when: str | None) -> Iterator[Event]:
    """What a leg tells of the whole call."""
    root = {name: value for name, value in facts.items() if name not in ("outcome", "native_cause")}
    root |= {"leg_id": facts["call_id"]}
    if step == "ringing":
        yield _event(news, "call.started", root, when)
    elif step == "answered":
        yield _event(news, "call.answered", root, when)
    elif step == "ended" and facts["outcome"] == "answered":
        yield _event(news, "call.ended", root | {"outcome": "answered"}, when)
    elif step == "missed" and "queue" not in facts and not _elsewhere(news) and not news.item.get("forwarded_by"):
        yield _event(news, "call.ended", root | {"outcome": facts["outcome"]}, when)


def _event(news: News, event_type: str, facts: dict[str, Any], when: str | None) -> Event:
    child = facts["leg_id"] != facts["call_id"]
    data = CallData.model_validate(facts | {"parent_leg_id": facts["call_id"] if child else None})
    # Each device tells of the root too: without the device in the key, two different facts would have one id.
    device = (side(news, "callee").leg, side(news, "caller").leg)
    return news.make(event_type, data, data.call_id, when, data.call_id, data.leg_id, *device)


def _facts(news: News, call_id: str, who: str, step: str) -> dict[str, Any]:
    caller, callee = side(news, "caller"), side(news, "callee")
    direction = direction_of(caller.own, callee.own, who == "caller")
    customer, business = customer_of(news, direction, caller, callee)
    return {
        "call_id": call_id,
        "direction": direction,
        "customer": customer,
        "business": business,
        **forwarded(news),
        **(caller.agent() if who == "caller" else {}),
        **_ending(news, step),
        "native_status": news.event,
        "native": _native(news, caller if who == "caller" else callee),
    }


def _native(news: News, about: Side) -> dict[str, Any]:
    device = kept(about.given, "device_type", "device_id", "connection_type", "extension_type")
    return device | kept(news.item, "handup_result", "park_code")


def _ending(news: News, step: str) -> dict[str, Any]:
    if step not in ("ended", "missed", "rejected"):
        return {}
    found, result = news.item, text_at(news.item, "handup_result")
    answered = any_time(found.get("answer_start_time"))
    if step == "ended" and answered:
        outcome: Outcome | None = "answered"
    else:
        standard: dict[str, Outcome] = {"missed": "no_answer", "rejected": "rejected"}
        outcome = _result(result) or standard.get(step, "no_answer")
    return {
        "outcome": outcome,
        "native_cause": result,
        "talk_s": _between(answered, found.get("call_end_time")) if answered else None,
        "duration_s": _between(found.get("ringing_start_time"), found.get("call_end_time")),
    }


def _result(text: str | None) -> Outcome | None:
    return next((outcome for start, outcome in RESULTS if (text or "").lower().startswith(start)), None)


def _elsewhere(news: News) -> bool:
    return (text_at(news.item, "handup_result") or "").lower().startswith(ELSEWHERE)


def _between(start: Any, end: Any) -> int | None:
    began, ended = any_time(start), any_time(end)
    passed = unix_ms(ended) - unix_ms(began) if began and ended else -1
    return passed // 1000 if passed >= 0 else None


def _transfer(kind: str | None) -> Callable[[News], Iterable[Part]]:
    def read(news: News) -> Iterator[Part]:
        call_id, failure = key_at(news.item, "call_id"), text_at(news.item, "failure_reason")
        if call_id is None:
            return
        data = TransferData.model_validate(
            {
                "call_id": call_id,
                "leg_id": call_id,
                "kind": kind,
                "state": "failed" if failure else "started",
                "to_number": our_number(text_at(news.item, "transfer_phone_number"), news.connection),
                **owner_of(news.item),
                "native_status": news.event,
                "native": kept(news.item, "failure_reason", "conference_id", "meeting_id"),
            }
        )
        yield news.make("call.transferred", data, call_id, news.time("date_time"), call_id)

    return read


def _without_words(news: News) -> Iterator[Part]:
    """Muting changes nothing that others must know."""
    yield Unmapped(type=news.event, native=dict(news.payload))


CALLS: Mapping[str, Callable[[News], Iterable[Part]]] = {
    **{f"phone.{who}_{step}": _step for who, steps in NAMES.items() for step in steps},
    **{f"phone.{who}_{step}": _without_words for who in NAMES for step in ("mute", "unmute")},
    "phone.blind_transfer_initiated": _transfer("blind"),
    "phone.transfer_call_to_voicemail_initiated": _transfer(None),
    "phone.conference_started": _transfer("conference"),
    "phone.caller_meeting_inviting": _transfer("conference"),
    "phone.callee_meeting_inviting": _transfer("conference"),
}
