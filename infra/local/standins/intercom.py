"""A stand-in for Intercom's REST API, version 2.16: contacts, companies, notes, tickets, conversations, searches.

https://developers.intercom.com/docs/references/2.16/rest-api/ (read November 2026)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins import intercom_search as search
from infra.local.standins.intercom_changes import Changes
from infra.local.standins.intercom_rows import Row, Rows, errors
from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Call, Refused, Standin

VERSION = "2.16"
WINDOW_S = 10
LISTS = {"contact": "contacts", "company": "companies", "ticket": "tickets", "conversation": "conversations"}
ADMINS = {"814860": "agent@example.com", "814861": "person@example.com"}
FAULTS = {
    429: Answer(429, errors("rate_limit_exceeded"), {"x-ratelimit-remaining": "0", "retry-after": "10"}),
    500: Answer(500, errors("server_error")),
    503: Answer(503, errors("service_unavailable")),
}
Handler = Callable[[Call], Answer]


@dataclass(slots=True)
class Intercom:
    """One workspace, whose app has the access token `token`. `attributes` are the custom attributes of both kinds.

    `offset_s` is how far the workspace's midnight is from that of UTC; `most_requests` is the limit in ten seconds.
    """

    token: str
    app_id: str = "rnk1abcd"
    now: Callable[[], float] = time.time
    attributes: frozenset[str] = frozenset()
    offset_s: int = 9 * 3600
    most_requests: int = 1_000
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    rows: Rows = field(init=False)
    changes: Changes = field(init=False)
    seen: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """An empty workspace with two admins."""
        self.rows = Rows(lambda: self.now(), self.attributes, ADMINS)
        self.changes = Changes(self.rows, self.app_id, self.hooks, self.misbehaviour)

    def standin(self) -> Standin:
        """The API."""
        return Standin([*self._people(), *self._talks()], self._guard, Answer(404, errors("not_found")), FAULTS)

    def enter(self, kind: str, values: Mapping[str, Any]) -> str:
        """A person creates a record; of a ticket or conversation all fields are taken as they are."""
        checked = self.rows.checked(kind, dict(values), None) if kind in ("contact", "company") else dict(values)
        return str(self.changes.create(kind, checked)["id"])

    def edit(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:
        """A person changes a record; what the API cannot empty, people can."""
        row = self.rows.there(kind, record_id)
        given = {name: value for name, value in values.items() if value is not None}
        checked = self.rows.checked(kind, given, row) if kind in ("contact", "company") else given
        self.changes.update(kind, row, {**dict.fromkeys(values), **checked})

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record."""
        self.changes.delete(kind, record_id)

    def merge(self, lost: str, kept: str) -> None:
        """A person merges one contact into another."""
        self.changes.merge(lost, kept)

    def held(self, kind: str, record_id: str) -> Row | None:
        """The record as it is now."""
        return deepcopy(self.rows.by_kind[kind].get(record_id))

    def _guard(self, call: Call) -> None:
        if call.bearer != self.token:
            raise Refused(Answer(401, errors("unauthorized", message="Access Token Invalid")))
        if call.headers.get("intercom-version") != VERSION:
            raise Refused(Answer(400, errors("intercom_version_invalid")))
        if call.body and "json" not in call.headers.get("content-type", ""):
            raise Refused(Answer(415, errors("media_type_not_supported")))
        now = self.now()
        self.seen = [at for at in self.seen if at > now - WINDOW_S]
        if len(self.seen) >= self.most_requests:
            reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(self.seen[0]) + WINDOW_S)}
            raise Refused(
                Answer(429, errors("rate_limit_exceeded"), {"x-ratelimit-limit": str(self.most_requests), **reset})
            )
        self.seen.append(now)

    def _people(self) -> list[tuple[str, str, Handler]]:
        rows = self.rows
        return [
            ("GET", "/admins", self._admins),
            ("GET", "/data_attributes", self._attributes),
            ("POST", "/contacts/search", lambda call: self._search("contact", call)),
            ("GET", "/contacts/find_by_external_id/{external}", self._by_external_id),
            ("GET", "/contacts", lambda call: search.listed(call, "data", list(rows.by_kind["contact"].values()))),
            ("POST", "/contacts", self._create_contact),
            ("GET", "/contacts/{id}", lambda call: Answer(200, rows.there("contact", call.parts["id"]))),
            ("PUT", "/contacts/{id}", lambda call: self._put("contact", call)),
            ("GET", "/contacts/{id}/notes", self._notes),
            ("POST", "/contacts/{id}/notes", self._add_note),
            ("POST", "/companies/list", self._companies),
            ("POST", "/companies", self._upsert_company),
            ("GET", "/companies/{id}", lambda call: Answer(200, rows.there("company", call.parts["id"]))),
            ("PUT", "/companies/{id}", lambda call: self._put("company", call)),
        ]

    def _talks(self) -> list[tuple[str, str, Handler]]:
        rows = self.rows
        return [
            ("POST", "/tickets/search", lambda call: self._search("ticket", call)),
            ("POST", "/conversations/search", lambda call: self._search("conversation", call)),
            ("POST", "/tickets", self._create_ticket),
            ("GET", "/tickets/{id}", lambda call: Answer(200, rows.there("ticket", call.parts["id"]))),
            ("PUT", "/tickets/{id}", lambda call: self._put("ticket", call)),
            ("DELETE", "/tickets/{id}", self._remove_ticket),
            ("GET", "/conversations/{id}", lambda call: Answer(200, rows.there("conversation", call.parts["id"]))),
        ]

    def _admins(self, _call: Call) -> Answer:
        admins = [{"type": "admin", "id": found, "email": mail, "name": "Admin"} for found, mail in ADMINS.items()]
        return Answer(200, {"type": "admin.list", "admins": admins})

    def _attributes(self, call: Call) -> Answer:
        model = call.query.get("model", "contact")
        if model not in ("contact", "company"):
            return Answer(422, errors("parameter_invalid", "model"))
        names = {"contact": ("name", "email", "phone", "external_id"), "company": ("name", "website", "company_id")}
        own = [(name, True) for name in sorted(self.attributes)]
        shape = {"type": "data_attribute", "model": model, "data_type": "string", "api_writable": True}
        rows = [
            shape
            | {
                "name": name,
                "full_name": f"custom_attributes.{name}" if custom else name,
                "label": name,
                "custom": custom,
            }
            for name, custom in [*((name, False) for name in names[model]), *own]
        ]
        return Answer(200, {"type": "list", "data": rows})

    def _search(self, kind: str, call: Call) -> Answer:
        """Of a new record a search knows nothing for a while."""
        limit = self.now() - self.misbehaviour.search_lag_s
        known = [
            row
            for row in self.rows.by_kind[kind].values()
            if row["created_at"] <= limit or not self.misbehaviour.search_lag_s
        ]
        return search.searched(call, kind, known, self.offset_s)

    def _by_external_id(self, call: Call) -> Answer:
        row = self.rows.by("contact", "external_id", call.parts["external"])
        if row is None or row["role"] != "user":
            return Answer(404, errors("not_found"))
        return Answer(200, row)

    def _create_contact(self, call: Call) -> Answer:
        return Answer(200, self.changes.create("contact", self.rows.checked("contact", call.json(), None)))

    def _upsert_company(self, call: Call) -> Answer:
        values = self.rows.checked("company", call.json(), None)
        row = self.rows.by("company", "company_id", values.get("company_id")) if values.get("company_id") else None
        if row is None:
            return Answer(200, self.changes.create("company", values))
        self.changes.update("company", row, values)
        return Answer(200, row)

    def _put(self, kind: str, call: Call) -> Answer:
        row = self.rows.there(kind, call.parts["id"])
        values = self.rows.checked(kind, call.json(), row)
        if kind == "company" and "company_id" in values:
            return Answer(400, errors("parameter_invalid", "company_id"))
        self.changes.update(kind, row, {name: value for name, value in values.items() if name != "skip_notifications"})
        return Answer(200, row)

    def _companies(self, call: Call) -> Answer:
        return search.numbered(call, list(self.rows.by_kind["company"].values()), 15)

    def _notes(self, call: Call) -> Answer:
        contact = self.rows.there("contact", call.parts["id"])
        return search.numbered(call, self.rows.notes.get(contact["id"], []), 10)

    def _add_note(self, call: Call) -> Answer:
        contact = self.rows.there("contact", call.parts["id"])
        body = self.rows.checked("note", call.json(), None)
        if not body.get("body"):
            return Answer(400, errors("parameter_not_found", "body"))
        if body.get("admin_id") and body["admin_id"] not in ADMINS:
            return Answer(404, errors("admin_not_found"))
        note = {
            "type": "note",
            "id": str(next(self.rows.numbers)),
            "created_at": int(self.now()),
            "body": f"<p>{body['body']}</p>",
        }
        self.rows.notes.setdefault(contact["id"], []).insert(0, note)
        return Answer(200, note)

    def _create_ticket(self, call: Call) -> Answer:
        values = self.rows.checked("ticket", call.json(), None)
        if not values.get("ticket_type_id") or len(values.get("contacts", ())) != 1:
            return Answer(400, errors("parameter_not_found", "contacts"))
        contact = self.rows.there("contact", values["contacts"][0].get("id", ""))
        listed = {"type": "contact.list", "contacts": [{"type": "contact", "id": contact["id"]}]}
        assignee = values.pop("assignment", {}).get("admin_assignee_id")
        kept = {name: one for name, one in values.items() if name not in ("skip_notifications", "contacts")}
        return Answer(200, self.changes.create("ticket", {**kept, "contacts": listed, "admin_assignee_id": assignee}))

    def _remove_ticket(self, call: Call) -> Answer:
        self.rows.there("ticket", call.parts["id"])
        self.changes.delete("ticket", call.parts["id"])
        return Answer(200, {"id": call.parts["id"], "object": "ticket", "deleted": True})
