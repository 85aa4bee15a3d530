"""What Twilio wants to hear: call instructions (TwiML) where it asks for them, an empty answer elsewhere.

`settings.dial_number` connects callers to that number. `settings.voice_instructions` says more:
`{"say", "language", "voice", "dial", "caller_id", "timeout_s", "record", "voicemail"}`, all optional.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from connectors.twilio.signature import is_form
from hub.delivery import Connection, Request, Response
from hub.signatures import MAX_FIELDS

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEFAULT_SAY = "Thank you for calling."
DEFAULT_VOICEMAIL = "Please leave a message after the tone."
EVENTS = "initiated ringing answered completed"
MAX_SAY = 4096  # characters that <Say> reads
EMPTY, HANG_UP = "<Response/>", "<Response><Hangup/></Response>"
# Parameters of callbacks whose answer Twilio does not read.
NOT_ASKING = frozenset(
    {
        *("SequenceNumber", "CallbackSource", "Timestamp", "CallDuration", "RecordingStatus"),
        *("TranscriptionSid", "TranscriptionEvent", "EventType", "ConferenceSid", "ConversationSid", "TaskSid"),
    }
)
NOUNS = {"client:": "Client", "sip:": "Sip"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(request: Request, connection: Connection) -> Response:
    """200 with TwiML where the request asks for instructions, else an empty 204."""
    fields = _fields(request)
    if "MessageSid" in fields or "SmsSid" in fields:
        received = fields.get("SmsStatus", fields.get("MessageStatus", "received")) in ("received", "receiving")
        return _twiml(EMPTY) if received else Response(204)
    if "CallStatus" not in fields or NOT_ASKING & fields.keys():
        return Response(204)
    return _twiml(_instructions(fields, request.url.partition("?")[0], _plan(connection.settings)))


def _fields(request: Request) -> dict[str, str]:
    if not is_form(request.headers, request.url.partition("?")[2]):
        return {}
    try:
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


def _twiml(document: str) -> Response:
    return Response(200, f'<?xml version="1.0" encoding="UTF-8"?>{document}', "text/xml; charset=utf-8")


def _plan(settings: Mapping[str, Any]) -> dict[str, Any]:
    given = settings.get("voice_instructions")
    return {"dial": settings.get("dial_number"), **(given if isinstance(given, Mapping) else {})}


def _instructions(fields: Mapping[str, str], url: str, plan: Mapping[str, Any]) -> str:
    """The next step of the call: after a <Dial>, after a <Record> or a queue, or at its beginning."""
    if "DialCallStatus" in fields:
        unanswered = fields["DialCallStatus"] not in ("completed", "answered")
        return _document(_voicemail(url, plan)) if unanswered and plan.get("voicemail") is True else HANG_UP
    if "RecordingUrl" in fields or "QueueResult" in fields:
        return HANG_UP
    return _document(_opening(url, plan))


def _opening(url: str, plan: Mapping[str, Any]) -> list[Element]:
    dial = plan.get("dial")
    say = _say(plan.get("say"), plan)
    if isinstance(dial, str) and dial:
        return [*say, _dial(dial, url, plan)]
    if plan.get("record") is True or plan.get("voicemail") is True:
        return [*say, _record(url)] if say else _voicemail(url, plan)
    return say or _say(DEFAULT_SAY, plan)


def _voicemail(url: str, plan: Mapping[str, Any]) -> list[Element]:
    prompt = plan.get("voicemail_say")
    return [*_say(prompt if isinstance(prompt, str) else DEFAULT_VOICEMAIL, plan), _record(url)]


def _say(text: Any, plan: Mapping[str, Any]) -> list[Element]:
    if not isinstance(text, str) or not text.strip():
        return []
    return [_element("Say", text[:MAX_SAY], language=plan.get("language"), voice=plan.get("voice"))]


def _dial(to: str, url: str, plan: Mapping[str, Any]) -> Element:
    record = plan.get("record") is True
    dial = _element(
        "Dial",
        action=url,
        answerOnBridge="true",
        callerId=plan.get("caller_id"),
        timeout=plan.get("timeout_s"),
        record="record-from-answer-dual" if record else None,
        recordingStatusCallback=url if record else None,
    )
    noun = next((name for prefix, name in NOUNS.items() if to.startswith(prefix)), "Number")
    called = to.removeprefix("client:")
    dial.append(_element(noun, called, statusCallback=url, statusCallbackEvent=EVENTS))
    return dial


def _record(url: str) -> Element:
    # Without an action Twilio asks this very URL again, and the caller would hear the greeting for ever.
    return _element("Record", action=url, recordingStatusCallback=url, playBeep="true", maxLength=300)


def _element(name: str, text: str = "", **attributes: Any) -> Element:
    """An element; text and attributes are escaped by the writer, and what XML cannot hold is left out."""
    from xml.etree.ElementTree import Element

    given = {key: value for key, value in attributes.items() if isinstance(value, str | int) and value != ""}
    element = Element(name, {key: _NOT_XML.sub("", str(value)) for key, value in given.items()})
    element.text = _NOT_XML.sub("", text) or None
    return element


def _document(verbs: list[Element]) -> str:
    from xml.etree.ElementTree import tostring

    response = _element("Response")
    response.extend(verbs)
    return tostring(response, encoding="unicode")
