"""Records by their ids as they are now; of those that were merged also the one that is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.dynamics365.api import ANNOTATED, Api
from connectors.dynamics365.context import guid
from connectors.dynamics365.rows import SETS, TABLES, columns, gone, read_row, shown, survivor
from connectors.dynamics365.users import Users
from hub.delivery import Connection
from hub.domain.sync import Found
from hub.parsing import list_at

# Of cases, whose descriptions are long, ten stay below what the hub takes as one answer.
AT_ONCE = {"ticket": 10}
USUALLY_AT_ONCE = 100
MOST_MERGES = 5  # one after the other


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads from one environment."""

    api: Api
    connection: Connection
    users: Users

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """Every record asked for, as it is now or as deleted; behind them those that others were merged into."""
        found: list[Found] = []
        wanted, seen = list(dict.fromkeys(ids)), {guid(one) for one in ids}
        for _ in range(MOST_MERGES):
            left: list[str] = []
            most = AT_ONCE.get(kind, USUALLY_AT_ONCE)
            for start in range(0, len(wanted), most):
                found += self._some(kind, wanted[start : start + most], left)
            wanted = [one for one in dict.fromkeys(left) if one not in seen]
            seen.update(wanted)
        return found

    def _some(self, kind: str, ids: list[str], left: list[str]) -> Iterator[Found]:
        rows = self._rows(kind, [known for one in ids if (known := guid(one))])
        owners = self.users.emails(rows.values())
        for one in ids:
            row = rows.get(guid(one) or "")
            master = survivor(read_row(TABLES[kind], row)) if row else None
            left += [master] if master else []
            if row is None or master:
                yield gone(kind, one, master, self.connection)
            else:
                yield shown(kind, row, self.connection, owners)

    def _rows(self, kind: str, ids: list[str]) -> dict[str, dict[str, object]]:
        if not ids:
            return {}
        table = TABLES[kind]
        key = f"{table}id"
        listed = ",".join(f"'{one}'" for one in ids)
        query = {
            "$select": columns(table, self.connection) + (",description" if kind == "ticket" else ""),
            "$filter": f"Microsoft.Dynamics.CRM.In(PropertyName='{key}',PropertyValues=[{listed}])",
        }
        body = self.api.get(SETS[table], query, ANNOTATED)
        return {known: row for row in list_at(body, "value") if (known := guid(row.get(key)))}
