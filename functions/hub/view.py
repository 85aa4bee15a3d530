"""What people see of a customer, assembled from the state; pure, and the shapes of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from hub.directory import Customer
from hub.domain.customers import FILL_EMPTY_OBJECTS
from hub.domain.timeline import Kind
from hub.evidence_view import (
    CandidateView,
    ConflictView,
    IdentifierView,
    LinkView,
    candidates,
    conflicts,
    identifiers,
    links,
)
from hub.timeline_store import Entry


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
    """A customer; any of `personas` is an id of it, and stays one whatever is merged or unmerged.

    `links` say why the identifiers are one person's. `candidates` may be the same person, `conflicts` are evidence
    that does not count: both for a person to decide. Under the ids in `unassigned` is found what happened under its
    identifiers in times when several held them, or nobody. `etag` is what If-Match takes.
    """

    id: str
    identifiers: list[IdentifierView]
    fields: dict[str, FieldView]
    records: list[RecordView]
    personas: list[str]
    links: list[LinkView]
    candidates: list[CandidateView]
    unassigned: list[str]
    conflicts: list[ConflictView]
    etag: str | None = None


class EntryView(BaseModel):
    """One timeline entry: `at` is the platform's own time; what `shown` holds depends on `kind`."""

    id: str
    kind: Kind
    at: str
    connection: str
    platform: str
    shown: dict[str, Any]


def customer(found: Customer, fields: Mapping[str, Any] | None = None) -> CustomerView:
    """The customer as people see it; `fields` are those of another time than now."""
    chosen = found.fields if fields is None else fields
    return CustomerView(
        id=found.id,
        identifiers=identifiers(found),
        fields={name: field(one) for name, one in chosen.items()},
        records=records(found.records),
        personas=sorted(one.id for one in found.personas),
        links=links(found),
        candidates=candidates(found),
        unassigned=list(found.rests),
        conflicts=conflicts(found),
    )


def field(chosen: Mapping[str, Any]) -> FieldView:
    """A field as its policy or a person's pin decided it (hub.domain.customers.choose_fields)."""
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


def records(records: Iterable[Mapping[str, Any]]) -> list[RecordView]:
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
