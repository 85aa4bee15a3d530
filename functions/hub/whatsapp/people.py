"""Who a part of a delivery is about: phone, business-scoped user id (BSUID) and username, any of which may be missing.

Since 2026 a customer may have no phone number for us, and `contacts` is not in the order of the messages
(docs/business-scoped-user-ids, read 2026-11-21).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from hub.delivery import Connection
from hub.domain.events import Identifier, IdentifierKind, Party
from hub.parsing import dict_at, id_at, text_at
from hub.phones import phone_from_digits
from hub.whatsapp.reading import MAX_ID, Json

_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


@dataclass(frozen=True, slots=True)
class Person:
    """What one object of Meta's says about a person."""

    user_id: str | None = None
    parent_user_id: str | None = None
    wa_id: str | None = None
    username: str | None = None
    name: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return any(getattr(self, one.name) for one in fields(self))

    def completed_by(self, other: Person) -> Person:
        """What this one says, and the other's word where this one is silent."""
        return Person(*(getattr(self, one.name) or getattr(other, one.name) for one in fields(self)))


def person(value: Json, user_id: str, parents: Iterable[str], wa_id: str) -> Person:
    """The person that those keys name; a BSUID in place of the phone (seen in BSPs' deliveries) is put right."""
    user, phone = id_at(value, user_id), id_at(value, wa_id)
    parent = next((found for key in parents if (found := id_at(value, key))), None)
    if phone and (match := _BSUID.fullmatch(phone)):
        user, parent = (user, parent or phone) if match[1] else (user or phone, parent)
        phone = None
    return Person(user, parent, phone)


def contact(value: Json) -> Person:
    """The person of an item of `contacts`."""
    profile = dict_at(value, "profile")
    known = person(value, "user_id", ("parent_user_id",), "wa_id")
    username = id_at(profile, "username") or id_at(value, "username")
    return known.completed_by(Person(username=username, name=text_at(profile, "name")))


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts of one change, found by user id and then by phone, never by position."""

    by_user: dict[str, Person]
    by_phone: dict[str, Person]

    @classmethod
    def of(cls, values: Iterable[Json]) -> Contacts:
        """The index over the items of `contacts`; of two with the same id the first counts."""
        people = [contact(value) for value in values][::-1]
        return cls({one.user_id: one for one in people if one.user_id}, {one.wa_id: one for one in people if one.wa_id})

    @property
    def only(self) -> Person:
        """The one person there is, or nobody."""
        people = {*self.by_user.values(), *self.by_phone.values()}
        return people.pop() if len(people) == 1 else Person()

    def complete(self, known: Person) -> Person:
        """The person with what its contact adds; a contact with another user id is somebody else."""
        found = self.by_user.get(known.user_id or "") or self.by_phone.get(known.wa_id or "") or Person()
        foreign = known.user_id and found.user_id and known.user_id != found.user_id
        return known if foreign else known.completed_by(found)


def identifiers(known: Person, scope: str) -> tuple[Identifier, ...]:
    """The identifiers of a person; user ids and usernames hold inside the business portfolio `scope`."""
    username = known.username.removeprefix("@").lower() if known.username else None
    scoped: tuple[tuple[IdentifierKind, str | None], ...] = (
        ("whatsapp_user_id", known.user_id),
        ("whatsapp_parent_user_id", known.parent_user_id),
        ("username", username),
    )
    phone = phone_from_digits(known.wa_id)
    found = (Identifier(kind=kind, value=value, scope=scope) for kind, value in scoped if value and _fits(value))
    return (*((phone,) if phone else ()), *found)


def _fits(value: str) -> bool:
    return len(value) <= MAX_ID


def scope_of(connection: Connection) -> str:
    """The business portfolio inside which user ids and usernames mean somebody; without the setting the connection."""
    return str(connection.settings.get("portfolio_id") or connection.id)


def party(known: Person, scope: str) -> Party:
    """The customer's side of an event; what stands in the phone's place and is none is kept as it came."""
    found = identifiers(known, scope)
    has_phone = any(one.kind == "phone" for one in found)
    return Party(identifiers=found, name=known.name, raw_phone=None if has_phone else known.wa_id)
