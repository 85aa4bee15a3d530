"""What happens in the environment: who writes what, what is announced of it, and what its plug-ins do upon it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.local.standins.dynamics_context import ANNOUNCED, Operation, entity, hook, reference
from infra.local.standins.dynamics_records import Rows, Stored
from infra.local.standins.dynamics_schema import Table
from infra.local.standins.misbehaving import Hook, Misbehaviour, Values

APPLICATION_USER, SOMEBODY = "5a1e5f00-0000-4000-8000-0000000000aa", "5a1e5f00-0000-4000-8000-0000000000bb"
NO_NEWS = frozenset({"versionnumber", "createdon"})


@dataclass(slots=True)
class Environment:
    """The rows with their announcements."""

    organization_id: str
    rows: Rows = field(default_factory=Rows)
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    now: Callable[[], float] = time.time
    operations: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.rows.now = lambda: self.now()
        users = {APPLICATION_USER: ("renkei", None), SOMEBODY: ("Hanako Mori", "hanako.mori@example.com")}
        table = self.rows.schema.tables["systemuser"]
        for user, (name, email) in users.items():
            self.rows.insert(table, {"fullname": name, "internalemailaddress": email}, user, user)

    def create(self, table: Table, body: Any, user: str, row_id: str = "") -> Stored:
        """A new row, announced; plug-ins follow."""
        columns = self.rows.schema.check(table, body, creating=True, there=self.rows.there)
        row = self.rows.insert(table, columns, user, row_id)
        by = self._operation(user)
        self._announce("Create", table, row, {name: value for name, value in row.items() if value is not None}, by)
        self._automate(table, row, body, by)
        return row

    def change(self, table: Table, row: Stored, body: Any, user: str) -> None:
        """A changed row, announced with the columns that were written; plug-ins follow."""
        by = self._operation(user)
        self._change(table, row, body, by)
        self._automate(table, row, body, by)

    def _change(self, table: Table, row: Stored, body: Any, by: Operation) -> None:
        columns = self.rows.schema.check(table, body, creating=False, there=self.rows.there)
        before = dict(row)
        self.rows.update(table, row, columns, by.user)
        told = columns.keys() | {"modifiedon", "modifiedby"} | {name for name in row if row[name] != before.get(name)}
        self._announce("Update", table, row, {name: row[name] for name in row if name in told}, by)

    def delete(self, table: Table, row_id: str, user: str) -> bool:
        """Whether there was such a row to delete."""
        row = self.rows.delete(table.name, row_id)
        if row is not None and table.name in ANNOUNCED:
            target = [{"key": "Target", "value": reference(table.name, row_id)}]
            self.hooks.append(
                hook(self.organization_id, "Delete", table, row_id, target, None, self._said(self._operation(user)))
            )
        return row is not None

    def merge(self, kind: str, winner: str, loser: str) -> None:
        """A person merges two rows: the loser stays, inactive, and names the winner, which takes what it lacks."""
        table, rows = self.rows.schema.tables[kind], self.rows.of(kind)
        lost = {"merged": True, "masterid": {"table": kind, "id": winner}, "statecode": 1, "statuscode": 2}
        taken = {name: value for name, value in rows[loser].items() if rows[winner].get(name) is None}
        self.rows.update(table, rows[loser], lost, SOMEBODY)
        self.rows.update(table, rows[winner], taken, SOMEBODY)
        target = {"key": "Target", "value": reference(kind, winner)}
        parameters = [target, {"key": "SubordinateId", "value": loser}]
        by = self._operation(SOMEBODY)
        self.hooks.append(hook(self.organization_id, "Merge", table, winner, parameters, None, by))

    def _operation(self, user: str) -> Operation:
        return Operation(next(self.operations), user, self.now())

    def _said(self, by: Operation) -> Operation:
        disguised = self.misbehaviour.echo_as == "user" and by.user == APPLICATION_USER
        return replace(by, user=SOMEBODY) if disguised else by

    def _announce(self, message: str, table: Table, row: Stored, columns: Mapping[str, Any], by: Operation) -> None:
        if table.name not in ANNOUNCED:
            return
        news = {name: value for name, value in columns.items() if name not in NO_NEWS}
        target = [{"key": "Target", "value": entity(table, row[table.id], news)}]
        held = {name: value for name, value in row.items() if value is not None and name not in NO_NEWS}
        image = entity(table, row[table.id], held) if message == "Update" else None
        self.hooks.append(hook(self.organization_id, message, table, row[table.id], target, image, self._said(by)))

    def _automate(self, table: Table, row: Stored, values: Values, by: Operation) -> None:
        """What the environment's plug-ins write upon a write, as the user who made it."""
        written = values
        for number in range(self.misbehaviour.most_automated):
            further: dict[str, Any] = {}
            for automation in self.misbehaviour.automations:
                further |= automation(table.name, row[table.id], written)
            if not further:
                return
            self._change(table, row, further, replace(by, depth=number + 2))
            written = further
