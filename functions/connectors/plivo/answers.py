"""What Plivo wants to hear: Plivo XML where it asks for it, an empty 200 elsewhere; see `hub.call_plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hub.call_plan import (
    DEFAULT_SAY,
    MAX_VOICEMAIL_S,
    Plan,
    document,
    element,
    form_fields,
    plan_of,
    voicemail_url,
)
from hub.delivery import Connection, Request, Response

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Fields of callbacks whose answer Plivo does not read.
NOT_ASKING = ("HangupCause", "HangupCauseName", "DialAction", "transcription", "MPCUUID", "ConferenceUUID", "Machine")
NOTIFICATIONS = frozenset({"Hangup", "Ring", "MachineDetection", "DialAnswer", "DialHangup", "RecordStop"})
ANSWERED = frozenset({"completed", "answer", "answered"})


def answer(request: Request, connection: Connection) -> Response:
    """200: with XML where the request asks for instructions or tells of a message, else empty."""
    fields = form_fields(request.body)
    if "MessageUUID" in fields:
        return _xml([]) if "Status" not in fields else Response(200)
    silent = any(name in fields for name in NOT_ASKING) or fields.get("Event") in NOTIFICATIONS
    if "CallUUID" not in fields or silent or ("RecordUrl" in fields and "CallStatus" not in fields):
        return Response(200)
    return _xml(_instructions(fields, request.url.partition("?")[0], plan_of(connection.settings)))


def _xml(elements: list[Element]) -> Response:
    return Response(200, document(elements), "application/xml")


def _instructions(fields: Mapping[str, str], url: str, plan: Plan) -> list[Element]:
    """The next step of the call: after a <Dial>, after a <Record>, or at its beginning."""
    if "DialStatus" in fields:
        unanswered = fields["DialStatus"] not in ANSWERED
        return _voicemail(url, plan) if unanswered and plan.voicemail else [element("Hangup")]
    if "RecordUrl" in fields or "RecordingID" in fields:
        return [element("Hangup")]
    return _opening(url, plan)


def _opening(url: str, plan: Plan) -> list[Element]:
    say = _speak(plan.say, plan)
    if plan.dial:
        session = element("Record", recordSession="true", callbackUrl=url, maxLength=14_400)
        return [*say, *([session] if plan.record else []), _dial(url, plan)]
    if plan.record or plan.voicemail:
        return [*say, _record(url)] if say else _voicemail(url, plan)
    return say or _speak(DEFAULT_SAY, plan)


def _dial(url: str, plan: Plan) -> Element:
    dial = element("Dial", action=url, callbackUrl=url, callerId=plan.caller_id, timeout=plan.timeout_s)
    dial.append(element("User" if plan.dial.startswith(("sip:", "sips:")) else "Number", plan.dial))
    return dial


def _voicemail(url: str, plan: Plan) -> list[Element]:
    return [*_speak(plan.voicemail_say, plan), _record(url)]


def _record(url: str) -> Element:
    # Without an action Plivo asks this very URL again, and the caller would hear the greeting for ever.
    marked = voicemail_url(url)
    return element("Record", action=marked, callbackUrl=marked, playBeep="true", maxLength=MAX_VOICEMAIL_S)


def _speak(text: str, plan: Plan) -> list[Element]:
    return [element("Speak", text, language=plan.language, voice=plan.voice)] if text else []
