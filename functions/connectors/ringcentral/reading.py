"""What RingCentral's notifications mean: what they are about, when it happened, who of a party is ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.calling import key_at, named, other_side, our_number
from hub.delivery import Connection
from hub.domain.events import Event, Model, Party
from hub.domain.events_calls import Direction
from hub.mapping import EventMaker
from hub.parsing import dict_at, text_at
from hub.times import any_time

Json = Mapping[str, Any]

# Calls that RingCentral makes for itself: nobody outside is called.
OWN_ORIGINS = frozenset({"GreetingsRecording", "VerificationCall", "TestCall"})


@dataclass(frozen=True, slots=True)
class News:
    """One notification: the path of its event filter, its body, and when it was made."""

    maker: EventMaker
    path: str
    body: Json
    uuid: str | None
    at: str | None

    @property
    def connection(self) -> Connection:
        """The connection that it came in on."""
        return self.maker.connection

    def time(self, *names: str) -> str | None:
        """The first of those times of the body, else the notification's own."""
        return next((found for name in names if (found := any_time(self.body.get(name)))), self.at)

    def make(self, event_type: str, data: Model, subject: str, time: str | None, *key: object) -> Event:
        """An event; `key` is RingCentral's identity of what happened: two subscriptions may tell of one thing."""
        return self.maker.event(event_type, data, subject=subject, time=time, key=key)


def is_own(side: Json) -> bool:
    """Whether a side (`from`, `to`) is an extension of the account."""
    return key_at(side, "extensionId") is not None


def direction_of(party: Json, origin: str | None) -> Direction:
    """In the business's sense; RingCentral's is the network's: Inbound means that it calls the endpoint, so both legs of
    a RingOut are Inbound, and so is the party outside of a call that we make.
    """
    caller, called = is_own(dict_at(party, "from")), is_own(dict_at(party, "to"))
    if origin in OWN_ORIGINS or (caller and called):
        return "internal"
    if origin == "RingOut":
        return "outbound"
    if caller or called:
        return "outbound" if caller else "inbound"
    technical, ours = text_at(party, "direction"), is_own(party)
    if technical not in ("Inbound", "Outbound"):
        return "unknown"
    return "inbound" if (technical == "Inbound") == ours else "outbound"


def sides(party: Json, origin: str | None, connection: Connection) -> dict[str, Any]:
    """Direction, customer and our number."""
    direction = direction_of(party, origin)
    if direction in ("internal", "unknown"):
        return {"direction": direction}
    them, us = ("from", "to") if direction == "inbound" else ("to", "from")
    if direction == "outbound" and is_own(dict_at(party, "to")):
        them, us = us, them  # the leg of a RingOut that rings our own phone
    outside = dict_at(party, them)
    return {
        "direction": direction,
        "customer": Party() if is_own(outside) else person(outside, connection),
        "business": our_number(text_at(party, us, "phoneNumber"), connection),
    }


def person(side: Json, connection: Connection) -> Party:
    """Somebody outside."""
    return other_side(text_at(side, "phoneNumber"), connection, text_at(side, "name"))


def agent_of(party: Json) -> dict[str, Any]:
    """The extension that the party is."""
    extension = key_at(party, "extensionId")
    if extension is None:
        return {}
    mine = next(
        (side for name in ("to", "from") if key_at(side := dict_at(party, name), "extensionId") == extension), {}
    )
    number = key_at(mine, "extensionNumber") or text_at(mine, "phoneNumber")
    short = number if number and number.isascii() and number.isdigit() and len(number) <= 6 else None
    return named({"agent": text_at(mine, "name") or extension, "agent_id": extension, "agent_extension": short})
