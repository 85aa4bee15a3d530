"""The organization's users, who own records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.api import Api
from connectors.salesforce.soql import select, text
from hub.codecs_words import owners_by_id
from hub.domain.sync import Owner
from hub.parsing import id_at, text_at

MOST_USERS = 2000


@dataclass(slots=True)
class Users:
    """The users of one organization; their addresses are asked for once, and only where a record has an owner."""

    api: Api
    _emails: dict[str, str] = field(default_factory=dict)

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
        """Users' e-mail addresses by id, at least those of the rows' owners."""
        if not self._emails and any(text_at(dict(row), "OwnerId") for row in rows):
            self._emails = owners_by_id(self.everyone())
        return self._emails

    def by_email(self, email: str) -> str | None:
        """The id of the one active user with that address, or None."""
        wanted = f"IsActive = true AND Email = {text(email)}"
        rows = self.api.query(select(("Id",), "User", wanted, limit=2)).rows
        return id_at(rows[0], "Id") if len(rows) == 1 else None


def _owner(row: Mapping[str, Any]) -> Owner | None:
    user = id_at(dict(row), "Id")
    return Owner(id=user, email=text_at(dict(row), "Email"), name=text_at(dict(row), "Name")) if user else None
