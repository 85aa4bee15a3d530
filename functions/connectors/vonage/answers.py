"""What Vonage wants to hear: a call control object (NCCO) where it asks for one, 204 elsewhere.

The actions are made of the connection's settings alone (`hub.call_plan`) and written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from hub.call_plan import DEFAULT_SAY, MAX_VOICEMAIL_S, Plan, plan_of, voicemail_url
from hub.delivery import Connection, Request, Response

# States of the leg that `connect` makes in which a synchronous action asks what to do next.
NOT_REACHED = frozenset({"failed", "rejected", "unanswered", "busy", "timeout", "cancelled"})
APP = ("client:", "app:")
RING_S = 60  # Vonage's own default
Action = dict[str, Any]
_TAGS = str.maketrans("<>", "  ")


def answer(request: Request, connection: Connection) -> Response:
    """200 with an NCCO where the request asks for one, else an empty 204."""
    fields, url = _fields(request), request.url.partition("?")[0]
    plan = plan_of(connection.settings)
    if is_answer_request(fields):
        return _ncco(_opening(plan, url))
    unanswered = fields.get("status") in NOT_REACHED and fields.get("direction") == "outbound"
    if plan.voicemail and plan.dial and unanswered and "conversation_uuid" in fields:
        return _ncco(_voicemail(plan, url))
    return Response(204)


def is_answer_request(fields: Mapping[str, Any]) -> bool:
    """Whether it is an answer webhook: a leg without a status, and none of an event's own fields."""
    about = ("status", "message_uuid", "dtmf", "speech", "recording_url", "recording_uuid", "conversation_uuid_from")
    return all(name in fields for name in ("uuid", "conversation_uuid", "to")) and not any(
        name in fields for name in (*about, "reason", "transcription_url", "type")
    )


def _fields(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return query_fields(request.query)
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def query_fields(query: str) -> dict[str, Any]:
    """The fields of a GET; none where they are too many to be Vonage's."""
    try:
        return dict(parse_qsl(query, max_num_fields=200))
    except ValueError:
        return {}


def _ncco(actions: list[Action]) -> Response:
    return Response(200, json.dumps(actions, ensure_ascii=False, separators=(",", ":")), "application/json")


def _opening(plan: Plan, url: str) -> list[Action]:
    say = _talk(plan.say, plan)
    endpoint = _endpoint(plan.dial)
    if endpoint:
        record: list[Action] = [{"action": "record", "split": "conversation", "eventUrl": [url]}] if plan.record else []
        return [*say, *record, _connect(endpoint, plan, url)]
    if plan.record or plan.voicemail:
        return [*say, _record(url)] if say else _voicemail(plan, url)
    return say or _talk(DEFAULT_SAY, plan)


def _connect(endpoint: Action, plan: Plan, url: str) -> Action:
    caller_id = re.sub("[^0-9]", "", plan.caller_id)
    return {
        "action": "connect",
        **({"from": caller_id} if caller_id else {}),
        "timeout": plan.timeout_s or RING_S,
        **({"eventType": "synchronous"} if plan.voicemail else {}),
        "eventUrl": [url],
        "endpoint": [endpoint],
    }


def _endpoint(dial: str) -> Action | None:
    """Where to connect to: a SIP address, an app user, or a number in Vonage's form, without the +."""
    if dial.startswith(("sip:", "sips:")):
        return {"type": "sip", "uri": dial}
    user = next((dial.removeprefix(prefix) for prefix in APP if dial.startswith(prefix)), None)
    if user is not None:
        return {"type": "app", "user": user} if user else None
    digits = re.sub("[^0-9]", "", dial)
    return {"type": "phone", "number": digits} if digits else None


def _voicemail(plan: Plan, url: str) -> list[Action]:
    return [*_talk(plan.voicemail_say, plan), _record(url)]


def _record(url: str) -> Action:
    return {"action": "record", "beepStart": True, "timeOut": MAX_VOICEMAIL_S, "eventUrl": [voicemail_url(url)]}


def _talk(text: str, plan: Plan) -> list[Action]:
    """The text spoken; without angle brackets, for Vonage takes a text in <speak> for markup."""
    spoken = text.translate(_TAGS).strip()
    if not spoken:
        return []
    return [{"action": "talk", "text": spoken, **({"language": plan.language} if plan.language else {})}]
