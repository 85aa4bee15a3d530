"""What the organization is like: fields, users, and the external id field for our reference.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm
https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_customfield.htm
(read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.api import Api
from connectors.salesforce.business import NATIVE
from connectors.salesforce.records import FIELDS, map_of
from connectors.salesforce.session import Refusal
from connectors.salesforce.soql import select, text
from hub.delivery import Connection
from hub.domain.sync import NativeField
from hub.errors import Reject
from hub.parsing import bool_at, id_at, list_at, text_at

LONGEST_REFERENCE = 64
BY_HAND = "an administrator must create it: type Text(64), External ID, Unique (case-sensitive)"
# Salesforce's types in our words; all others are text.
TYPES: Mapping[str, str] = {
    **dict.fromkeys(("picklist", "multipicklist", "combobox"), "picklist"),
    **dict.fromkeys(("int", "double", "currency", "percent", "long"), "number"),
    **dict.fromkeys(("id", "reference"), "reference"),
    **{name: name for name in ("boolean", "date", "datetime", "phone", "email", "url")},
}


@dataclass(frozen=True, slots=True)
class Describing:
    """Describes one organization and prepares it; `creates` says that the administrator has consented to new fields.

    `written` are the objects that we write under our reference. `permission_set` is who shall see a new field.
    """

    api: Api
    connection: Connection
    external_id: str
    written: tuple[str, ...]
    creates: bool = False
    permission_set: str = ""

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        return [_field(one) for one in self._fields(NATIVE[kind]).values()]

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        how = "the hub creates it" if self.creates else BY_HAND
        return [f"{_label(one)} has no external id field {self.external_id}: {how}." for one in self._lacking()]

    def set_up(self) -> None:
        """See SyncClient. Reject says what an administrator must do by hand."""
        lacking = self._lacking()
        for entity in lacking:
            if not self.creates:
                raise Reject(f"{_label(entity)} has no external id field {self.external_id}: {BY_HAND}")
            self._create(entity)
            self._allow(entity)
        for entity in self._lacking() if lacking else []:
            raise Reject(
                f"{_label(entity)}.{self.external_id} was created, but the integration user does not see it: an "
                "administrator must allow it, or name a permission set of that user in the setting permission_set"
            )

    def _lacking(self) -> list[str]:
        """The objects without the field; Reject where fields of the map are not to be seen: every read would fail."""
        described = {entity: self._fields(entity) for entity in self.written}
        for entity in described.keys() & FIELDS.keys():
            if missing := sorted(set(map_of(entity, self.connection).properties) - described[entity].keys()):
                raise Reject(f"the integration user does not see these fields of {entity}: {', '.join(missing)}")
        return [
            one for one, fields in described.items() if fields.get(self.external_id, {}).get("externalId") is not True
        ]

    def _create(self, entity: str) -> None:
        metadata = {
            "type": "Text",
            "label": "Renkei Id",
            "length": LONGEST_REFERENCE,
            "externalId": True,
            "unique": True,
            "caseSensitive": True,
            "description": "The integration hub's reference: it finds its own records by this.",
        }
        body = {"FullName": f"{_label(entity)}.{self.external_id}", "Metadata": metadata}
        try:
            self.api.session.request("POST", "/tooling/sobjects/CustomField", body)
        except Refusal as refusal:
            # There already: it is only that the integration user does not see it.
            if refusal.code not in ("DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"):
                raise

    def _allow(self, entity: str) -> None:
        """Lets the permission set see and change the field: a field made by the API is seen by nobody."""
        soql = select(("Id",), "PermissionSet", f"Name = {text(self.permission_set)}", limit=1)
        rows = self.api.query(soql).rows if self.permission_set else []
        for parent in filter(None, (id_at(row, "Id") for row in rows)):
            allowed = {"ParentId": parent, "SobjectType": entity, "Field": f"{entity}.{self.external_id}"}
            body = {**allowed, "PermissionsRead": True, "PermissionsEdit": True}
            self.api.session.request("POST", "/sobjects/FieldPermissions", body)

    def _fields(self, entity: str) -> dict[str, dict[str, Any]]:
        described = self.api.session.request("GET", f"/sobjects/{entity}/describe").json()
        return {name: one for one in list_at(described, "fields") if (name := text_at(one, "name"))}


def _label(entity: str) -> str:
    """The object that has the field: those of tasks belong to Activity."""
    return "Activity" if entity == "Task" else entity


def _field(one: Mapping[str, Any]) -> NativeField:
    field = dict(one)
    needed = bool_at(field, "createable") and not bool_at(field, "nillable") and not bool_at(field, "defaultedOnCreate")
    return NativeField(
        name=text_at(field, "name") or "",
        label=text_at(field, "label") or "",
        type=TYPES.get(text_at(field, "type") or "", "text"),
        writable=bool_at(field, "updateable") is True,
        required=needed is True,
        unique=bool_at(field, "unique") is True,
        custom=bool_at(field, "custom") is True,
        options=tuple(_options(field)),
    )


def _options(field: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in list_at(dict(field), "picklistValues"):
        value = text_at(one, "value")
        if value and bool_at(one, "active") is not False:
            yield value, text_at(one, "label") or value
