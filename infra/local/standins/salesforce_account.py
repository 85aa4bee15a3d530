"""What happens in the organization: who writes what, what is announced of it, and what its automations do upon it."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour, Values
from infra.local.standins.salesforce_changes import ANNOUNCED, INTEGRATION_USER, SOMEBODY, Commit, Origin, hook
from infra.local.standins.salesforce_records import Row, Rows, show

_AMERICAN = re.compile(r"(?:\+?1)?([2-9][0-9]{2})([0-9]{3})([0-9]{4})")
PHONES = ("Phone", "MobilePhone")


@dataclass(slots=True)
class Organization:
    """The records with their announcements. `formats_phones`: ten digits become `(415) 555-0100`, as at the screen."""

    organization_id: str
    rows: Rows = field(default_factory=Rows)
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    now: Callable[[], float] = time.time
    formats_phones: bool = False
    commits: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.rows.now = lambda: self.now()
        self._user("Integration", "integration@example.com", INTEGRATION_USER)
        self._user("Hanako Mori", "hanako.mori@example.com", SOMEBODY)

    def _user(self, name: str, email: str, record_id: str) -> None:
        shown = {"Id": record_id, "Name": name, "Email": email, "IsActive": True, "UserType": "Standard"}
        self.rows.of("User")[record_id] = shown

    def create(self, sobject: str, values: Values, origin: Origin, at: str | None = None) -> Row:
        """A new row, announced; automations follow."""
        owned = {"OwnerId": origin.user} if "OwnerId" in self.rows.schema.fields_of(sobject) else {}
        row = self.rows.insert(sobject, owned | self._formatted(values), at)
        commit = self._commit(origin)
        row["LastModifiedById"] = origin.user
        self._announce(sobject, row["Id"], "CREATE", row, commit)
        self._automate(sobject, row, values, commit)
        return row

    def change(self, sobject: str, row: Row, values: Values, origin: Origin, at: str | None = None) -> None:
        """A changed row, announced with what differs; automations follow."""
        commit = self._commit(origin)
        self._change(sobject, row, values, commit, at)
        self._automate(sobject, row, values, commit)

    def _change(self, sobject: str, row: Row, values: Values, commit: Commit, at: str | None = None) -> None:
        before = dict(row)
        self.rows.update(sobject, row, self._formatted(values), at)
        row["LastModifiedById"] = commit.origin.user
        news = {name: row[name] for name in row if row[name] != before.get(name)}
        if news.keys() & values.keys():
            self._announce(sobject, row["Id"], "UPDATE", news, commit)

    def delete(self, sobject: str, record_id: str, origin: Origin, master: str | None = None) -> bool:
        """Whether there was such a row to delete."""
        row = self.rows.delete(sobject, record_id, master)
        if row is not None:
            self._announce(sobject, record_id, "DELETE", {}, self._commit(origin))
        return row is not None

    def restore(self, sobject: str, record_id: str, origin: Origin) -> None:
        """Takes a row out of the recycle bin."""
        row = self.rows.restore(sobject, record_id)
        self._announce(sobject, record_id, "UNDELETE", row, self._commit(origin))

    def merge(self, sobject: str, winner: str, loser: str) -> None:
        """A person merges two records: the loser is deleted, and the winner takes what it has not itself."""
        kept, lost = self.rows.of(sobject)[winner], dict(self.rows.of(sobject)[loser])
        self.delete(sobject, loser, Origin(), winner)
        fields = self.rows.schema.fields_of(sobject)
        taken = {name: value for name, value in lost.items() if value is not None and kept.get(name) is None}
        own = {name: value for name, value in taken.items() if name in fields and not fields[name].get("read_only")}
        self.change(
            sobject, kept, {name: value for name, value in own.items() if not fields[name].get("external")}, Origin()
        )

    def _commit(self, origin: Origin) -> Commit:
        return Commit(next(self.commits), 1, self.now(), origin)

    def _announce(self, sobject: str, record_id: str, kind: str, values: Mapping[str, Any], commit: Commit) -> None:
        disguised = self.misbehaviour.echo_as == "user" and commit.origin.client
        origin = Origin() if disguised else commit.origin
        if sobject in ANNOUNCED:
            said = Commit(commit.number, commit.sequence, commit.at_s, origin)
            self.hooks.append(hook(self.organization_id, sobject, record_id, kind, values, said))

    def _automate(self, sobject: str, row: Row, values: Values, commit: Commit) -> None:
        """What the organization's flows write upon a write, in its transaction and so under its origin."""
        written = values
        for number in range(self.misbehaviour.most_automated):
            further: dict[str, Any] = {}
            for automation in self.misbehaviour.automations:
                further |= automation(sobject, row["Id"], written)
            if not further:
                return
            self._change(sobject, row, further, Commit(commit.number, number + 2, commit.at_s, commit.origin))
            written = further

    def _formatted(self, values: Values) -> dict[str, Any]:
        if not self.formats_phones:
            return dict(values)
        return {name: _american(value) if name in PHONES else value for name, value in values.items()}

    def held(self, sobject: str, record_id: str) -> Row | None:
        """The row as it is now, with all its fields."""
        row = self.rows.find(sobject, record_id)
        fields = list(self.rows.schema.objects[sobject])
        return (
            {name: value for name, value in show(sobject, row, fields).items() if name != "attributes"} if row else None
        )


def _american(value: Any) -> Any:
    found = _AMERICAN.fullmatch(value) if isinstance(value, str) else None
    return f"({found[1]}) {found[2]}-{found[3]}" if found else value
