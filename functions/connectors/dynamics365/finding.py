"""Who has a phone or an e-mail: candidates, each compared with what is asked for.

Columns for phones hold free text: those whose last digits could be the number's are asked for and compared as E.164.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.dynamics365.api import Api, literal
from connectors.dynamics365.context import guid
from connectors.dynamics365.rows import SETS, TABLES
from hub.delivery import Connection
from hub.errors import Reject
from hub.parsing import text_at
from hub.phones import phone_identifier

MOST = 200
PHONES = {"contact": ("telephone1", "mobilephone"), "lead": ("telephone1", "mobilephone"), "account": ("telephone1",)}


@dataclass(frozen=True, slots=True)
class Finding:
    """Searches one environment."""

    api: Api
    connection: Connection

    def find(self, kind: str, phone: str | None, email: str | None) -> list[str]:
        """Ids of those with exactly that phone or e-mail, among the first 200 whose number ends alike."""
        table = TABLES.get(kind, "")
        if table not in PHONES:
            raise Reject(f"a {kind} of Dynamics is not found by phone or e-mail")
        found = self._by_email(table, email) if email else []
        found += self._by_phone(table, phone) if phone else []
        return list(dict.fromkeys(found))

    def _by_email(self, table: str, email: str) -> list[str]:
        rows = self._rows(table, f"emailaddress1 eq {literal(email)}", f"{table}id")
        return [one for row in rows if (one := guid(row.get(f"{table}id")))]

    def _by_phone(self, table: str, phone: str) -> list[str]:
        names, ends = PHONES[table], _ends(phone)
        wanted = " or ".join(f"endswith({name},{literal(end)})" for name in names for end in ends)
        rows = self._rows(table, wanted, ",".join((f"{table}id", *names)))
        return [one for row in rows if self._has(row, names, phone) and (one := guid(row.get(f"{table}id")))]

    def _rows(self, table: str, wanted: str, select: str) -> list[dict[str, object]]:
        query = {"$select": select, "$filter": wanted, "$top": str(MOST)}
        return [row for row in self.api.get(SETS[table], query).get("value", []) if isinstance(row, dict)]

    def _has(self, row: dict[str, object], names: tuple[str, ...], phone: str) -> bool:
        held = (phone_identifier(text_at(row, name), self.connection.default_region) for name in names)
        return any(one is not None and one.value == phone for one in held)


def _ends(phone: str) -> list[str]:
    """The last four digits as people group them."""
    last = phone[-4:]
    return [last, *(f"{last[:2]}{sign}{last[2:]}" for sign in (" ", "-", "."))]
