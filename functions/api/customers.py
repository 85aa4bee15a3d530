"""Customers: find them by what they are known by, read one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from api import etags
from api.moments import Time, moment
from api.paging import Limit
from api.problems import Problem, not_found, unusable
from api.resource import Resource
from api.typed import phones_meant
from hub import view
from hub.directory import Customer, Directory
from hub.domain.events import Identifier
from hub.domain.identity import SHAREABLE
from hub.emails import email_identifier
from hub.field_policies import field_policies
from hub.history import fields_as_of
from hub.names import NameIndex
from hub.phones import phone_identifier
from hub.wiring import Hub

router = Resource()
MOST_SHARING = 25  # a switchboard's number may have thousands; the first customer's candidates name them all
_PERSONA = re.compile(r"r?[a-z2-7]{26}")
_RECORD = re.compile(r"([a-z0-9]{26}):([a-z_]{1,64}:.{1,256})")


class Customers(BaseModel):
    """The customers found, most likely first."""

    customers: list[view.CustomerView]


@router.get("/v1/customers", summary="Find customers by what they are known by", tags=["customers"])
def find_customers(
    phone: Annotated[str | None, Query(max_length=64, description="A phone number in any format.")] = None,
    region: Annotated[
        str | None, Query(pattern="^[A-Za-z]{2}$", description="Region of a number without country code, such as JP.")
    ] = None,
    email: Annotated[str | None, Query(max_length=320)] = None,
    record: Annotated[str | None, Query(max_length=512, description="`<connection>:<object>:<id>`")] = None,
    name: Annotated[
        str | None,
        Query(max_length=200, description="A name or its beginning, in kanji, kana or Latin letters, of any width."),
    ] = None,
    customer_id: Annotated[str | None, Query(alias="id", max_length=64, description="Any id it ever had.")] = None,
    limit: Limit = 25,
) -> Customers:
    """Finds customers by a phone, an e-mail, a platform's record, a name or an id: exactly one of them.

    By a name, whole names come before beginnings, `limit` at most.
    """
    hub = router.hub
    known = directory(hub)
    searches: dict[str, tuple[str | None, Callable[[str], Iterable[Customer]]]] = {
        "phone": (phone, lambda text: _known(known, _phones(hub, text, region))),
        "email": (email, lambda text: _known(known, _email(text))),
        "record": (record, lambda text: _known(known, _record(text))),
        "name": (name, lambda text: NameIndex(hub.store, known).search(text, limit)),
        "id": (customer_id, lambda text: _by_id(known, text)),
    }
    given = {name: (text, search) for name, (text, search) in searches.items() if text is not None}
    if len(given) != 1:
        names = [*searches]
        sentence = f"Give exactly one of {', '.join(names[:-1])} and {names[-1]}."
        raise Problem(422, sentence, [(name, "one too many") for name in given])
    ((text, search),) = given.values()
    return Customers(customers=[shown(hub, one) for one in search(text)])


@router.get("/v1/customers/<customer_id>", summary="Read one customer", tags=["customers"])
def read_customer(customer_id: str, at: Time = None) -> view.CustomerView:
    """A customer with identifiers, the evidence, fields and their sources; every id that it ever had finds it.

    `at` shows it as of that time.
    """
    then = moment("at", at)
    found = customer(router.hub, customer_id, then)
    fields = None if then is None else fields_as_of(router.hub.store, found, then)
    router.exchange.etag = etags.of(router.hub, view.customer(found, fields), etags.turn_of(found))
    return shown(router.hub, found, fields)


def shown(hub: Hub, found: Customer, fields: Mapping[str, Any] | None = None) -> view.CustomerView:
    """The customer as people see it, with its ETag inside."""
    model = view.customer(found, fields)
    return model.model_copy(update={"etag": etags.of(hub, model, etags.turn_of(found))})


def directory(hub: Hub) -> Directory:
    """The customers of this deployment."""
    policies = partial(field_policies, hub.connection_items, hub.clock)
    return Directory(hub.store, hub.secrets.hash_key(), policies=policies)


def customer(hub: Hub, customer_id: str, at: str | None = None, *, what: str = "customer") -> Customer:
    """The customer of that id, as known at that time, or Problem 404."""
    found = directory(hub).customer(customer_id, at=at) if _PERSONA.fullmatch(customer_id) else None
    if found is None:
        raise not_found(what)
    return found


def _known(known: Directory, identifiers: Iterable[Identifier]) -> list[Customer]:
    found: dict[str, Customer] = {}
    for identifier in identifiers:
        for one in _holders(known, known.persona_id(identifier)):
            found.setdefault(one.id, one)
    return list(found.values())


def _holders(known: Directory, persona: str) -> list[Customer]:
    """The persona's customer; then whoever else holds or has held the phone or address: the first 25 of them."""
    first = known.customer(persona)
    if first is None:
        return []
    here = next(one for one in first.personas if one.id == persona)
    if here.identifier.kind not in SHAREABLE:
        return [first]
    apart = sorted(set(here.neighbours) - {one.id for one in first.personas})
    others = [known.customer(other) for other in apart[:MOST_SHARING]]
    return [first, *(other for other in others if other)]


def _by_id(known: Directory, text: str) -> list[Customer]:
    found = known.customer(text) if _PERSONA.fullmatch(text) else None
    return [found] if found else []


def _phones(hub: Hub, text: str, region: str | None) -> list[Identifier]:
    """Every number that the text can mean: in the region asked for, else in those of the connections."""
    regions = [region.upper()] if region else sorted({one.default_region or "" for one in hub.connections.all()} | {""})
    written = [(typed, one or None) for typed in phones_meant(text) for one in regions]
    numbers = {number for typed, one in written if (number := phone_identifier(typed, one))}
    if not numbers:
        raise unusable("phone", "This is no phone number; give its region where it has no country code.")
    return sorted(numbers, key=lambda one: one.value)


def _email(text: str) -> list[Identifier]:
    address = email_identifier(unicodedata.normalize("NFKC", text))
    if address is None:
        raise unusable("email", "This is no e-mail address.")
    return [address]


def _record(text: str) -> list[Identifier]:
    parts = _RECORD.fullmatch(text)
    if parts is None:
        raise unusable("record", "A record is written <connection>:<object>:<id>.")
    return [Identifier(kind="record", scope=parts[1], value=parts[2])]
