"""What people see of a customer, assembled from the state; pure, and the shapes of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from hub.directory import Customer
from hub.domain.customers import FILL_EMPTY_OBJECTS
from hub.domain.timeline import Kind
from hub.timeline_store import Entry


class IdentifierView(BaseModel):
    """One thing the customer is known by; `scope` is the connection or portfolio inside which it is unique."""

    kind: str
    value: str
    scope: str


class SourceView(BaseModel):
    """Who said so: the record (`<object>:<id>`) on a connection."""

    connection: str
    platform: str
    record: str


class ClaimView(BaseModel):
    """A value as one platform holds it since `at`; `precision` says whether that is the field's time or the row's."""

    value: str | None
    source: SourceView
    at: str
    precision: str


class FieldView(ClaimView):
    """The claim that won under the field's policy, and the others; `values` are all there are where they add up."""

    policy: str
    values: list[str] = []
    others: list[ClaimView] = []


class RecordView(BaseModel):
    """A record of the customer on a platform."""

    connection: str
    platform: str
    object: str
    id: str
    deleted: bool


class CustomerView(BaseModel):
    """A customer; any of `personas` is an id of it. `candidates` may be the same person, for a person to decide."""

    id: str
    identifiers: list[IdentifierView]
    fields: dict[str, FieldView]
    records: list[RecordView]
    personas: list[str]
    candidates: list[str]


class EntryView(BaseModel):
    """One timeline entry: `at` is the platform's own time; what `shown` holds depends on `kind`."""

    id: str
    kind: Kind
    at: str
    connection: str
    platform: str
    shown: dict[str, Any]


def customer(found: Customer) -> CustomerView:
    """The customer as people see it."""
    return CustomerView(
        id=found.id,
        identifiers=[
            IdentifierView(kind=one.identifier.kind, value=one.identifier.value, scope=one.identifier.scope)
            for one in sorted(found.personas, key=lambda one: (one.identifier.kind, one.identifier.key))
        ],
        fields={name: _field(chosen) for name, chosen in found.fields.items()},
        records=_records(found.records),
        personas=sorted(one.id for one in found.personas),
        candidates=list(found.candidates),
    )


def _field(chosen: Mapping[str, Any]) -> FieldView:
    winner, *others = [_claim(claim) for claim in chosen["claims"]]
    return FieldView(
        **winner.model_dump(), policy=chosen["policy"], values=list(chosen.get("values", [])), others=others
    )


def _claim(claim: Mapping[str, Any]) -> ClaimView:
    source = claim["source"]
    return ClaimView(
        value=claim["value"],
        source=SourceView(
            connection=source["connection"],
            platform=source["platform"],
            record=f"{source['object']}:{source['id']}",
        ),
        at=claim["at"],
        precision=claim["precision"],
    )


def _records(records: Iterable[Mapping[str, Any]]) -> list[RecordView]:
    """The platforms' records; what a chat profile says is a source of fields but no record."""
    shown = [
        RecordView(
            connection=record["connection"],
            platform=record["platform"],
            object=record["object"],
            id=record["id"],
            deleted=bool(record.get("deleted")),
        )
        for record in records
        if record["object"] not in FILL_EMPTY_OBJECTS
    ]
    return sorted(shown, key=lambda one: (one.platform, one.connection, one.object, one.id))


def entries(found: Sequence[Entry]) -> list[EntryView]:
    """Timeline entries as people see them, in the order given."""
    return [
        EntryView(
            id=one.id, kind=one.kind, at=one.at, connection=one.connection, platform=one.platform, shown=one.shown
        )
        for one in found
    ]
