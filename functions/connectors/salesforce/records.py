"""What a Salesforce row says in our words, shared by change events, outbound messages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from hub.delivery import Connection
from hub.domain.events import Claim, Identifier, RecordRef
from hub.emails import email_identifier
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.phones import phone_identifier

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
# Objects that stand for a person: these the client can read, and their phones and e-mails identify a customer.
PEOPLE = frozenset({"Contact", "Lead"})


def map_of(entity: str, connection: Connection) -> FieldMap:
    """The field map of that object, with the connection's own lines."""
    return effective(connection, FIELDS[entity])


def record_ref(entity: str, record_id: str) -> RecordRef:
    """The record in our words; `entity` is Contact, Lead or Account."""
    return RecordRef(object=FIELDS[entity].our_object, id=record_id, native_object=entity)


def claims(fields: Mapping[str, str | None], at: str, precision: Literal["field", "row"]) -> tuple[Claim, ...]:
    """One claim per field of ours, all of the same time."""
    return tuple(Claim(field=name, value=value, at=at, precision=precision) for name, value in fields.items())


def identifiers(record: RecordRef, fields: Mapping[str, str | None], connection: Connection) -> tuple[Identifier, ...]:
    """The record itself and, for a person, the phones and e-mail among `fields`."""
    found = [record.identifier(connection.id)]
    if record.native_object in PEOPLE:
        phones = (fields.get("phone"), fields.get("mobile"))
        found += [one for phone in phones if phone and (one := phone_identifier(phone, connection.default_region))]
        found += [one for mail in [fields.get("email")] if mail and (one := email_identifier(mail))]
    return tuple(dict.fromkeys(found))
