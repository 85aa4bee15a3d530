"""One delivery of Bird's to events: a channel's message (new platform) or a conversation's (classic)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from connectors.bird.channels import read_echo, read_inbound, read_interaction, read_status
from connectors.bird.classic import parts as classic_parts
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import id_at, parse_json, text_at
from hub.whatsapp.owned import owns
from hub.whatsapp.parts import Part, collect, guarded
from hub.whatsapp.reading import Json, word

# A channel's event -> what its payload says, each on its own.
READERS: Mapping[str, tuple[Callable[[EventMaker, Json], Part], ...]] = {
    "whatsapp.inbound": (read_inbound,),
    "whatsapp.outbound": (read_echo, read_status),
    "whatsapp.interaction": (read_interaction,),
}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it is none of Bird's or is about another channel."""
    body = parse_json(delivery.body)
    if not isinstance(body, dict):
        raise Quarantine("not a Bird delivery")
    _refuse_foreign(body, connection)
    maker = EventMaker(delivery, connection)
    if event := text_at(body, "event"):
        return collect(_channel_parts(maker, body, event))
    if kind := text_at(body, "type"):
        return collect(classic_parts(maker, body, kind))
    raise Quarantine("not a Bird delivery")


def _channel_parts(maker: EventMaker, body: Json, event: str) -> list[Part]:
    readers = READERS.get(event)
    if readers is None:
        return [Unmapped(type=name_of(event), native=body)]
    found = [guarded(f"{name_of(event)}/unreadable", body.get("payload"), partial(reader, maker)) for reader in readers]
    # What cannot be read is set aside once, though two readers looked at it.
    return [part for number, part in enumerate(found) if part not in found[:number]]


def name_of(event: str) -> str:
    """`whatsapp.inbound` as the name of a counter."""
    return "/".join(word(part) for part in event.split(".")[:3])


def _refuse_foreign(body: Json, connection: Connection) -> None:
    """A workspace has the channels of several businesses, of one Bird account."""
    for holder in ("payload", "message"):
        channel = id_at(body, holder, "channelId")
        if channel and not owns(connection, "channel_ids", channel):
            raise Quarantine("a channel of another account")
