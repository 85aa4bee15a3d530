"""What every part of one change needs to be read: whose it is, which field and origin, who the contacts are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hub.domain.events import Event, Identifier, Model, Party, Unmapped
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at
from hub.whatsapp.people import Contacts, Person, identifiers, party, scope_of
from hub.whatsapp.reading import Json, objects, time_of

Origin = Literal["live", "history", "standby", "echo"]

ORIGINS: Mapping[str, Origin] = {
    "history": "history",
    "standby": "standby",
    "smb_message_echoes": "echo",
    "message_echoes": "echo",
}


@dataclass(frozen=True, slots=True)
class Context:
    """One change of a delivery; `number` is our number's id on the platform, `display` how Meta prints it."""

    maker: EventMaker
    field: str
    origin: Origin
    number: str
    display: str
    contacts: Contacts
    at: str | None = None  # of the entry (account news only), where an item has no time of its own
    exact: bool = False
    beside: str = ""  # the ids of the messages, statuses and calls of the change: what an error came along with

    def at_instant(self, at: str) -> Context:
        """The context in which everything happened at that instant, whatever an item's `timestamp` says."""
        return replace(self, at=at, exact=True)

    @property
    def scope(self) -> str:
        """The business portfolio inside which user ids and usernames mean somebody."""
        return scope_of(self.maker.connection)

    def party(self, known: Person) -> Party:
        """The customer with what `contacts` adds."""
        return party(self.contacts.complete(known), self.scope)

    def identifiers(self, known: Person) -> tuple[Identifier, ...]:
        """The identifiers named by a part itself."""
        return identifiers(known, self.scope)

    def event(self, event_type: str, data: Model, item: Json, *, subject: str, key: Iterable[object]) -> Event:
        """An event at the item's own time; copies under other fields (history, standby) are events of their own."""
        prefix = () if self.origin == "live" else (self.field,)
        at = self.at if self.exact else time_of(item) or self.at
        return self.maker.event(event_type, data, subject=subject, time=at, key=(*prefix, *key))

    @property
    def only_contact(self) -> Person:
        """The person of `contacts` where there is exactly one: for items that name nobody themselves."""
        return self.contacts.only

    def unmapped(self, subtype: str, native: object) -> Unmapped:
        """A part without words of ours, named after its field."""
        return Unmapped(type=f"{self.field}/{subtype}" if subtype else self.field, native=native)


def context_of(maker: EventMaker, field: str, value: Json) -> Context:
    """The context of a change's `value`."""
    metadata = dict_at(value, "metadata")
    people = Contacts.of([*objects(value, "contacts"), *objects(dict_at(value, "standby"), "contacts")])
    number, display = id_at(metadata, "phone_number_id") or "", id_at(metadata, "display_phone_number") or ""
    origin, beside = ORIGINS.get(field, "live"), " ".join(_ids(value))
    return Context(maker, field, origin, number, display, people, beside=beside)


def _ids(value: Json) -> Iterator[str]:
    for name in ("messages", "statuses", "calls"):
        yield from (found for item in objects(value, name) if (found := id_at(item, "id")))
