"""What Telnyx wants to hear: TeXML where a TeXML application asks for it, an empty 200 elsewhere; see `hub.call_plan`.

Call Control takes its commands by REST and reads no answer.
"""

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

# Parameters of callbacks whose answer Telnyx does not read.
NOT_ASKING = ("SequenceNumber", "CallbackSource", "RecordingStatus", "CallDuration", "HangupSource", "TranscriptionId")
ANSWERED = frozenset({"completed", "answered"})
EVENTS = "initiated ringing answered completed"


def answer(request: Request, connection: Connection) -> Response:
    """200, with TeXML where the request asks for instructions."""
    fields = {} if request.body[:1] in (b"{", b"[") else form_fields(request.body)
    if "CallSid" not in fields or any(name in fields for name in NOT_ASKING):
        return Response(200)
    verbs = _instructions(fields, request.url.partition("?")[0], plan_of(connection.settings))
    return Response(200, document(verbs), "text/xml; charset=utf-8")


def _instructions(fields: Mapping[str, str], url: str, plan: Plan) -> list[Element]:
    """The next step of the call: after a <Dial>, after a <Record>, or at its beginning."""
    if "DialCallStatus" in fields:
        unanswered = fields["DialCallStatus"] not in ANSWERED
        return _voicemail(url, plan) if unanswered and plan.voicemail else [element("Hangup")]
    if "RecordingUrl" in fields or "RecordingSid" in fields:
        return [element("Hangup")]
    return _opening(url, plan)


def _opening(url: str, plan: Plan) -> list[Element]:
    say = _say(plan.say, plan)
    if plan.dial:
        return [*say, _dial(url, plan)]
    if plan.record or plan.voicemail:
        return [*say, _record(url)] if say else _voicemail(url, plan)
    return say or _say(DEFAULT_SAY, plan)


def _dial(url: str, plan: Plan) -> Element:
    recording = {"record": "record-from-answer-dual", "recordingStatusCallback": url} if plan.record else {}
    dial = element("Dial", action=url, callerId=plan.caller_id, timeout=plan.timeout_s, **recording)
    noun = "Sip" if plan.dial.startswith(("sip:", "sips:")) else "Number"
    dial.append(element(noun, plan.dial, statusCallback=url, statusCallbackEvent=EVENTS))
    return dial


def _voicemail(url: str, plan: Plan) -> list[Element]:
    return [*_say(plan.voicemail_say, plan), _record(url)]


def _record(url: str) -> Element:
    marked = voicemail_url(url)
    return element("Record", action=marked, recordingStatusCallback=marked, playBeep="true", maxLength=MAX_VOICEMAIL_S)


def _say(text: str, plan: Plan) -> list[Element]:
    return [element("Say", text, language=plan.language, voice=plan.voice)] if text else []
