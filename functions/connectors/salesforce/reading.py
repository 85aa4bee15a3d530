"""Records by their ids as they are now; of those that are gone, whether they were merged and into which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.salesforce.api import MOST_IN_QUERY, Api, chunks
from connectors.salesforce.business import NATIVE
from connectors.salesforce.ids import canonical
from connectors.salesforce.rows import fields_read, gone, shown
from connectors.salesforce.soql import select, texts
from connectors.salesforce.users import Users
from hub.delivery import Connection
from hub.domain.sync import Found
from hub.parsing import text_at

MERGED = frozenset({"Contact", "Lead", "Account", "Case"})  # objects of which two can be merged
# A case's description has up to 32,000 characters: ten of them stay below what the hub takes as one answer.
AT_ONCE = {"ticket": 10}
MOST_MERGES = 5  # one after the other; each costs two requests


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads from one organization."""

    api: Api
    connection: Connection
    users: Users

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """Every record asked for, as it is now or as deleted; behind them those that others were merged into."""
        found: list[Found] = []
        wanted, seen = list(dict.fromkeys(ids)), {canonical(one) for one in ids}
        for _ in range(MOST_MERGES):
            survivors: list[str] = []
            for some in chunks(wanted, AT_ONCE.get(kind, 200)):
                found += self._some(kind, some, survivors)
            wanted = [one for one in dict.fromkeys(survivors) if one not in seen]
            seen.update(wanted)
        return found

    def _some(self, kind: str, ids: list[str], survivors: list[str]) -> Iterator[Found]:
        entity = NATIVE[kind]
        extra = ("Description",) if kind == "ticket" else ()
        rows = self.api.rows(entity, ids, (*fields_read(entity, self.connection), *extra))
        masters = self.masters(entity, [one for one in ids if canonical(one) not in rows])
        survivors += masters.values()
        owners = self.users.emails(list(rows.values()))
        for one in ids:
            row = rows.get(canonical(one) or "")
            yield (
                gone(kind, one, masters.get(canonical(one) or ""), self.connection)
                if row is None
                else shown(kind, one, row, self.connection, owners)
            )

    def masters(self, entity: str, ids: Sequence[str]) -> dict[str, str]:
        """Of the deleted records those that were merged, with the survivor's id."""
        known = [one for one in map(canonical, ids) if one]
        found: dict[str, str] = {}
        for some in chunks(known if entity in MERGED else [], MOST_IN_QUERY):
            wanted = f"IsDeleted = true AND Id IN {texts(some)}"
            soql = select(("Id", "MasterRecordId"), entity, wanted)
            for row in self.api.query(soql, everything=True).rows:
                loser, master = canonical(text_at(row, "Id")), canonical(text_at(row, "MasterRecordId"))
                found |= {loser: master} if loser and master else {}
        return found
