"""What a decision would change, before anybody takes it: the customers that there would be, and their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from hub import view
from hub.customer import Customer
from hub.evidence_view import ConflictView


class MergedField(BaseModel):
    """A field that would change: as the two customers have it now, and as the one would have it."""

    field: str
    before: view.FieldView | None
    other_before: view.FieldView | None
    after: view.FieldView | None


class MergePreview(BaseModel):
    """The customer that there would be: `personas` counts its identifiers, `conflicts` would stand against it.

    `fields` are those whose winner would be another one than now, for either of the two.
    """

    customer: view.CustomerView
    personas: int
    fields: list[MergedField]
    conflicts: list[ConflictView]


class PartedField(BaseModel):
    """A field that would change: as the customer has it now, and as each of the two would have it."""

    field: str
    before: view.FieldView | None
    after: view.FieldView | None
    other_after: view.FieldView | None


class PartPreview(BaseModel):
    """The two customers that there would be, and the fields whose winner would be another one than now."""

    customer: view.CustomerView
    other: view.CustomerView
    fields: list[PartedField]


class TwoCustomers(BaseModel):
    """The customer of the path's id, and the other one; the same twice, where evidence makes them one."""

    customer: view.CustomerView
    other: view.CustomerView


def merged(mine: Customer, theirs: Customer, after: Customer) -> MergePreview:
    """What joining the two would change."""
    shown = view.customer(after)
    return MergePreview(
        customer=shown,
        personas=len(after.personas),
        fields=[
            MergedField(field=name, before=before, other_before=other, after=now)
            for name, (before, other, now) in _aligned(mine, theirs, after).items()
            if (before and _won(before) != _won(now)) or (other and _won(other) != _won(now))
        ],
        conflicts=shown.conflicts,
    )


def parted(before: Customer, mine: Customer, theirs: Customer) -> PartPreview:
    """What parting the two would change; `before` is the customer that they are now, or the path's."""
    return PartPreview(
        customer=view.customer(mine),
        other=view.customer(theirs),
        fields=[
            PartedField(field=name, before=now, after=one, other_after=other)
            for name, (now, one, other) in _aligned(before, mine, theirs).items()
            if now and (_won(now) != _won(one) or (before.has(theirs.id) and _won(now) != _won(other)))
        ],
    )


def _aligned(*customers: Customer) -> dict[str, list[view.FieldView | None]]:
    """Every field that one of them has, as each has it."""
    fields: list[Mapping[str, Any]] = [one.fields for one in customers]
    names = sorted({name for one in fields for name in one})
    return {name: [view.field(one[name]) if name in one else None for one in fields] for name in names}


def _won(field: view.FieldView | None) -> tuple[Any, ...] | None:
    """Who won with what; where values add up, all of them."""
    return (field.value, field.source, sorted(field.values)) if field else None
