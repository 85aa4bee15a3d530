"""Customers: find them by what they are known by, read one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from api.problems import Problem, not_found, unusable
from api.resource import Resource
from hub import view
from hub.directory import Customer, Directory
from hub.domain.events import Identifier
from hub.emails import email_identifier
from hub.phones import phone_identifier
from hub.wiring import Hub

router = Resource()
MOST_SHARING = 25  # a switchboard's number may have thousands; the first customer's candidates name them all
_PERSONA = re.compile(r"[a-z2-7]{26}")
_RECORD = re.compile(r"([a-z0-9]{26}):([a-z_]{1,64}:.{1,256})")


class Customers(BaseModel):
    """The customers found, most likely first."""

    customers: list[view.CustomerView]


@router.get("/v1/customers", summary="Find customers by one identifier", tags=["customers"])
def find_customers(
    phone: Annotated[str | None, Query(max_length=64, description="A phone number in any format.")] = None,
    region: Annotated[
        str | None, Query(pattern="^[A-Za-z]{2}$", description="Region of a number without country code, such as JP.")
    ] = None,
    email: Annotated[str | None, Query(max_length=320)] = None,
    record: Annotated[str | None, Query(max_length=512, description="`<connection>:<object>:<id>`")] = None,
) -> Customers:
    """Finds the customers known by a phone, an e-mail or a platform's record: exactly one of the three."""
    hub = router.hub
    given = {name: text for name, text in (("phone", phone), ("email", email), ("record", record)) if text is not None}
    if len(given) != 1:
        raise Problem(422, "Give exactly one of phone, email and record.", [(name, "one too many") for name in given])
    identifiers = [*_phones(hub, phone, region), *_emails(email), *_records(record)]
    return Customers(customers=[view.customer(one) for one in _known(directory(hub), identifiers)])


@router.get("/v1/customers/<customer_id>", summary="Read one customer", tags=["customers"])
def read_customer(customer_id: str) -> view.CustomerView:
    """A customer with identifiers, fields and their sources; every id that it ever had finds it."""
    return view.customer(customer(router.hub, customer_id))


def directory(hub: Hub) -> Directory:
    """The customers of this deployment."""
    return Directory(hub.store, hub.secrets.hash_key())


def customer(hub: Hub, customer_id: str, at: str | None = None) -> Customer:
    """The customer of that id, as known at that time, or Problem 404."""
    found = directory(hub).customer(customer_id, at=at) if _PERSONA.fullmatch(customer_id) else None
    if found is None:
        raise not_found("customer")
    return found


def _known(known: Directory, identifiers: Iterable[Identifier]) -> list[Customer]:
    found: dict[str, Customer] = {}
    for identifier in identifiers:
        for one in _holders(known, known.persona_id(identifier)):
            found.setdefault(one.id, one)
    return list(found.values())


def _holders(known: Directory, persona: str) -> list[Customer]:
    """The persona's customer; where several people share the identifier, theirs as well: the first 25 of them."""
    first = known.customer(persona)
    if first is None:
        return []
    here = next(one for one in first.personas if one.id == persona)
    if not here.crowded:
        return [first]
    apart = sorted(set(here.neighbours) - {one.id for one in first.personas})
    others = [known.customer(other) for other in apart[:MOST_SHARING]]
    return [first, *(other for other in others if other)]


def _phones(hub: Hub, text: str | None, region: str | None) -> list[Identifier]:
    """Every number that the text can mean: in the region asked for, else in those of the connections."""
    if text is None:
        return []
    typed = re.sub(r"^ (?=\d)", "+", text)  # a plus sign in a query is a space
    regions = [region.upper()] if region else sorted({one.default_region or "" for one in hub.connections.all()} | {""})
    numbers = {number for one in regions if (number := phone_identifier(typed, one or None))}
    if not numbers:
        raise unusable("phone", "This is no phone number; give its region where it has no country code.")
    return sorted(numbers, key=lambda one: one.value)


def _emails(text: str | None) -> list[Identifier]:
    if text is None:
        return []
    address = email_identifier(text)
    if address is None:
        raise unusable("email", "This is no e-mail address.")
    return [address]


def _records(text: str | None) -> list[Identifier]:
    if text is None:
        return []
    parts = _RECORD.fullmatch(text)
    if parts is None:
        raise unusable("record", "A record is written <connection>:<object>:<id>.")
    return [Identifier(kind="record", scope=parts[1], value=parts[2])]
