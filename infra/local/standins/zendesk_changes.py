"""What a write does to a user or an organization, whoever makes it: the row, its identities, the hooks, automations."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from infra.local.standins.misbehaving import Misbehaviour
from infra.local.standins.server import Refused
from infra.local.standins.zendesk_hooks import Hooks
from infra.local.standins.zendesk_rows import Row, Rows, alive, not_found

AGENT = 9_300_000_000_011
PERSON = 9_300_000_000_012
AUTOMATION = 9_300_000_000_013
GONE: Mapping[str, tuple[str, Any]] = {
    "user": ("active", False),
    "organization": ("deleted_at", "now"),
    "ticket": ("status", "deleted"),
}
NEW: Mapping[str, Row] = {
    "user": {"email": None, "phone": None, "role": "end-user", "active": True, "organization_id": None},
    "organization": {"domain_names": []},
}


@dataclass(slots=True)
class Changes:
    """Writes to the rows of one account."""

    rows: Rows
    told: Hooks
    misbehaviour: Misbehaviour

    @property
    def author(self) -> int:
        """Under whom the API's writes are announced."""
        return AGENT if self.misbehaviour.echo_as == "app" else PERSON

    def there(self, kind: str, number: str) -> Row:
        """The row; Refused with 404 where there is none."""
        row = self.rows.find(kind, number)
        if row is None or not alive(kind, row):
            raise Refused(not_found())
        return row

    def create(self, kind: str, values: Mapping[str, Any], actor: int) -> Row:
        """A new user or organization."""
        apart = ("skip_verify_email", "email", "phone")
        row = self.rows.add(kind, NEW[kind] | {name: one for name, one in values.items() if name not in apart})
        for name, identity in (("email", "email"), ("phone", "phone_number")):
            if values.get(name):
                self.rows.identity(row, identity, values[name], primary=True)
        self.told.created(kind, row, actor)
        self.ran(kind, row, values)
        return row

    def update(self, kind: str, row: Row, values: Mapping[str, Any], actor: int, *, replace: bool = False) -> None:
        """Changes a row; `replace` makes an e-mail address the primary one, which the API's update does not."""
        before = deepcopy(row)
        for name, value in values.items():
            self._set(kind, row, name, value, replace=replace)
        if self._announced(kind, before, row, actor):
            self.ran(kind, row, values)

    def delete(self, kind: str, row: Row, actor: int) -> None:
        """Marks a row as deleted; its addresses are free again."""
        name, value = GONE[kind]
        row[name] = value
        self.rows.identities.pop(row["id"], None)
        self.rows.touch(kind, row)
        self.told.deleted(kind, row, actor)

    def promote(self, row: Row, one: Row) -> None:
        """Makes an identity the user's primary one."""
        before = deepcopy(row)
        self.rows.promote(row, one)
        if self._announced("user", before, row, self.author):
            self.ran("user", row, {"email": row["email"]})

    def ran(self, kind: str, row: Row, written: Mapping[str, Any]) -> None:
        """The customer's own automations, upon what somebody wrote; not upon what they write themselves."""
        for automation in self.misbehaviour.automations * self.misbehaviour.most_automated:
            before = deepcopy(row)
            for name, value in automation(kind, str(row["id"]), written).items():
                self._set(kind, row, name, value, replace=True)
            self._announced(kind, before, row, AUTOMATION)

    def _announced(self, kind: str, before: Row, row: Row, actor: int) -> bool:
        if row == before:
            return False
        self.rows.touch(kind, row)
        self.told.changed(kind, before, row, actor)
        return True

    def _set(self, kind: str, row: Row, name: str, value: Any, *, replace: bool) -> None:
        """One field: an address in an update is only a further one; the account's own fields are merged."""
        if name == f"{kind}_fields":
            row[name] = {**row.get(name, {}), **value}
        elif name == "email" and kind == "user":
            self._address(row, value, replace=replace)
        elif name != "skip_verify_email":
            row[name] = value

    def _address(self, row: Row, value: Any, *, replace: bool) -> None:
        held = self.rows.identities.get(row["id"], [])
        one = next((one for one in held if one["type"] == "email" and one["value"] == value), None)
        if value and one is None:
            self.rows.identity(row, "email", value, primary=replace)
        elif one is not None and replace:
            self.rows.promote(row, one)
