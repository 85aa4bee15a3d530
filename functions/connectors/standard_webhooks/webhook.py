"""A delivery -> the events that the connection's map declares: every rule that holds makes one.

https://www.standardwebhooks.com (read November 2026): `type`, `timestamp` and `data` are recommended, not required.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from hub.declared_events import make
from hub.declared_map import Rule, compiled
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_json
from hub.signing import MAX_HEADER
from hub.whatsapp.parts import Part, collect, guarded
from hub.whatsapp.reading import Json, Unreadable

MAX_WORD = 100
MESSAGE_ID = "webhook-id"


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it is no JSON object, or the connection's map is not valid."""
    rules, wrong = compiled(connection.settings.get("map"))
    if wrong:
        raise Quarantine("the connection's map is not valid")
    document = parse_json(delivery.body)
    if not isinstance(document, dict):
        raise Quarantine("not a JSON object")
    return collect(_parts(EventMaker(delivery, connection), rules, document))


def _parts(maker: EventMaker, rules: tuple[Rule, ...], document: Json) -> Iterator[Part]:
    speaking = [rule for rule in rules if rule.holds(document)]
    if not speaking:
        yield Unmapped(type=word(document.get("type")), native=document)
    for rule in speaking:
        yield guarded(f"unreadable/{rule.event}", document, partial(_event, maker, rule))


def _event(maker: EventMaker, rule: Rule, document: Json) -> Part:
    message_id = maker.delivery.headers.get(MESSAGE_ID, "")[:MAX_HEADER] or maker.delivery_id
    facts = rule.facts(document, message_id)
    if facts is None:
        raise Unreadable("record.id")
    return make(maker, facts)


def word(value: Any) -> str:
    """The sender's word for what happened, where it is one as the specification has them: `user.created`."""
    parts = value.split(".") if isinstance(value, str) and len(value) <= MAX_WORD and value.isascii() else []
    fits = parts and all(part.replace("_", "").replace("-", "").isalpha() for part in parts)
    return str(value) if fits else "other"
