"""Zoom Contact Center: engagements that are calls. The names are documented; of the fields, several spellings are read.

Zoom's page shows the objects only behind a login; its changelog names `channel`, `channel_source`, `flow_name`; where
an engagement does not say that it is another channel's, it is taken for a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from connectors.zoom.reading import Json, News, kept, unreadable
from hub.calling import Part, key_at, named, other_side, our_number, seconds_at
from hub.domain.events import AgentStatusData, CallData, RecordingData, TransferData, Unmapped, WrapUpData
from hub.parsing import dict_at, list_at, text_at

PREFIX = "contact_center."
# Name -> ours. What is of one agent is a leg of the engagement.
STEPS: Mapping[str, tuple[str, bool]] = {
    "engagement_started": ("call.started", False),
    "task_created": ("call.queued", False),
    "engagement_user_answered": ("call.answered", True),
    "engagement_user_hold": ("call.held", True),
    "engagement_user_unhold": ("call.resumed", True),
    "engagement_user_ended": ("call.ended", True),
    "engagement_consumer_notified": ("call.ringing", False),
    "engagement_consumer_answered": ("call.answered", False),
    "engagement_ended": ("call.ended", False),
}
TRANSFERS: Mapping[str, str] = {
    "engagement_transfer_initiated": "started",
    "engagement_transfer_queued": "started",
    "engagement_transfer_reserved": "started",
    "engagement_transfer_accepted": "completed",
}
PRESENCE: Mapping[str, str] = {"user_logout": "offline"}
VOICE = frozenset({"voice", "phone", "pstn", "sip", "voip"})
PEOPLE = ("agent", "user", "assigned_to", "operator")


def _of_call(read: Callable[[News, str, dict[str, Any]], Iterable[Part]]) -> Callable[[News], Iterable[Part]]:
    """Only what is about a call: chat, video, SMS and e-mail are set aside."""

    def checked(news: News) -> Iterator[Part]:
        holder = _holder(news)
        engagement, channel = key_at(holder, "engagement_id"), _channel(holder)
        if engagement is None:
            yield Unmapped(type=unreadable(news.event), native=dict(news.payload))
        elif channel not in (None, *VOICE):
            yield Unmapped(type=f"{news.event}/other_channel", native=dict(news.payload))
        else:
            yield from read(news, engagement, _about(news, holder, engagement))

    return checked


def _holder(news: News) -> Json:
    """The object; some deliveries are said to hold its fields in the payload itself."""
    return news.item if news.item else news.payload


def _channel(holder: Json) -> str | None:
    names = ("channel", "channel_type", "channel_name", "channel_source")
    return next((found.lower() for name in names if (found := text_at(holder, name))), None)


def _about(news: News, holder: Json, engagement: str) -> dict[str, Any]:
    return {
        "call_id": engagement,
        "leg_id": engagement,
        **_agent(holder),
        **named(
            {
                "queue": text_at(holder, "queue_name")
                or text_at(holder, "queue", "name")
                or key_at(holder, "queue_id"),
                "queue_id": key_at(holder, "cc_queue_id") or key_at(holder, "queue_id"),
            }
        ),
        "native_status": news.event,
        "native": kept(holder, "flow_name", "flow_id", "channel", "channel_source", "task_id", "close_source"),
    }


def _agent(holder: Json) -> dict[str, Any]:
    person = next((found for name in PEOPLE if (found := dict_at(holder, name))), {})
    user = key_at(holder, "user_id") or key_at(holder, "agent_id") or key_at(person, "id") or key_at(person, "user_id")
    name = text_at(holder, "user_name") or text_at(holder, "agent_name") or text_at(person, "display_name")
    email = text_at(holder, "user_email") or text_at(person, "email") or text_at(person, "user_email")
    return named({"agent": name or text_at(person, "name") or user, "agent_id": user, "agent_email": email})


def _sides(news: News) -> dict[str, Any]:
    holder = _holder(news)
    said = (text_at(holder, "direction") or "").lower()
    direction = said if said in ("inbound", "outbound") else "unknown"
    consumer = next(iter(list_at(holder, "consumers")), None) or dict_at(holder, "consumer")
    theirs, ours = ("callee", "caller") if direction == "outbound" else ("caller", "callee")
    number = (
        text_at(holder, "consumer_number")
        or text_at(consumer, "consumer_number")
        or text_at(consumer, "phone_number")
        or text_at(holder, f"{theirs}_number")
    )
    name = text_at(consumer, "consumer_display_name") or text_at(consumer, "display_name")
    return {
        "direction": direction,
        "customer": other_side(number, news.connection, name or text_at(holder, "consumer_display_name")),
        "business": our_number(text_at(holder, f"{ours}_number"), news.connection),
    }


def _step(news: News, engagement: str, about: dict[str, Any]) -> Iterator[Part]:
    event_type, of_agent = STEPS[news.event.removeprefix(PREFIX)]
    holder, agent = _holder(news), about.get("agent_id")
    leg = {"leg_id": f"{engagement}/{agent}", "parent_leg_id": engagement} if of_agent and agent else {}
    end = {}
    if event_type == "call.ended":
        end = {
            "duration_s": seconds_at(holder, "duration"),
            "talk_s": seconds_at(holder, "talk_duration"),
            "wait_s": seconds_at(holder, "waiting_duration"),
            "acw_s": seconds_at(holder, "wrap_up_duration"),
        }
    data = CallData.model_validate(about | _sides(news) | leg | end)
    when = news.time("start_time", "date_time") if event_type == "call.started" else news.time("date_time", "end_time")
    yield news.make(event_type, data, engagement, when, engagement, data.leg_id)


def _transfer(news: News, engagement: str, about: dict[str, Any]) -> Iterator[Part]:
    holder = _holder(news)
    data = TransferData.model_validate(
        about
        | {
            "kind": {"cold": "blind", "warm": "consult"}.get((text_at(holder, "transfer_type") or "").lower()),
            "state": TRANSFERS[news.event.removeprefix(PREFIX)],
            "to_queue": text_at(holder, "transfer_to_queue_name") or text_at(holder, "target_queue_name"),
        }
    )
    yield news.make("call.transferred", data, engagement, news.time("date_time"), engagement)


def _wrapped_up(news: News, engagement: str, about: dict[str, Any]) -> Iterator[Part]:
    holder = _holder(news)
    given = next(iter(list_at(holder, "dispositions")), None) or dict_at(holder, "disposition")
    code = key_at(holder, "disposition_id") or key_at(given, "disposition_id") or key_at(given, "id")
    label = text_at(holder, "disposition_name") or text_at(given, "disposition_name") or text_at(given, "name")
    data = WrapUpData.model_validate(
        about
        | {
            "code": code or label,
            "label": label or code,
            "notes": text_at(holder, "note") or text_at(holder, "notes"),
            "acw_s": seconds_at(holder, "wrap_up_duration"),
        }
    )
    yield news.make("call.wrapped_up", data, engagement, news.time("date_time"), engagement, code or label)


def _ended(news: News, engagement: str, about: dict[str, Any]) -> Iterator[Part]:
    """The end, and the disposition where one comes along."""
    yield from _step(news, engagement, about)
    if any(news.item.get(name) for name in ("disposition_name", "disposition_id", "disposition", "dispositions")):
        yield from _wrapped_up(news, engagement, about)


def _recorded(news: News, engagement: str, about: dict[str, Any]) -> Iterator[Part]:
    holder = _holder(news)
    for record in list_at(holder, "recordings") or [holder]:
        found = key_at(record, "recording_id") or key_at(record, "id")
        if found is None:
            yield Unmapped(type=unreadable(news.event), native=record)
            continue
        length, url = seconds_at(record, "recording_duration"), text_at(record, "download_url")
        more = {"recording_id": found, "url": url, "duration_s": length or seconds_at(record, "duration")}
        data = RecordingData.model_validate(about | more)
        yield news.make("call.recorded", data, engagement, news.time("recording_end_time"), engagement, found)


def _presence(news: News) -> Iterator[Part]:
    agent = _agent(_holder(news))
    if "agent_id" not in agent:
        return
    status = PRESENCE[news.event.removeprefix(PREFIX)]
    data = AgentStatusData.model_validate(agent | {"status": status, "native_status": news.event})
    yield news.make("agent.status_changed", data, data.agent_id, news.time("date_time"), data.agent_id)


ENGAGEMENTS: Mapping[str, Callable[[News], Iterable[Part]]] = {
    **{PREFIX + name: _of_call(_step) for name in STEPS},
    **{PREFIX + name: _of_call(_transfer) for name in TRANSFERS},
    **{PREFIX + name: _presence for name in PRESENCE},
    PREFIX + "engagement_ended": _of_call(_ended),
    PREFIX + "engagement_disposition_added": _of_call(_wrapped_up),
    PREFIX + "recording_completed": _of_call(_recorded),
}
