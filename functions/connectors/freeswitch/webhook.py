"""FreeSWITCH deliveries to events: a call record in one of mod_json_cdr's forms, or a batch of the bridge."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_to_bytes

from connectors.freeswitch.cdr import map_cdr
from connectors.freeswitch.esl import map_event
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_json
from hub.pbx import is_batch, read_batch, together

FORM = b"cdr="


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts; raises Quarantine for what is neither."""
    value, maker = parse_json(_document(delivery.body.strip())), EventMaker(delivery, connection)
    if not is_batch(value):
        return map_cdr(value, maker)
    source, events = read_batch(value)
    if source != "esl":
        raise Quarantine("a batch of another PBX")
    unreadable = Mapped(unmapped=(Unmapped(type="esl/unreadable"),))
    return together(*(map_event(one, maker) if one else unreadable for one in events))


def _document(body: bytes) -> bytes:
    """The JSON: alone (`encode` false), or after `cdr=` as a form field (true) or in base64.

    https://github.com/signalwire/freeswitch/blob/master/src/mod/event_handlers/mod_json_cdr/mod_json_cdr.c
    """
    if not body.startswith(FORM):
        return body
    text = body.removeprefix(FORM)
    if text.startswith(b"{"):
        return text
    decoded = unquote_to_bytes(text.replace(b"+", b" "))
    if decoded.startswith(b"{"):
        return decoded
    try:
        found: Any = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Quarantine("cdr= holds neither JSON nor base64") from error
    return bytes(found)
