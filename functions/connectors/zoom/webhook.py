"""One delivery of Zoom's to events, by the event's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from connectors.zoom.account import ACCOUNT
from connectors.zoom.calls import CALLS
from connectors.zoom.engagements import ENGAGEMENTS
from connectors.zoom.history import HISTORY
from connectors.zoom.media import MEDIA
from connectors.zoom.reading import News, unreadable
from connectors.zoom.texting import TEXTING
from hub.calling import Part, gather, word
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, parse_json, text_at
from hub.times import from_unix

READERS: Mapping[str, Callable[[News], Iterable[Part]]] = {
    **CALLS,
    **HISTORY,
    **MEDIA,
    **TEXTING,
    **ACCOUNT,
    **ENGAGEMENTS,
}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where it is none of Zoom's, or of another account."""
    body = parse_json(delivery.body)
    event, payload = text_at(body, "event"), dict_at(body, "payload")
    if event is None:
        raise Quarantine("not an event of Zoom")
    account, ours = id_at(payload, "account_id"), connection.settings.get("account_id")
    if account and ours and account != str(ours):
        raise Quarantine("an event of another account")
    reader = READERS.get(event)
    if reader is None:
        return Mapped(unmapped=(Unmapped(type=word(event), native=payload),))
    found = dict_at(payload, "object")
    news = News(EventMaker(delivery, connection), event, found, payload, from_unix(body.get("event_ts")))
    mapped = gather(lambda: reader(news), unreadable(event))
    if mapped.events or mapped.unmapped:
        return mapped
    return Mapped(unmapped=(Unmapped(type=unreadable(event), native=payload),))
