"""What Aircall's objects mean: who is ours, who the customer is, when it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.calling import key_at, named, other_side, our_number
from hub.delivery import Connection
from hub.domain.events import Event, Identifier, Model, Party
from hub.emails import email_identifier
from hub.fields import full_name
from hub.mapping import EventMaker
from hub.parsing import dict_at, list_at, text_at
from hub.phones import phone_identifier
from hub.times import any_time

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    """One delivery: Aircall's word, the resource as it is now, and the time of the envelope."""

    maker: EventMaker
    event: str
    data: Json
    at: str | None

    @property
    def connection(self) -> Connection:
        """The connection that it came in on."""
        return self.maker.connection

    @property
    def name(self) -> str:
        """The event without its resource and version: `wut_start` of `user.wut_start.v2`."""
        return self.event.partition(".")[2].removesuffix(".v2")

    def time(self, name: str) -> str | None:
        """That time of the resource, else the envelope's."""
        return any_time(self.data.get(name)) or self.at

    def make(self, event_type: str, data: Model, subject: str, time: str | None, *key: object) -> Event:
        """An event of this delivery; versions 1 and 2 of one event are one."""
        name = self.event.removesuffix(".v2")
        return self.maker.event(event_type, data, subject=subject, time=time, key=(name, *key, self.at))


def agent_of(user: Json) -> dict[str, Any]:
    """A user as the agent."""
    found, email = key_at(user, "id"), text_at(user, "email")
    more = {"agent_id": found, "agent_email": email, "agent_extension": key_at(user, "extension")}
    return named({"agent": text_at(user, "name") or email or found, **more})


def sides(news: News, item: Json) -> dict[str, Any]:
    """Direction (Aircall's is the business's), customer, our number, and the number's name as the queue."""
    direction = text_at(item, "direction")
    number = dict_at(item, "number")
    team = next((name for one in list_at(item, "teams") if (name := text_at(one, "name"))), None)
    return {
        "direction": direction if direction in ("inbound", "outbound") else "unknown",
        "customer": customer_of(news, item),
        "business": our_number(text_at(number, "digits"), news.connection),
        **named({"queue": team}),
    }


def customer_of(news: News, item: Json) -> Party:
    """Who is called or calls: by the number; the contact's name and e-mails, where Aircall matched one to it."""
    contact, raw = dict_at(item, "contact"), text_at(item, "raw_digits") or _outsider(item)
    party = other_side(raw, news.connection)
    own = _numbers(contact, news.connection)
    if not party.identifiers or (own and not set(party.identifiers) & set(own)):
        return party
    emails = (email_identifier(text_at(one, "value")) for one in list_at(contact, "emails"))
    identifiers = dict.fromkeys((*party.identifiers, *(one for one in emails if one)))
    return Party(identifiers=tuple(identifiers), name=name_of(contact))


def _outsider(item: Json) -> str | None:
    people = (*list_at(item, "participants"), *list_at(item, "conference_participants"))
    return next((text_at(one, "phone_number") for one in people if text_at(one, "type") == "external"), None)


def name_of(contact: Json) -> str | None:
    """The contact's name."""
    return full_name(text_at(contact, "first_name"), text_at(contact, "last_name"))


def _numbers(contact: Json, connection: Connection) -> tuple[Identifier, ...]:
    found = (
        phone_identifier(text_at(one, "value"), connection.default_region) for one in list_at(contact, "phone_numbers")
    )
    return tuple(one for one in found if one)
