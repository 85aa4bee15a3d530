"""Rows of the API -> our words, by the names of our webhook template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.freshsales.deals import deal_data
from connectors.freshsales.template import record_id
from connectors.freshsales.webhook import map_of
from hub.delivery import Connection
from hub.domain.events import Claim, DealData, RecordChangedData, RecordRef
from hub.domain.sync import Found, Owner
from hub.parsing import dict_at, id_at, list_at, text_at
from hub.rows import identifiers, plain_fields
from hub.times import any_time

NATIVE = {"contact": "contact", "company": "account", "deal": "deal"}
PATHS = {"contact": "contacts", "company": "sales_accounts", "deal": "deals"}
KEYS = {"contact": "contact", "company": "sales_account", "deal": "deal"}
# What comes along with a row, and under which names.
INCLUDED = {
    "contact": "sales_accounts,owner",
    "company": "owner",
    "deal": "contacts,sales_account,deal_stage,deal_pipeline,owner",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one connection; `owners` are the account's users."""

    connection: Connection
    owners: tuple[Owner, ...]

    def found(self, kind: str, row: Mapping[str, Any], answer: Mapping[str, Any]) -> Found | None:
        """A row in our words, `answer` being what holds what was included; None where it has no id."""
        found = record_id(row)
        if found is None:
            return None
        if row.get("is_deleted") is True:
            return gone(kind, found)
        return self._deal(row, found, answer) if kind == "deal" else self._party(kind, row, found)

    def _party(self, kind: str, row: Mapping[str, Any], found: str) -> RecordChangedData:
        fields = map_of(NATIVE[kind], self.connection).ours(flat(row), owners=self.owners)
        at = any_time(row.get("updated_at")) or any_time(row.get("created_at"))
        record = reference(kind, found)
        phones = [fields.get(name) for name in ("phone", "mobile")]
        return RecordChangedData(
            record=record,
            claims=tuple(Claim(field=name, value=one, at=at, precision="row") for name, one in fields.items() if at),
            identifiers=identifiers(
                record, self.connection, phones=phones, emails=[fields.get("email"), *_emails(row)]
            ),
            created_at=any_time(row.get("created_at")),
            version=text_at(dict(row), "updated_at"),
        )

    def _deal(self, row: Mapping[str, Any], found: str, answer: Mapping[str, Any]) -> DealData:
        owner = next((one for one in self.owners if one.id == id_at(dict(row), "owner_id")), None)
        named = {
            "stage": _named(answer, "deal_stages", id_at(dict(row), "deal_stage_id")),
            "pipeline": _named(answer, "deal_pipelines", id_at(dict(row), "deal_pipeline_id")),
            "contact_id": id_at(dict(row), "contacts", 0, "id") or id_at(dict(row), "contact_ids", 0),
            "account_id": id_at(dict(row), "sales_account", "id") or id_at(dict(row), "sales_account_id"),
            "owner": (owner.email or owner.name) if owner else None,
        }
        said = {"record": reference("deal", found), "created_at": any_time(row.get("created_at"))}
        data = deal_data({**plain_fields(row), **named}, self.connection)
        return DealData.model_validate({**said, **data, "version": text_at(dict(row), "updated_at")})


def reference(kind: str, found: str) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=found, native_object=NATIVE[kind])


def gone(kind: str, found: str) -> Found:
    """A record that Freshsales no longer has."""
    if kind == "deal":
        return DealData(record=reference(kind, found), change="deleted")
    return RecordChangedData(record=reference(kind, found), change="deleted")


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's plain values, own fields as `custom_field.<name>`, the primary account's name and id."""
    own = {f"custom_field.{name}": value for name, value in dict_at(dict(row), "custom_field").items()}
    truths = {name: value for name, value in own.items() if isinstance(value, (bool, list))}
    shown: dict[str, Any] = {**plain_fields({**row, **own}), **truths}
    if "sales_accounts" not in row:
        return shown
    accounts = [one for one in list_at(dict(row), "sales_accounts") if isinstance(one, dict)]
    primary = next((one for one in accounts if one.get("is_primary") is True), (accounts or [{}])[0])
    return {**shown, "account_name": primary.get("name"), "account_id": primary.get("id")}


def _emails(row: Mapping[str, Any]) -> list[str | None]:
    return [text_at(one, "value") for one in list_at(dict(row), "emails")]


def _named(answer: Mapping[str, Any], name: str, found: str | None) -> str | None:
    rows = list_at(dict(answer), name)
    return next((text_at(row, "name") for row in rows if found and id_at(row, "id") == found), None)
