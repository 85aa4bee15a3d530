"""Zendesk's rows: users with their identities, organizations, tickets with their comments, and when each changed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.server import Answer, Refused

Row = dict[str, Any]
KINDS = ("user", "organization", "ticket")
ANY = (str, int, float, bool, type(None))
TEXT = (str, type(None))
NUMBER = (int, type(None))
# What may be written, by its type in JSON. Everything else is refused, so that a typing error shows.
WRITABLE: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "user": {
        **dict.fromkeys(("name", "email", "phone", "external_id", "details", "notes", "locale", "time_zone"), TEXT),
        "organization_id": NUMBER,
        "tags": (list,),
        "user_fields": (dict,),
        "skip_verify_email": (bool,),
    },
    "organization": {
        **dict.fromkeys(("name", "external_id", "details", "notes"), TEXT),
        "domain_names": (list,),
        "tags": (list,),
        "organization_fields": (dict,),
    },
    "ticket": {
        **dict.fromkeys(("subject", "external_id", "priority", "status", "type", "due_at"), TEXT),
        **dict.fromkeys(("created_at", "solved_at", "updated_stamp"), TEXT),
        **dict.fromkeys(("requester_id", "assignee_id", "organization_id"), NUMBER),
        "tags": (list,),
        "comment": (dict,),
        "comments": (list,),
        "safe_update": (bool,),
    },
}
WORDS = {
    "status": frozenset({"new", "open", "pending", "hold", "solved", "closed"}),
    "priority": frozenset({"low", "normal", "high", "urgent", None}),
    "type": frozenset({"problem", "incident", "question", "task", None}),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class Rows:
    """All rows of one account by kind and id; `now` is Unix seconds. Times have whole seconds and never stand still."""

    now: Callable[[], float]
    fields: Mapping[str, frozenset[str]]
    by_kind: dict[str, dict[int, Row]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    identities: dict[int, list[Row]] = field(default_factory=dict)
    comments: dict[int, list[Row]] = field(default_factory=dict)
    changed: dict[tuple[str, int], float] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(9_300_000_000_101))

    def find(self, kind: str, number: object) -> Row | None:
        """The row, deleted ones too."""
        text = str(number)
        return self.by_kind[kind].get(int(text)) if text.isascii() and text.isdigit() else None

    def by_external_id(self, kind: str, external_id: object) -> Row | None:
        """The first row with that external id, whatever its case; a deleted one has none any more."""
        wanted = str(external_id).casefold()
        rows = self.by_kind[kind].values()
        return next(
            (row for row in rows if str(row.get("external_id") or "").casefold() == wanted and alive(kind, row)), None
        )

    def by_email(self, email: object) -> Row | None:
        """The user with that address among all its own."""
        wanted = str(email).strip().casefold()
        for number, identities in self.identities.items():
            if any(one["type"] == "email" and one["value"].casefold() == wanted for one in identities):
                return self.by_kind["user"][number]
        return None

    def add(self, kind: str, values: Mapping[str, Any]) -> Row:
        """A new row with what every row has."""
        row: Row = {"id": next(self.numbers), "created_at": None, "updated_at": None, "external_id": None, "tags": []}
        row |= {f"{kind}_fields": {}} if kind != "ticket" else {}
        row |= dict(values)
        self.by_kind[kind][row["id"]] = row
        self.touch(kind, row)
        row["created_at"] = row["created_at"] or row["updated_at"]
        return row

    def touch(self, kind: str, row: Row) -> None:
        """Marks the row as changed now, or a second after its last change where that is later."""
        at = max(int(self.now()), int(self.changed.get((kind, row["id"]), 0)) + 1)
        self.changed[kind, row["id"]] = at
        row["updated_at"] = timestamp(at)

    def identity(self, user: Row, kind: str, value: str, *, primary: bool) -> Row:
        """A further identity of a user; a primary one takes the place of the former."""
        held = self.identities.setdefault(user["id"], [])
        one = {"id": next(self.numbers), "user_id": user["id"], "type": kind, "value": value, "primary": False}
        held.append(one)
        if primary or not any(other["primary"] for other in held if other["type"] == kind):
            self.promote(user, one)
        return one

    def promote(self, user: Row, one: Row) -> None:
        """Makes an identity the primary one of its kind."""
        for other in self.identities[user["id"]]:
            if other["type"] == one["type"]:
                other["primary"] = other is one
        user["email" if one["type"] == "email" else "phone"] = one["value"]

    def checked(self, kind: str, values: Any, row: Row | None) -> dict[str, Any]:
        """What may be written, in the form in which it is kept; Refused where something may not."""
        if not isinstance(values, dict):
            raise Refused(invalid(f"{kind} is missing"))
        unknown = [name for name, value in values.items() if not _fits(kind, name, value)]
        if unknown:
            raise Refused(invalid(f"You passed an invalid value for the {unknown[0]} attribute."))
        own = values.get(f"{kind}_fields", {})
        if set(own) - self.fields.get(f"{kind}_fields", frozenset()):
            raise Refused(record_invalid({next(iter(own)): "InvalidValue"}))
        return self._kept(kind, values, row)

    def _kept(self, kind: str, values: Mapping[str, Any], row: Row | None) -> dict[str, Any]:
        kept = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        faults = {name: "InvalidValue" for name, words in WORDS.items() if name in kept and kept[name] not in words}
        if ("name" in kept or row is None) and kind != "ticket" and not kept.get("name"):
            faults["name"] = "BlankValue"
        if "tags" in kept:
            kept["tags"] = [tag.lower() for tag in kept["tags"]]
        if email := kept.get("email"):
            kept["email"] = email.lower()
            holder = self.by_email(email)
            faults |= {} if _EMAIL.fullmatch(email) else {"email": "InvalidValue"}
            faults |= {"email": "DuplicateValue"} if holder is not None and holder is not row else {}
        faults |= self._taken(kind, kept, row)
        if faults:
            raise Refused(record_invalid(faults))
        return kept

    def _taken(self, kind: str, kept: Mapping[str, Any], row: Row | None) -> dict[str, str]:
        faults: dict[str, str] = {}
        if kind != "ticket" and kept.get("external_id"):
            holder = self.by_external_id(kind, kept["external_id"])
            faults |= {"external_id": "DuplicateValue"} if holder is not None and holder is not row else {}
        if kind == "organization" and "name" in kept:
            others = (one for one in self.by_kind[kind].values() if one is not row and alive(kind, one))
            same = any(one["name"].casefold() == str(kept["name"]).casefold() for one in others)
            faults |= {"name": "DuplicateValue"} if same else {}
        for name in ("organization_id", "requester_id", "assignee_id"):
            named = "organization" if name == "organization_id" else "user"
            if kept.get(name) is not None and self.find(named, kept[name]) is None:
                faults[name.removesuffix("_id")] = "InvalidValue"
        return faults


def alive(kind: str, row: Row) -> bool:
    """Whether the row is not deleted."""
    if kind == "user":
        return row.get("active") is not False
    return row.get("status") != "deleted" if kind == "ticket" else not row.get("deleted_at")


def timestamp(at: float) -> str:
    """Unix seconds as Zendesk writes them."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def invalid(message: str) -> Answer:
    """400 in the documented shape."""
    return Answer(400, {"error": {"title": "Invalid attribute", "message": message}})


def record_invalid(faults: Mapping[str, str]) -> Answer:
    """422 with each field and what is wrong with it."""
    details = {name: [{"description": f"{name}: is not valid", "error": word}] for name, word in faults.items()}
    body = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    return Answer(422, body)


def not_found() -> Answer:
    """404 in the documented shape."""
    return Answer(404, {"error": "RecordNotFound", "description": "Not found"})


def _fits(kind: str, name: str, value: Any) -> bool:
    types = WRITABLE[kind].get(name)
    if types is None or not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return False
    if name in ("tags", "domain_names"):
        return isinstance(value, list) and all(isinstance(one, str) and one and " " not in one for one in value)
    return not isinstance(value, dict) or name == "comment" or all(isinstance(one, ANY) for one in value.values())
