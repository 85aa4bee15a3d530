"""Intercom's rows: contacts, companies, notes, tickets and conversations, with the checks of what is written.

Shapes as in Intercom's published description of version 2.16.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.server import Answer, Refused

Row = dict[str, Any]
TEXT = (str, type(None))
# What may be written, with its types in JSON; everything else is refused, so that a typing error shows.
WRITABLE: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "contact": {
        **dict.fromkeys(("role", "external_id", "email"), (str,)),
        **dict.fromkeys(("phone", "name", "owner_id", "avatar"), TEXT),
        "unsubscribed_from_emails": (bool, type(None)),
        "custom_attributes": (dict,),
    },
    "company": {
        **dict.fromkeys(("name", "company_id", "plan", "website", "industry"), (str,)),
        "size": (int,),
        "custom_attributes": (dict,),
    },
    "ticket": {
        "ticket_type_id": (str,),
        "contacts": (list,),
        "ticket_attributes": (dict,),
        "assignment": (dict,),
        "skip_notifications": (bool,),
        "open": (bool,),
        "company_id": (str,),
    },
    "note": {"body": (str,), "admin_id": (str,)},
}
NEW: Mapping[str, Row] = {
    "contact": {
        "type": "contact",
        "role": "user",
        "external_id": None,
        "email": None,
        "phone": None,
        "name": None,
        "owner_id": None,
        "unsubscribed_from_emails": False,
        "location": {"type": "location", "country": None, "region": None, "city": None},
        "companies": {"type": "list", "data": []},
        "tags": {"type": "list", "data": []},
        "custom_attributes": {},
    },
    "company": {"type": "company", "company_id": None, "name": None, "website": None, "industry": None, "size": None},
    "ticket": {
        "type": "ticket",
        "open": True,
        "ticket_state": {"type": "ticket_state", "id": "1", "category": "submitted", "internal_label": "Submitted"},
        "ticket_attributes": {},
        "contacts": {"type": "contact.list", "contacts": []},
        "ticket_parts": {"type": "ticket_part.list", "ticket_parts": []},
    },
    "conversation": {
        "type": "conversation",
        "state": "open",
        "title": None,
        "contacts": {"type": "contact.list", "contacts": []},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": []},
    },
}
IDS = {"contact": "67a9b9dfcc14109e{:08x}", "company": "68a9b9dfcc14109e{:08x}"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class Rows:
    """All rows of one workspace by kind and id; times are whole seconds that never stand still for a row."""

    now: Callable[[], float]
    attributes: frozenset[str]
    admins: Mapping[str, str]  # id -> e-mail
    by_kind: dict[str, dict[str, Row]] = field(default_factory=lambda: {kind: {} for kind in NEW})
    notes: dict[str, list[Row]] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def there(self, kind: str, found: str) -> Row:
        """The row; Refused with 404 where there is none, with 410 and the survivor where it was merged."""
        if kind == "contact" and found in self.merged:
            into = {"link": f'</contacts/{self.merged[found]}>; rel="canonical"'}
            raise Refused(Answer(410, errors("contact_merged"), into))
        row = self.by_kind[kind].get(found)
        if row is None:
            raise Refused(Answer(404, errors("not_found")))
        return row

    def by(self, kind: str, name: str, value: object) -> Row | None:
        """The first row with that value."""
        return next((row for row in self.by_kind[kind].values() if row.get(name) == value), None)

    def add(self, kind: str, values: Mapping[str, Any]) -> Row:
        """A new row."""
        number = next(self.numbers)
        found = IDS.get(kind, "{}").format(number)
        fresh = {name: dict(value) if isinstance(value, dict) else value for name, value in NEW[kind].items()}
        row: Row = {"id": found, **fresh, **values, "created_at": int(self.now()), "updated_at": int(self.now())}
        self.by_kind[kind][found] = row
        return row

    def change(self, row: Row, values: Mapping[str, Any]) -> bool:
        """Changes a row; whether anything differs. Custom attributes are merged."""
        before = dict(row)
        for name, value in values.items():
            row[name] = {**row.get(name, {}), **value} if isinstance(value, dict) and name != "contacts" else value
        if before == row:
            return False
        row["updated_at"] = max(int(self.now()), row["updated_at"] + 1)
        return True

    def checked(self, kind: str, body: Any, row: Row | None) -> Row:
        """What may be written, as it is kept; Refused with 400, 404, 409 or 422 otherwise."""
        if not isinstance(body, dict):
            raise Refused(Answer(400, errors("parameter_invalid")))
        for name, value in body.items():
            types = WRITABLE[kind].get(name)
            if types is None or not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                raise Refused(Answer(400, errors("parameter_invalid", name)))
        unknown = set(body.get("custom_attributes", {})) - self.attributes
        if unknown:
            raise Refused(Answer(400, errors("parameter_invalid", "custom_attributes")))
        kept = {name: value.strip() if isinstance(value, str) else value for name, value in body.items()}
        if kind == "contact":
            self._check_contact(kept, row)
        return kept

    def _check_contact(self, kept: Row, row: Row | None) -> None:
        if row is None and not {"email", "external_id", "role"} & kept.keys():
            raise Refused(Answer(400, errors("parameter_not_found", "email")))
        if kept.get("owner_id") is not None and kept["owner_id"] not in self.admins:
            raise Refused(Answer(400, errors("parameter_invalid", "owner_id")))
        if "email" in kept:
            if not _EMAIL.fullmatch(kept["email"]):
                raise Refused(Answer(400, errors("parameter_invalid", "email")))
            kept["email"] = kept["email"].lower()
        for name in ("email", "external_id"):
            holder = self.by("contact", name, kept[name]) if kept.get(name) else None
            if holder is not None and holder is not row:
                message = f"A contact matching those details already exists with id={holder['id']}"
                raise Refused(Answer(409, errors("conflict", message=message)))


def errors(code: str, name: str | None = None, message: str = "") -> Row:
    """A list of errors in the documented shape."""
    one = {"code": code, "message": message or code} | ({"field": name} if name else {})
    return {"type": "error.list", "request_id": "b68959ea-6328-4f70-83cb-e7913dba1542", "errors": [one]}
