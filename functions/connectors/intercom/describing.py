"""The workspace's attributes and admins."""

from __future__ import annotations

from connectors.intercom.api import Api, rows
from connectors.intercom.notification import record_id
from connectors.intercom.writing import GROUP
from hub.domain.sync import NativeField, Owner
from hub.parsing import list_at, text_at

TYPES = {"integer": "integer", "float": "decimal", "boolean": "boolean", "date": "instant_s"}
UNIQUE = frozenset({"external_id", "company_id", "id"})


def describe(api: Api, kind: str) -> list[NativeField]:
    """The attributes of contacts or companies; custom ones are written as `custom_attributes.<name>`."""
    return [found for row in rows(api.get("data_attributes", model=kind)) if (found := _field(row))]


def owners(api: Api) -> tuple[Owner, ...]:
    """The admins (teammates)."""
    shown = ((record_id(row, "id"), row) for row in rows(api.get("admins"), "admins"))
    return tuple(
        Owner(id=found, email=text_at(row, "email"), name=text_at(row, "name")) for found, row in shown if found
    )


def _field(row: dict[str, object]) -> NativeField | None:
    name, custom = text_at(row, "name"), row.get("custom") is True
    if name is None:
        return None
    options = [one for one in list_at(row, "options") if isinstance(one, str)]
    return NativeField(
        name=f"{GROUP}.{name}" if custom else text_at(row, "full_name") or name,
        label=text_at(row, "label") or name,
        type="picklist" if options else TYPES.get(text_at(row, "data_type") or "", "text"),
        writable=row.get("api_writable") is True,
        unique=name in UNIQUE,
        custom=custom,
        options=tuple((one, one) for one in options),
    )
