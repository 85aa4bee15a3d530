"""A stand-in for Mailchimp's Marketing API 3.0: the members of one audience, tags, notes, merge fields, webhooks.

https://mailchimp.com/developer/marketing/api/ (list members, lists, list webhooks; read November 2026)
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.standins.mailchimp_members import SHOWN_APART, Members, hash_of
from infra.local.standins.mailchimp_notes import NOT_FOUND, Notes
from infra.local.standins.mailchimp_rules import MERGES, Row, checked, error, invalid
from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Call, Refused, Standin

LIST = "/3.0/lists/{list}"
MEMBER = f"{LIST}/members/{{member}}"
MOST_LISTED, MOST_IN_BATCH = 1000, 500
LISTED_BY = frozenset({"count", "offset", "sort_field", "sort_dir", "since_last_changed", "status", "fields"})
BUSY = error(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
FAULTS = {429: BUSY, 500: error(500, "Internal Server Error", "An unexpected internal error has occurred.")}
Handler = Callable[[Call], Answer]


@dataclass(slots=True)
class Mailchimp:
    """One account with the API key `key` and one audience; `merges` are its merge fields, each with its type."""

    key: str
    list_id: str = "l1st0fexmp"
    now: Callable[[], float] = time.time
    merges: Mapping[str, str] = field(default_factory=lambda: dict(MERGES))
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    webhooks: list[Row] = field(default_factory=list)
    members: Members = field(init=False)
    notes: Notes = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(41))

    def __post_init__(self) -> None:
        """An empty audience."""
        self.members = Members(self.list_id, lambda: self.now(), self.hooks, self.misbehaviour)
        self.notes = Notes(self.members)

    def standin(self) -> Standin:
        """The API."""
        return Standin(
            [*self._people(), *self._audience(), *self.notes.routes(f"{MEMBER}/notes")], self._guard, NOT_FOUND, FAULTS
        )

    def enter(self, kind: str, values: Mapping[str, Any]) -> str:  # noqa: ARG002 - there is one kind
        """A person adds a member, subscribed unless the values say otherwise."""
        given = {"status": "subscribed", **checked(dict(values), self.merges)}
        return f"{self.list_id}/{self.members.create(given, by_api=False)['id']}"

    def edit(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:  # noqa: ARG002
        """A person changes a member; a status is the member's own act."""
        row = self._there(record_id.rpartition("/")[2])
        self.members.update(row, checked(dict(values), self.merges), by_api=False, by_self=True)

    def remove(self, kind: str, record_id: str) -> None:  # noqa: ARG002
        """A person archives a member."""
        self.members.archive(self._there(record_id.rpartition("/")[2]), by_api=False)

    def held(self, kind: str, record_id: str) -> Row | None:  # noqa: ARG002
        """The member as it is now."""
        row = self.members.find(record_id.rpartition("/")[2])
        return _shown(row) if row is not None and row["status"] != "archived" else None

    def _guard(self, call: Call) -> None:
        basic = call.headers.get("authorization", "").removeprefix("Basic ")
        try:
            password = base64.b64decode(basic).decode().partition(":")[2]
        except ValueError:
            password = ""
        if password != self.key:
            raise Refused(error(401, "API Key Invalid", "Your API key may be invalid, or of another data center."))
        if call.body and "json" not in call.headers.get("content-type", ""):
            raise Refused(error(400, "JSONParseError", "We encountered an unspecified JSON parsing error."))
        if call.path.split("/")[3:4] != [self.list_id]:
            raise Refused(NOT_FOUND)

    def _people(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", f"{LIST}/members", self._list),
            ("GET", MEMBER, lambda call: Answer(200, _shown(self._there(call.parts["member"], archived=True), call))),
            ("PUT", MEMBER, self._put),
            ("PATCH", MEMBER, self._patch),
            ("DELETE", MEMBER, self._archive),
            ("POST", f"{MEMBER}/tags", self._tag),
            ("POST", LIST, self._batch),
        ]

    def _audience(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", f"{LIST}/merge-fields", self._merge_fields),
            ("GET", f"{LIST}/webhooks", lambda _call: Answer(200, {"webhooks": self.webhooks})),
            ("POST", f"{LIST}/webhooks", self._add_webhook),
            ("PATCH", f"{LIST}/webhooks/{{webhook}}", self._change_webhook),
        ]

    def _there(self, member: str, *, archived: bool = False) -> Row:
        row = self.members.find(member)
        if row is None or (row["status"] == "archived" and not archived):
            raise Refused(NOT_FOUND)
        return row

    def _list(self, call: Call) -> Answer:
        count, offset = int(call.query.get("count", "10")), int(call.query.get("offset", "0"))
        if set(call.query) - LISTED_BY or not 0 < count <= MOST_LISTED:
            raise invalid("count", "Must be between 1 and 1000, and every parameter a known one")
        rows = sorted(self._matching(call.query), key=lambda row: (row["last_changed"], row["order"]))
        shown = [_shown(row, call, "members.") for row in rows[offset : offset + count]]
        return Answer(200, {"members": shown, "list_id": self.list_id, "total_items": len(rows)})

    def _matching(self, query: Mapping[str, str]) -> list[Row]:
        rows, status = self.members.rows.values(), query.get("status")
        found = [row for row in rows if row["status"] == status or (not status and row["status"] != "archived")]
        after = query.get("since_last_changed")
        if after is None:
            return found
        return [row for row in found if datetime.fromisoformat(row["last_changed"]) > datetime.fromisoformat(after)]

    def _put(self, call: Call) -> Answer:
        given = checked(call.json(), self.merges)
        if not given.get("email_address"):
            raise invalid("", "Required fields were not provided: email_address")
        row = self.members.find(call.parts["member"])
        if row is None:
            status = given.pop("status_if_new", None) or given.get("status")
            if status is None or hash_of(given["email_address"]) != call.parts["member"]:
                raise invalid("status_if_new", "Required fields were not provided: status_if_new")
            return Answer(200, _shown(self.members.create({**given, "status": status}, by_api=True)))
        self.members.update(row, given, by_api=True)
        return Answer(200, _shown(row))

    def _patch(self, call: Call) -> Answer:
        row, given = self._there(call.parts["member"], archived=True), checked(call.json(), self.merges)
        if {"status_if_new", "tags"} & set(given):
            raise invalid("status_if_new", "This field is not one of an update")
        self.members.update(row, given, by_api=True)
        return Answer(200, _shown(row))

    def _archive(self, call: Call) -> Answer:
        self.members.archive(self._there(call.parts["member"]), by_api=True)
        return Answer(204)

    def _tag(self, call: Call) -> Answer:
        row, body = self._there(call.parts["member"], archived=True), call.json()
        tags = body.get("tags") if isinstance(body, dict) else None
        if not isinstance(tags, list) or any(set(one) != {"name", "status"} for one in tags):
            raise invalid("tags", "This value should be a list of name and status")
        self.members.tag(row, {one["name"]: one["status"] for one in tags})
        return Answer(204)

    def _batch(self, call: Call) -> Answer:
        body = call.json()
        given = body.get("members") if isinstance(body, dict) else None
        if not isinstance(given, list) or len(given) > MOST_IN_BATCH or set(body) - {"members", "update_existing"}:
            raise invalid("members", "Up to 500 members may be added or updated with each API call")
        done = [self._one_of_batch(one, body.get("update_existing") is True) for one in given]
        errors = [one for kind, one in done if kind == "errors"]
        changed = {name: [one for kind, one in done if kind == name] for name in ("new_members", "updated_members")}
        counts = {"total_created": len(changed["new_members"]), "total_updated": len(changed["updated_members"])}
        return Answer(200, {**changed, "errors": errors, **counts, "error_count": len(errors)})

    def _one_of_batch(self, one: Any, updating: bool) -> tuple[str, Row]:
        try:
            given = checked(one, self.merges)
            if not {"email_address", "status"} <= set(given):
                raise invalid("status", "Required fields were not provided: email_address, status")
            row = self.members.find(hash_of(given["email_address"]))
            if row is not None and not updating:
                return "errors", _failed(given, "is already a list member", "ERROR_CONTACT_EXISTS", "")
            if row is None:
                return "new_members", _shown(self.members.create(given, by_api=True))
            self.members.update(row, given, by_api=True)
        except Refused as refused:
            named = [shown["field"] for shown in refused.answer.body.get("errors", [])]
            return "errors", _failed(one, refused.answer.body["title"], "ERROR_GENERIC", named[0] if named else "")
        return "updated_members", _shown(row)

    def _merge_fields(self, _call: Call) -> Answer:
        rows = [
            {"merge_id": number, "tag": tag, "name": tag.title(), "type": kind, "required": False, "options": {}}
            for number, (tag, kind) in enumerate(self.merges.items(), start=1)
        ]
        return Answer(200, {"merge_fields": rows, "list_id": self.list_id, "total_items": len(rows)})

    def _add_webhook(self, call: Call) -> Answer:
        body = call.json()
        if set(body) - {"url", "events", "sources"} or not str(body.get("url")).startswith("https://"):
            raise invalid("url", "Please enter a valid URL.")
        self.webhooks.append({"id": f"w{next(self.numbers)}", "list_id": self.list_id, **body})
        return Answer(200, self.webhooks[-1])

    def _change_webhook(self, call: Call) -> Answer:
        found = next((one for one in self.webhooks if one["id"] == call.parts["webhook"]), None)
        if found is None:
            raise Refused(NOT_FOUND)
        found |= call.json()
        return Answer(200, found)


def _failed(given: Any, message: str, code: str, name: str) -> Row:
    email = given.get("email_address", "") if isinstance(given, dict) else ""
    return {"email_address": email, "error": message, "error_code": code, "field": name, "field_message": message}


def _shown(row: Row, call: Call | None = None, prefix: str = "") -> Row:
    shown = {name: deepcopy(value) for name, value in row.items() if name not in SHOWN_APART}
    wanted = call.query.get("fields") if call else None
    names = {name.removeprefix(prefix) for name in wanted.split(",")} if wanted else set(shown)
    return {name: value for name, value in shown.items() if name in names}
