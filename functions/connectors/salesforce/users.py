"""The organization's users, who own records: asked for once an hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.api import Api
from connectors.salesforce.soql import select, text
from hub.codecs_words import owners_by_id
from hub.domain.sync import Owner
from hub.parsing import id_at, text_at
from hub.ports import Http

MOST_USERS = 2000
FRESH_S = 3600


@dataclass(frozen=True, slots=True)
class _Known:
    emails: Mapping[str, str]
    until: float
    http: Http


# Outlives the client, which is built anew for every invocation; by connection.
_known: dict[str, _Known] = {}


@dataclass(frozen=True, slots=True)
class Users:
    """The users of one connection's organization."""

    api: Api
    connection_id: str

    def everyone(self) -> list[Owner]:
        """Active users who are no customers in a portal."""
        found: list[Owner] = []
        while True:
            after = text(found[-1].id if found else "")
            wanted = f"IsActive = true AND UserType = 'Standard' AND Id > {after}"
            rows = self.api.query(select(("Id", "Name", "Email"), "User", wanted, "Id", MOST_USERS)).rows
            some = [one for row in rows if (one := _owner(row))]
            found += some
            if len(rows) < MOST_USERS or not some:
                return found

    def emails(self, rows: list[Mapping[str, Any]]) -> Mapping[str, str]:
        """Users' e-mail addresses by id, asked for only where one of the rows has an owner."""
        if not any(text_at(dict(row), "OwnerId") for row in rows):
            return {}
        known, session = _known.get(self.connection_id), self.api.session
        if known is None or known.http is not session.http or known.until <= session.clock.now():
            known = _Known(owners_by_id(self.everyone()), session.clock.now() + FRESH_S, session.http)
            _known[self.connection_id] = known
        return known.emails

    def by_email(self, email: str) -> str | None:
        """The id of the one active user with that address, or None."""
        wanted = f"IsActive = true AND Email = {text(email)}"
        rows = self.api.query(select(("Id",), "User", wanted, limit=2)).rows
        return id_at(rows[0], "Id") if len(rows) == 1 else None


def _owner(row: Mapping[str, Any]) -> Owner | None:
    user = id_at(dict(row), "Id")
    return Owner(id=user, email=text_at(dict(row), "Email"), name=text_at(dict(row), "Name")) if user else None
