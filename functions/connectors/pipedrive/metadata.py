"""Fields and users as Pipedrive describes them; our reference is a custom field, known by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.pipedrive.api import Api
from hub.domain.sync import NativeField, Owner
from hub.parsing import bool_at, id_at, list_at, text_at

REFERENCE = "renkei_id"
PATHS = {
    "contact": "/api/v2/personFields",
    "company": "/api/v2/organizationFields",
    "deal": "/api/v2/dealFields",
}
# The type names of version 2 -> ours; all others are text.
TYPES = {
    "double": "decimal",
    "int": "integer",
    "monetary": "money",
    "date": "date",
    "enum": "picklist",
    "set": "list",
    "user": "owner",
    "org": "reference",
    "people": "reference",
    "phone": "phone",
}
# Custom fields that are written as objects of several values, which the map does not write.
COMPOUND = frozenset({"monetary", "address", "time", "timerange", "daterange"})
# Of Pipedrive's own fields, those that its requests take.
WRITABLE: Mapping[str, frozenset[str]] = {
    "contact": frozenset({"name", "owner_id", "org_id", "emails", "phones", "visible_to", "label_ids"}),
    "company": frozenset({"name", "owner_id", "address", "visible_to", "label_ids"}),
    "deal": frozenset(),
}


def fields(api: Api, kind: str) -> list[NativeField]:
    """Every field of a kind."""
    return [_field(kind, row) for row in api.all(PATHS[kind]) if text_at(row, "field_code")]


def reference_field(api: Api, kind: str) -> str | None:
    """The code of the custom field that holds our reference, or None where there is none."""
    named = (one for one in fields(api, kind) if one.custom and one.label == REFERENCE)
    return next((one.name for one in named), None)


def create_reference_field(api: Api, kind: str) -> None:
    """Creates it; the token's user must be an administrator."""
    about = "Written by renkei, so that nobody is there twice. Do not change."
    api.add(PATHS[kind], {"field_name": REFERENCE, "field_type": "varchar", "description": about})


def users(api: Api) -> list[Owner]:
    """The active users of the company; version 2 has no such list."""
    rows = [row for row in list_at(api.get("/v1/users"), "data") if id_at(row, "id")]
    return [_owner(row) for row in rows if row.get("active_flag") is not False]


def _owner(row: Any) -> Owner:
    return Owner(id=id_at(row, "id") or "", email=text_at(row, "email"), name=text_at(row, "name"))


def _field(kind: str, row: Any) -> NativeField:
    code, custom = text_at(row, "field_code") or "", bool_at(row, "is_custom_field") is True
    options = ((id_at(one, "id"), text_at(one, "label") or "") for one in list_at(row, "options"))
    return NativeField(
        name=code,
        label=text_at(row, "field_name") or "",
        type=TYPES.get(text_at(row, "field_type") or "", "text"),
        writable=code in WRITABLE[kind] or (custom and kind != "deal" and row.get("field_type") not in COMPOUND),
        required=code == "name",
        custom=custom,
        options=tuple((value, label) for value, label in options if value is not None),
    )
