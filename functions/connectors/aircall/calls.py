"""Aircall's call events. Each holds the whole call as it is; what is said of an agent is a leg of the call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from connectors.aircall.reading import Json, News, agent_of, sides
from hub.calling import Part, key_at, named, our_number, seconds_at, word
from hub.domain.events import CallData, Event, RecordingData, TransferData, Unmapped, VoicemailData, WrapUpData, unix_ms
from hub.domain.events_calls import Outcome
from hub.parsing import dict_at, list_at, text_at, texts
from hub.times import any_time

# name -> ours, the resource's time that it happened at, and whether it is of the agent's leg.
STEPS: Mapping[str, tuple[str, str, bool]] = {
    "created": ("call.started", "started_at", False),
    "ringing_on_agent": ("call.ringing", "", True),
    "agent_declined": ("call.ended", "", True),
    "answered": ("call.answered", "answered_at", False),
    "hold": ("call.held", "", False),
    "unhold": ("call.resumed", "", False),
    "hungup": ("call.ended", "ended_at", False),
}
MISSED: Mapping[str, Outcome] = {
    "out_of_opening_hours": "rejected",
    "short_abandoned": "abandoned",
    "abandoned_in_ivr": "abandoned",
    "abandoned_in_classic": "abandoned",
    "no_available_agent": "no_answer",
    "agents_did_not_answer": "no_answer",
}
KEPT = ("call_uuid", "sid", "status", "missed_call_reason", "hangup_cause", "archived")
Read = Callable[[News, str], Iterable[Part]]


def map_call(news: News) -> Iterator[Part]:
    """What the event says; a call without its id says nothing that could be joined."""
    call_id, read = key_at(news.data, "id"), READERS.get(news.name)
    if read is not None and call_id is not None:
        yield from read(news, call_id)
    elif read is None:
        yield Unmapped(type=word(news.event), native=dict(news.data))


def _about(news: News, call_id: str) -> dict[str, Any]:
    found = news.data
    return {
        "call_id": call_id,
        "leg_id": call_id,
        **sides(news, found),
        **agent_of(dict_at(found, "user")),
        "native_status": news.event,
        "native": {name: value for name in KEPT if _short(value := found.get(name))},
    }


def _short(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and 0 < len(value) <= 200)


def _brief(news: News, call_id: str) -> dict[str, Any]:
    """As `_about`, for facts that say nothing of direction and our number."""
    return {name: value for name, value in _about(news, call_id).items() if name not in ("direction", "business")}


def _step(news: News, call_id: str) -> Iterator[Part]:
    event_type, when, of_agent = STEPS[news.name]
    about = _about(news, call_id)
    agent = about.get("agent_id")
    if of_agent and agent:
        about |= {"leg_id": f"{call_id}/{agent}", "parent_leg_id": call_id}
    if news.name == "hungup":
        about |= _end(news.data)
    if news.name == "agent_declined":
        about |= {"outcome": "rejected"}
    data = CallData.model_validate(about)
    yield news.make(event_type, data, call_id, news.time(when), call_id, agent)


def _end(found: Json) -> dict[str, Any]:
    reason, answered = text_at(found, "missed_call_reason"), any_time(found.get("answered_at"))
    ended, direction = any_time(found.get("ended_at")), text_at(found, "direction")
    if answered:
        outcome: Outcome | None = "answered"
    else:
        outcome = MISSED.get(reason or "") or ("no_answer" if direction == "outbound" or reason else None)
    return {
        "outcome": "voicemail" if text_at(found, "voicemail") and not answered else outcome,
        "duration_s": seconds_at(found, "duration"),
        "talk_s": _between(answered, ended),
        "native_cause": text_at(found, "hangup_cause") or reason,
    }


def _between(start: str | None, end: str | None) -> int | None:
    passed = unix_ms(end) - unix_ms(start) if start and end else -1
    return passed // 1000 if passed >= 0 else None


def _ended(news: News, call_id: str) -> Iterator[Part]:
    """Half a minute later: the end again with all that is known by then, recording, voicemail, tags and comments."""
    data = CallData.model_validate(_about(news, call_id) | _end(news.data))
    yield news.make("call.ended", data, call_id, news.time("ended_at"), call_id)
    yield from _assets(news, call_id)
    if list_at(news.data, "tags") or list_at(news.data, "comments"):
        yield from _noted(news, call_id)


def _assets(news: News, call_id: str) -> Iterator[Event]:
    found, when = news.data, news.time("ended_at")
    recording = text_at(found, "recording") or text_at(found, "recording_short_url")
    if recording:
        more = {"recording_id": call_id, "url": recording}
        data = RecordingData.model_validate(_brief(news, call_id) | more)
        yield news.make("call.recorded", data, call_id, when, call_id)
    if text_at(found, "voicemail") or text_at(found, "voicemail_short_url"):
        yield _left(news, call_id, when)


def _left(news: News, call_id: str, when: str | None) -> Event:
    found = news.data
    number = dict_at(found, "number")
    data = VoicemailData.model_validate(
        _about(news, call_id)
        | {
            "voicemail_id": call_id,
            "url": text_at(found, "voicemail") or text_at(found, "voicemail_short_url"),
            "mailbox": text_at(number, "name") or text_at(number, "digits"),
            "mailbox_kind": "queue" if number else "unknown",
        }
    )
    return news.make("call.voicemail_left", data, call_id, when, call_id)


def _voicemail(news: News, call_id: str) -> Iterator[Part]:
    yield _left(news, call_id, news.at)


def _generated(news: News, call_id: str) -> Iterator[Part]:
    assets: list[Part] = list(_assets(news, call_id))
    yield from assets or [Unmapped(type=f"{news.event}/without_assets", native=dict(news.data))]


def _noted(news: News, call_id: str) -> Iterator[Part]:
    """Tags are the disposition, comments the notes: each time all of them, so that a removed tag is gone."""
    found = news.data
    tags = texts(text_at(tag, "name") for tag in list_at(found, "tags"))
    comments = [one for one in list_at(found, "comments") if text_at(one, "content")]
    author = next((who for one in reversed(comments) if (who := agent_of(dict_at(one, "posted_by")))), {})
    data = WrapUpData.model_validate(
        _brief(news, call_id)
        | (author if news.name == "commented" else {})
        | named(
            {
                "code": tags[0] if tags else None,
                "label": ", ".join(tags)[:500] or None,
                "tags": tags,
                "notes": "\n".join(text_at(one, "content") or "" for one in comments) or None,
            }
        )
    )
    yield news.make("call.wrapped_up", data, call_id, news.at, call_id)


def _transfer(kind: str | None, state: str) -> Read:
    def read(news: News, call_id: str) -> Iterator[Part]:
        found = news.data
        target = agent_of(dict_at(found, "transferred_to"))
        outside = text_at(found, "external_transferred_to")
        team = text_at(found, "transferred_to", "team", "name") or text_at(found, "transferred_to_team", "name")
        data = TransferData.model_validate(
            _brief(news, call_id)
            | agent_of(dict_at(found, "transferred_by"))
            | {
                "kind": kind,
                "state": state,
                "to_agent": target.get("agent"),
                "to_queue": team,
                "to_number": our_number(outside, news.connection),
            }
        )
        yield news.make("call.transferred", data, call_id, news.at, call_id)

    return read


def _without_words(news: News, _call_id: str) -> Iterator[Part]:
    """Assigned or archived: who is to follow it up says nothing of the call itself."""
    yield Unmapped(type=news.event, native=dict(news.data))


def _ivr(news: News, call_id: str) -> Iterator[Part]:
    """The last option that the caller chose is the queue that he waits in."""
    chosen = [one for one in list_at(news.data, "ivr_options_selected") if isinstance(one, dict)]
    last = chosen[-1] if chosen else {}
    queue = text_at(last, "branch") or text_at(last, "title") or key_at(last, "key")
    data = CallData.model_validate(_about(news, call_id) | named({"queue": queue}))
    yield news.make("call.queued", data, call_id, news.at, call_id, len(chosen))


WITHOUT_WORDS = frozenset({"assigned", "archived"})
READERS: Mapping[str, Read] = {
    **dict.fromkeys(STEPS, _step),
    "ended": _ended,
    "voicemail_left": _voicemail,
    "comm_assets_generated": _generated,
    **dict.fromkeys(("commented", "tagged", "untagged"), _noted),
    "transferred": _transfer(None, "completed"),
    "external_transferred": _transfer("external", "completed"),
    "unsuccessful_transfer": _transfer(None, "failed"),
    **dict.fromkeys(WITHOUT_WORDS, _without_words),
    "ivr_option_selected": _ivr,
}
