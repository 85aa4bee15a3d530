"""The environment's users, who own records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.dynamics365.api import Api, literal
from connectors.dynamics365.context import guid
from hub.codecs_words import owners_by_id
from hub.domain.sync import Owner
from hub.parsing import text_at

SELECT = "systemuserid,fullname,internalemailaddress"
ACTIVE = "isdisabled eq false"


@dataclass(slots=True)
class Users:
    """The users of one environment; their addresses are asked for once, and only where a record has an owner."""

    api: Api
    _emails: dict[str, str] = field(default_factory=dict)

    def everyone(self) -> list[Owner]:
        """Users who are not disabled."""
        rows = self.api.rows("systemusers", {"$select": SELECT, "$filter": ACTIVE})
        return [one for row in rows if (one := _owner(row))]

    def emails(self, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
        """Users' e-mail addresses by id, at least those of the rows' owners."""
        if not self._emails and any(row.get("_ownerid_value") for row in rows):
            self._emails = owners_by_id(self.everyone())
        return self._emails

    def by_email(self, email: str) -> str | None:
        """The id of the one user with that address who is not disabled, or None."""
        wanted = f"{ACTIVE} and internalemailaddress eq {literal(email)}"
        found = [_owner(row) for row in self.api.rows("systemusers", {"$select": SELECT, "$filter": wanted})]
        return found[0].id if len(found) == 1 and found[0] else None


def _owner(row: Mapping[str, Any]) -> Owner | None:
    user = guid(row.get("systemuserid"))
    email, name = text_at(dict(row), "internalemailaddress"), text_at(dict(row), "fullname")
    return Owner(id=user, email=email, name=name) if user else None
