"""Batches of the bridge to events; each event of a batch stands alone."""

from __future__ import annotations

from connectors.asterisk.ami import map_ami
from connectors.asterisk.ari import map_ari
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_json
from hub.pbx import read_batch, together

SOURCES = {"ami": map_ami, "ari": map_ari}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts; raises Quarantine for what is no batch of an Asterisk."""
    source, events = read_batch(parse_json(delivery.body))
    mapper, maker = SOURCES.get(source), EventMaker(delivery, connection)
    if mapper is None:
        raise Quarantine("a batch of another PBX")
    unreadable = Mapped(unmapped=(Unmapped(type=f"{source}/unreadable"),))
    return together(*(mapper(one, maker) if one else unreadable for one in events))
