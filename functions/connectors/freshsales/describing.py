"""The account's fields and users."""

from __future__ import annotations

from typing import Any

from connectors.freshsales.api import Api
from connectors.freshsales.records import PATHS
from connectors.freshsales.template import record_id
from connectors.freshsales.writing import GROUP
from hub.domain.sync import NativeField, Owner
from hub.parsing import id_at, list_at, text_at

TYPES = {
    "number": "decimal",
    "checkbox": "boolean",
    "date": "date",
    "dropdown": "picklist",
    "multi_select_dropdown": "list",
}


def describe(api: Api, kind: str) -> list[NativeField]:
    """The fields of a kind; own ones (`cf_…`) are written as `custom_field.<name>`."""
    rows = list_at(api.get(f"/settings/{PATHS[kind]}/fields"), "fields")
    return [found for row in rows if (found := _field(row))]


def owners(api: Api) -> tuple[Owner, ...]:
    """The users who can own records."""
    shown = ((record_id(row), row) for row in list_at(api.get("/selector/owners"), "users") if isinstance(row, dict))
    return tuple(
        Owner(id=found, email=text_at(row, "email"), name=text_at(row, "display_name")) for found, row in shown if found
    )


def _field(row: Any) -> NativeField | None:
    name = text_at(row, "name")
    if name is None:
        return None
    custom = name.startswith("cf_")
    choices = ((id_at(one, "id"), text_at(one, "value")) for one in list_at(row, "choices"))
    return NativeField(
        name=f"{GROUP}.{name}" if custom else name,
        label=text_at(row, "label") or name,
        type=TYPES.get(text_at(row, "type") or "", "text"),
        required=row.get("required") is True,
        custom=custom,
        options=tuple((value, value) for _, value in choices if value),
    )
