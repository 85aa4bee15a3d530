"""A field map tried on a real record: what would be read, what would be written; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api import connection_rules
from api.customers import directory
from api.field_map_models import MapPreview, NativeFields, NativeFieldView, OptionView, ReadField, WrittenField
from api.problems import Problem, not_found, unusable
from hub.customer import Customer
from hub.delivery import Connection
from hub.domain.events import RecordChangedData, RecordRef
from hub.domain.sync import NativeField
from hub.field_overrides import Lines, effective, merged
from hub.field_versions import MapVersions
from hub.fields import FieldMap
from hub.outgoing import client_for
from hub.wiring import Hub

__all__ = ["Trying", "client_of", "described", "lines_of", "merged", "tried"]

PARTS = frozenset({"first_name", "last_name"})


@dataclass(frozen=True, slots=True)
class Trying:
    """A connection as it is, as it would be with version `number` in force, and the connector's own map."""

    hub: Hub
    before: Connection
    after: Connection
    base: FieldMap
    number: int


def client_of(hub: Hub, connection: Connection) -> Any:
    """The platform's client; Problem 409 where the connection is disabled, or its platform has no metadata to give."""
    connector = connection_rules.connector_of(connection.platform)
    if connection.status != "active":
        raise Problem(409, "The connection is disabled.")
    client = client_for(hub, connection, connector) if connector.client else None
    if not hasattr(client, "describe"):
        raise Problem(409, f"{connector.title} describes no fields.")
    return client


def lines_of(versions: MapVersions, connection_id: str, native: str, number: int) -> Lines:
    """The lines of a saved version; Problem 422 where there is none."""
    found = versions.get(connection_id, native, number)
    if found is None:
        raise unusable("version", "There is no such version of this map.")
    return found.lines


def described(native_fields: Sequence[NativeField], field_map: FieldMap) -> NativeFields:
    """The platform's fields, each with ours where a line names it."""
    ours = {their: our for our, their in field_map.to_theirs.items()}
    return NativeFields(fields=[_described(one, ours.get(one.name)) for one in native_fields])


def _described(one: NativeField, ours: str | None) -> NativeFieldView:
    options = [OptionView(value=value, label=label) for value, label in one.options]
    return NativeFieldView(**one.model_dump(exclude={"options"}), options=options, mapped_to=ours)


def tried(trying: Trying, record_id: str) -> MapPreview:
    """What the version would do with the record; Problem 404 where the platform has no such record."""
    client = client_of(trying.hub, trying.after)
    kind = trying.base.our_object
    before = _read(client_of(trying.hub, trying.before), kind, record_id)
    after = _read(client, kind, record_id)
    customer = _customer(trying, after.record)
    then = _values(after)
    return MapPreview(
        version=trying.number,
        record=f"{kind}:{record_id}",
        customer=customer.id if customer else None,
        sends=trying.before.settings.get("sync") == "both",
        read=_compared(_values(before), then),
        written=list(_written(trying, client, customer, then)) if customer else [],
    )


def _read(client: Any, kind: str, record_id: str) -> RecordChangedData:
    if kind not in getattr(client, "reads", ()):
        raise Problem(409, "The platform's client reads no records of this object one by one.")
    found = [one for one in client.read(kind, [record_id]) if one.record.id == record_id and one.change != "deleted"]
    if not found:
        raise not_found("record")
    if not isinstance(found[0], RecordChangedData):
        raise Problem(409, "A map of this object is not tried: what is read of it is no list of fields.")
    return found[0]


def _values(record: RecordChangedData) -> dict[str, str | None]:
    return {claim.field: claim.value for claim in record.claims}


def _compared(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[ReadField]:
    names = sorted(before.keys() | after.keys())
    return [ReadField(field=name, before=before.get(name), after=after.get(name)) for name in names]


def _customer(trying: Trying, record: RecordRef) -> Customer | None:
    known = directory(trying.hub)
    return known.customer(known.persona_id(record.identifier(trying.before.id)))


def _written(trying: Trying, client: Any, customer: Customer, held: Mapping[str, str | None]) -> Iterator[WrittenField]:
    """What the customer says and the record does not; a whole name only where its parts have no place there."""
    field_map, chosen = effective(trying.after, trying.base), customer.fields
    names = sorted(field_map.writable & chosen.keys())
    differing = [name for name in names if _differs(trying, field_map, name, held.get(name), chosen[name]["value"])]
    owners = client.owners() if any(field_map.rules[name].codec == "owner" for name in differing) else None
    for name in differing:
        if name == "name" and PARTS & field_map.writable & chosen.keys():
            continue
        wanted: str | None = chosen[name]["value"]
        said = field_map.held_back({name: wanted}, writing=True, owners=owners)
        row = field_map.theirs({name: wanted}, owners=owners)
        why = said[0].why if said else None
        yield WrittenField(field=name, held=held.get(name), wanted=wanted, row=row, why=why)


def _differs(trying: Trying, field_map: FieldMap, name: str, held: str | None, wanted: str | None) -> bool:
    return not field_map.same(name, held, wanted, region=trying.before.default_region)
