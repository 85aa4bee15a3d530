"""Rows of the API, which webhooks carry too -> our words: customers are contacts, orders orders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.woocommerce.orders import order_data
from hub.delivery import Connection
from hub.domain.events import Claim, OrderData, RecordChangedData, RecordRef
from hub.domain.sync import Found
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import dict_at, id_at, list_at, text_at
from hub.rows import identifiers, plain_fields
from hub.times import from_iso

FIELDS: FieldMap = load(Path(__file__).with_name("fields.toml"))["customer"]
NATIVE = {"contact": "customer", "order": "order"}
LISTS = {"contact": "/customers", "order": "/orders"}
# Customers are asked for whatever their role, orders whatever their status: whoever is left out would look deleted.
ALL: Mapping[str, Mapping[str, str]] = {"contact": {"role": "all"}, "order": {"status": "any"}}
REFERENCE = "renkei_id"
_ID = re.compile(r"\A[0-9]{1,20}\Z", re.ASCII)


def map_of(connection: Connection) -> FieldMap:
    """The field map of customers, with the connection's own lines."""
    return effective(connection, FIELDS)


def record_id(value: Any, *path: str) -> str | None:
    """An id there; None for what WooCommerce writes in place of none (0)."""
    found = id_at(value, *path)
    return found if found and found != "0" and _ID.match(found) else None


def reference(kind: str, found: str) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=found, native_object=NATIVE[kind])


def gone(kind: str, found: str) -> Found:
    """A record that the shop no longer has."""
    if kind == "order":
        return OrderData(record=reference(kind, found), change="deleted")
    return RecordChangedData(record=reference(kind, found), change="deleted")


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A customer's plain fields, those of the billing address as `billing.<name>`, own ones as `meta.<key>`."""
    billing = {f"billing.{name}": value for name, value in dict_at(dict(row), "billing").items()}
    meta = {f"meta.{key}": one.get("value") for one in list_at(dict(row), "meta_data") if (key := text_at(one, "key"))}
    return plain_fields({**row, **billing, **meta})


def version_of(row: Mapping[str, Any]) -> str | None:
    """When the row changed last; one that never did, when it was created. Only `_gmt` times name their zone."""
    return from_iso(row.get("date_modified_gmt")) or from_iso(row.get("date_created_gmt"))


def found_record(kind: str, row: Mapping[str, Any], connection: Connection) -> Found | None:
    """A row in our words; None where it has no id."""
    found = record_id(row, "id")
    if found is None:
        return None
    if kind == "order":
        return _order(row, found, connection)
    return _customer(row, found, connection)


def carries(row: Mapping[str, Any], our_reference: str) -> bool:
    """Whether the customer is the one that we created under that reference."""
    return any(
        text_at(one, "key") == REFERENCE and one.get("value") == our_reference
        for one in list_at(dict(row), "meta_data")
    )


def _customer(row: Mapping[str, Any], found: str, connection: Connection) -> RecordChangedData:
    fields, at, record = map_of(connection).ours(flat(row)), version_of(row), reference("contact", found)
    return RecordChangedData(
        record=record,
        claims=tuple(Claim(field=name, value=value, at=at, precision="row") for name, value in fields.items() if at),
        identifiers=identifiers(record, connection, phones=[fields.get("phone")], emails=[fields.get("email")]),
        created_at=from_iso(row.get("date_created_gmt")),
        version=at,
    )


def _order(row: Mapping[str, Any], found: str, connection: Connection) -> OrderData:
    said = order_data(row, record_id(row, "customer_id"), connection)
    created = from_iso(row.get("date_created_gmt"))
    return OrderData.model_validate({"record": reference("order", found), "created_at": created, **said})
