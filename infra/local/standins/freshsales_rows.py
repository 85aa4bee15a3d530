"""Freshsales' rows, and the checks of what is written to them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.server import Answer, Refused

Row = dict[str, Any]
KEYS = {name: name for name in ("contact", "sales_account", "deal", "note", "task")}
TEXT = (str, type(None))
ADDRESS = ("address", "city", "state", "zipcode", "country")
# What may be written, with its types in JSON; everything else is refused, so that a typing error shows.
WRITABLE: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "contact": {
        **dict.fromkeys(("first_name", "last_name", "job_title", "external_id", *ADDRESS), TEXT),
        **dict.fromkeys(("work_number", "mobile_number"), TEXT),
        "emails": (str,),
        "owner_id": (int, type(None)),
        "custom_field": (dict,),
        "sales_accounts": (list,),
    },
    "sales_account": {
        **dict.fromkeys(("name", "phone", "website", *ADDRESS), TEXT),
        "number_of_employees": (int, type(None)),
        "owner_id": (int, type(None)),
    },
    "deal": {"name": (str,), "amount": (str, int), "deal_stage_id": (int,), "contacts": (list,), "closed_date": TEXT},
    "note": {"description": (str,), "targetable_type": (str,), "targetable_id": (str, int)},
    "task": {
        "title": (str,),
        "description": (str,),
        "due_date": (str,),
        "status": (int,),
        "owner_id": (int,),
        "targetable_type": (str,),
        "targetable_id": (str, int),
    },
}
REQUIRED = {"sales_account": ("name",), "task": ("title", "due_date"), "note": ("description",)}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class Rows:
    """All rows of one account by kind and id; times have whole seconds and never stand still for a row."""

    now: Callable[[], float]
    fields: frozenset[str]
    users: frozenset[int]
    by_kind: dict[str, dict[int, Row]] = field(default_factory=lambda: {kind: {} for kind in KEYS})
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(70_000_000_001))

    def there(self, kind: str, found: str) -> Row:
        """The row; Refused with 404 where there is none."""
        row = self.by_kind[kind].get(int(found)) if found.isascii() and found.isdigit() else None
        if row is None:
            raise Refused(refusal(404, "Not found"))
        return row

    def by(self, kind: str, name: str, value: Any) -> Row | None:
        """The first row with that value, an e-mail address in any case."""
        key = "email" if name == "emails" else name
        rows = self.by_kind[kind].values()
        return next((row for row in rows if str(row.get(key) or "").casefold() == str(value).casefold()), None)

    def add(self, kind: str, values: Mapping[str, Any]) -> Row:
        """A new row."""
        row: Row = {"id": next(self.numbers), **values, "created_at": self._time(0), "updated_at": self._time(0)}
        self.by_kind[kind][row["id"]] = row
        return row

    def change(self, row: Row, values: Mapping[str, Any]) -> bool:
        """Changes a row; whether anything differs. Own fields are merged."""
        before = dict(row)
        for name, value in values.items():
            row[name] = {**row.get(name, {}), **value} if isinstance(value, dict) else value
        if before == row:
            return False
        row["updated_at"] = self._time(datetime.fromisoformat(row["updated_at"]).timestamp() + 1)
        return True

    def checked(self, kind: str, body: Any, row: Row | None) -> Row:
        """What may be written, as it is kept; Refused with 400 otherwise."""
        if not isinstance(body, dict):
            raise Refused(refusal(400, f"{kind} is missing"))
        for name, value in body.items():
            types = WRITABLE[kind].get(name)
            if types is None or not isinstance(value, types) or isinstance(value, bool):
                raise Refused(refusal(400, f"{name} is invalid"))
        missing = [name for name in REQUIRED.get(kind, ()) if not body.get(name) and (row is None or name in body)]
        if missing:
            raise Refused(refusal(400, f"{missing[0]} can't be blank"))
        if body.get("owner_id") is not None and body["owner_id"] not in self.users:
            raise Refused(refusal(400, "Owner is invalid"))
        if set(body.get("custom_field", {})) - self.fields:
            raise Refused(refusal(400, "custom_field is invalid"))
        return self._kept(kind, body, row)

    def described(self, kind: str) -> list[Row]:
        """The fields of a kind, as the settings list them."""
        own = sorted(self.fields) if kind == "contact" else []
        names = [*(name for name in WRITABLE[kind] if name != "custom_field"), *own]
        return [{"id": number, "name": name, "label": name, "type": "text"} for number, name in enumerate(names)]

    def _kept(self, kind: str, body: Row, row: Row | None) -> Row:
        kept = {name: value.strip() if isinstance(value, str) else value for name, value in body.items()}
        if kind == "contact" and "emails" in kept:
            email = kept.pop("emails").lower()
            holder = self.by("contact", "email", email)
            if not _EMAIL.fullmatch(email):
                raise Refused(refusal(400, "Email is invalid"))
            if holder is not None and holder is not row:
                raise Refused(refusal(400, "Email is not unique"))
            kept |= {"email": email, "emails": [{"value": email, "is_primary": True}]}
        if kind in ("note", "task") and "targetable_id" in kept:
            self.there("contact", str(kept["targetable_id"]))
        return kept

    def _time(self, least: float) -> str:
        return datetime.fromtimestamp(max(int(self.now()), int(least)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refusal(status: int, message: str) -> Answer:
    """A refusal in the documented shape."""
    return Answer(status, {"errors": {"code": status, "message": [message]}})
