"""How a connection answers incoming calls, read from its settings, and an XML writer for platforms that want XML.

`settings.dial_number` connects callers to that number. `settings.voice_instructions` says more: `{"say", "language",
"voice", "dial", "caller_id", "timeout_s", "record", "voicemail", "voicemail_say"}`, all optional. Nothing that a caller
or a platform sent gets into an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEFAULT_SAY = "Thank you for calling."
DEFAULT_VOICEMAIL = "Please leave a message after the tone."
VOICEMAIL_QUERY = "voicemail=1"
MAX_SAY = 1500  # characters; the least that the platforms read
MAX_VOICEMAIL_S = 300
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARK = re.compile(f"(?:^|&){VOICEMAIL_QUERY}(?:&|$)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a caller; empty texts and None where the settings are silent."""

    say: str = ""
    language: str = ""
    voice: str = ""
    dial: str = ""
    caller_id: str = ""
    timeout_s: int | None = None
    record: bool = False
    voicemail: bool = False
    voicemail_say: str = DEFAULT_VOICEMAIL


def plan_of(settings: Mapping[str, Any]) -> Plan:
    """The plan in a connection's settings; values of a wrong type count as missing."""
    extra = settings.get("voice_instructions")
    given = {"dial": settings.get("dial_number"), **(extra if isinstance(extra, Mapping) else {})}
    timeout = given.get("timeout_s")
    return Plan(
        **{name: _text(given.get(name)) for name in ("say", "language", "voice", "dial", "caller_id")},
        timeout_s=timeout if isinstance(timeout, int) and not isinstance(timeout, bool) and timeout > 0 else None,
        record=given.get("record") is True,
        voicemail=given.get("voicemail") is True,
        voicemail_say=_text(given.get("voicemail_say")) or DEFAULT_VOICEMAIL,
    )


def _text(value: Any) -> str:
    return value.strip()[:MAX_SAY] if isinstance(value, str) else ""


def voicemail_url(url: str) -> str:
    """Where a voicemail is reported to: the platforms do not say of a recording what it was made for."""
    return f"{url}?{VOICEMAIL_QUERY}"


def is_voicemail(query: str) -> bool:
    """Whether a delivery's query is of that address."""
    return bool(_MARK.search(query))


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form that have a value, however odd it is; for answers only, mapping reads strictly."""
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=1000))
    except ValueError:
        return {}


def element(name: str, text: str = "", **attributes: Any) -> Element:
    """An XML element; text and attributes are escaped by the writer, and what XML cannot hold is left out."""
    from xml.etree.ElementTree import Element

    given = {key: value for key, value in attributes.items() if value not in (None, "")}
    found = Element(name, {key: _NOT_XML.sub("", str(value)) for key, value in given.items()})
    found.text = _NOT_XML.sub("", text) or None
    return found


def document(verbs: Sequence[Element]) -> str:
    """The verbs inside <Response>, as a document."""
    from xml.etree.ElementTree import tostring

    response = element("Response")
    response.extend(verbs)
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")
