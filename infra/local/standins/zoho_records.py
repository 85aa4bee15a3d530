"""Zoho CRM's records: rows with their times and authors, an index that lags, notifications of the open channels."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.zoho_schema import FIELDS, Row, Schema, refuse

TOKYO = timezone(timedelta(hours=9))
FIRST_ID = 5_800_000_000_000_000_101
MAI = {"id": "5800000000000000011", "name": "Mai Mori", "email": "mai@example.com"}
HUB = {"id": "5800000000000000012", "name": "Hub", "email": "hub@example.com"}
USERS = (MAI, HUB)


@dataclass(slots=True)
class Stored:
    """One record: `seen` are its states by the time from which the index knows them."""

    row: Row
    seen: list[tuple[float, Row]] = field(default_factory=list)


@dataclass(slots=True)
class Records:
    """All records of one organization, and who is told of their changes (`channels` by id)."""

    now: Callable[[], float]
    schema: Schema
    misbehaviour: Misbehaviour
    hooks: list[Hook]
    by_module: dict[str, dict[str, Stored]] = field(default_factory=dict)
    deleted: dict[str, list[Row]] = field(default_factory=dict)
    channels: dict[str, Row] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_ID))

    def of(self, module: str) -> dict[str, Stored]:
        """The records of a module by id."""
        return self.by_module.setdefault(module, {})

    def create(self, module: str, values: Row, author: Row) -> Row:
        """A new record."""
        found, at = str(next(self.numbers)), self.second()
        empty: Row = {name: False if kind == "boolean" else None for name, kind in FIELDS[module].items()}
        times = {"Created_Time": at, "Modified_Time": at, "Created_By": dict(author), "Modified_By": dict(author)}
        self.of(module)[found] = Stored({**empty, "id": found, **times, "Owner": dict(author)})
        self._put(module, self.of(module)[found].row, values)
        self._changed(module, found, "insert", values, author)
        return self.of(module)[found].row

    def update(self, module: str, found: str, values: Row, author: Row) -> Row:
        """Changes a record; one that stays as it was keeps its time and is not announced."""
        row = self.of(module)[found].row
        before = copy.deepcopy(row)
        self._put(module, row, values)
        differing = {name: row[name] for name in row if row[name] != before.get(name)}
        if differing:
            row |= {"Modified_Time": self.second(), "Modified_By": dict(author)}
            self._changed(module, found, "update", differing, author)
        return row

    def remove(self, module: str, found: str, author: Row) -> None:
        """Puts a record into the recycle bin."""
        row = self.of(module).pop(found).row
        gone = {"id": found, "deleted_time": self.second(), "type": "recycle", "deleted_by": dict(author)}
        self.deleted.setdefault(module, []).append(gone | {"display_name": row.get("Last_Name")})
        self._tell(module, found, "delete", {})

    def indexed(self, module: str) -> list[Row]:
        """What a search sees: the state of each record of `search_lag_s` ago."""
        until = self.now() - self.misbehaviour.search_lag_s
        states = ([row for at, row in one.seen if at <= until] for one in self.of(module).values())
        return [seen[-1] for seen in states if seen]

    def second(self) -> str:
        """Now, as Zoho writes it: whole seconds in the organization's own zone."""
        return datetime.fromtimestamp(int(self.now()), UTC).astimezone(TOKYO).isoformat()

    def _put(self, module: str, row: Row, values: Row) -> None:
        known = self.schema.known(module)
        for name, value in values.items():
            if name in known:
                row[name] = self._stored(known[name], value)
        if "First_Name" in row:
            row["Full_Name"] = " ".join(part for part in (row["First_Name"], row["Last_Name"]) if part)

    def _stored(self, kind: str, value: Any) -> Any:
        """Texts without spaces around them, addresses in small letters, lookups with the name of what they mean."""
        if isinstance(value, str):
            stripped = value.strip()
            return stripped.lower() if kind == "email" else stripped or None
        if isinstance(value, dict) and kind == "ownerlookup":
            return dict(next((one for one in USERS if one["id"] == value["id"]), MAI))
        return self._looked_up(kind.partition(":")[2], value) if isinstance(value, dict) else value

    def _looked_up(self, module: str, value: Row) -> Row:
        meant = self.of(module)[value["id"]].row if module else {}
        name = meant.get("Account_Name") or meant.get("Full_Name")
        return {**value, "name": name} if module else value

    def _changed(self, module: str, found: str, operation: str, values: Row, author: Row) -> None:
        stored = self.of(module)[found]
        stored.seen.append((self.now(), copy.deepcopy(stored.row)))
        self._tell(module, found, operation, values)
        self._automate(module, found, values, author)

    def _automate(self, module: str, found: str, written: Row, author: Row) -> None:
        """The organization's workflows; they run under whose change set them off, and set off no others."""
        stored = self.of(module)[found]
        for automation in self.misbehaviour.automations[: self.misbehaviour.most_automated]:
            before = copy.deepcopy(stored.row)
            self._put(module, stored.row, dict(automation(module, found, written)))
            differing = {name: stored.row[name] for name in stored.row if stored.row[name] != before.get(name)}
            if differing:
                stored.row |= {"Modified_Time": self.second(), "Modified_By": dict(author)}
                stored.seen.append((self.now(), copy.deepcopy(stored.row)))
                self._tell(module, found, "update", differing)

    def _tell(self, module: str, found: str, operation: str, values: Mapping[str, Any]) -> None:
        """A notification for each channel that lasts still and listens to that."""
        for channel in self.channels.values():
            wanted = {f"{module}.all", f"{module}.{_EVENTS[operation]}"} & set(channel["events"])
            if wanted and datetime.fromisoformat(channel["channel_expiry"]).timestamp() > self.now():
                self.hooks.append(self._hook(channel, module, found, operation, values))

    def _hook(self, channel: Row, module: str, found: str, operation: str, values: Mapping[str, Any]) -> Hook:
        shown = bool(channel.get("return_affected_field_values")) and bool(values)
        body = {
            "server_time": int(self.now() * 1000),
            "affected_values": [{"record_id": found, "values": dict(values)}] if shown else [],
            "query_params": {},
            "module": module,
            "resource_uri": f"https://www.zohoapis.jp/crm/v8/{module}",
            "ids": [found],
            "affected_fields": [{found: sorted(values)}] if values else [],
            "operation": operation,
            "channel_id": channel["channel_id"],
            "token": channel["token"],
        }
        return Hook(json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})


_EVENTS = {"insert": "create", "update": "edit", "delete": "delete"}


def one_id(text: Any) -> str:
    """An id of digits; Refused where it is none."""
    if not isinstance(text, str) or not text.isdigit():
        raise refuse(400, "INVALID_DATA", "the id given seems to be invalid", resource_path_index=1)
    return text
