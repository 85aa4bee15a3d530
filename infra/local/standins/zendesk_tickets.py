"""Zendesk's tickets: created with a comment, imported with several, changed under a lock, closed for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins import zendesk_paging as paging
from infra.local.standins.server import Answer, Call, Refused
from infra.local.standins.zendesk_hooks import Hooks
from infra.local.standins.zendesk_rows import Row, Rows, alive, invalid, not_found, record_invalid

AGENT = 9_300_000_000_011
KEY_LASTS_S = 7200
CONFLICT = {
    "error": "UpdateConflict",
    "description": "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.",
}
ONLY_IMPORTED = frozenset({"comments", "solved_at", "created_at"})
EMPTY: Row = {
    "subject": None,
    "description": None,
    "status": "new",
    "priority": None,
    "type": None,
    "due_at": None,
    "requester_id": None,
    "assignee_id": None,
    "organization_id": None,
    "via": {"channel": "api"},
}


@dataclass(slots=True)
class Tickets:
    """The tickets of one account; `ran` are the account's automations."""

    rows: Rows
    told: Hooks
    ran: Callable[[str, Row, Mapping[str, Any]], None]
    keys: dict[str, tuple[float, bytes, int]] = field(default_factory=dict)

    def routes(self, api: str) -> list[tuple[str, str, Callable[[Call], Answer]]]:
        """What is called on tickets."""
        return [
            ("GET", f"{api}/tickets", self._by_external_id),
            ("GET", f"{api}/tickets/show_many", lambda call: paging.many(call, "tickets", "ticket", self.rows)),
            ("POST", f"{api}/tickets", self._create),
            ("POST", f"{api}/imports/tickets", self._import),
            ("GET", f"{api}/tickets/{{id}}", lambda call: Answer(200, {"ticket": self._there(call)})),
            ("PUT", f"{api}/tickets/{{id}}", self._update),
            ("DELETE", f"{api}/tickets/{{id}}", self._delete),
            ("GET", f"{api}/tickets/{{id}}/comments", self._comments),
            ("GET", f"{api}/ticket_fields", lambda call: paging.listed(call, "ticket_fields", [])),
        ]

    def enter(self, values: Mapping[str, Any], actor: int) -> Row:
        """A ticket that a person opens at the screen; without a comment its subject is one."""
        given = self.rows.checked("ticket", {"comment": {"body": values.get("subject", "-")}, **values}, None)
        return self._open(given, [given["comment"]], actor)

    def _by_external_id(self, call: Call) -> Answer:
        wanted = call.query.get("external_id")
        rows = [
            row for row in self.rows.by_kind["ticket"].values() if row["external_id"] == wanted and alive("ticket", row)
        ]
        return Answer(200, {"tickets": rows, "count": len(rows), "next_page": None, "previous_page": None})

    def _create(self, call: Call) -> Answer:
        given = self._checked(call)
        if set(given) & ONLY_IMPORTED or not _comment(given.get("comment")):
            raise Refused(record_invalid({"base": "BlankValue"}))
        key = call.headers.get("idempotency-key")
        at, body, number = self.keys.get(key or "", (0.0, b"", 0))
        if key and self.rows.now() - at < KEY_LASTS_S:
            if body != call.body:
                return Answer(400, {"error": "IdempotentRequestError"})
            return Answer(200, {"ticket": self.rows.by_kind["ticket"][number]}, {"x-idempotency-lookup": "hit"})
        row = self._open({"requester_id": AGENT, **given}, [given["comment"]], AGENT)
        if key:
            self.keys[key] = (self.rows.now(), call.body, row["id"])
        return Answer(201, {"ticket": row}, {"x-idempotency-lookup": "miss"})

    def _import(self, call: Call) -> Answer:
        """No trigger runs and no automation; the times are those that are given."""
        given = self._checked(call)
        comments = given.get("comments") or []
        if (
            "comment" in given
            or not comments
            or not all(_comment(one, "value", "author_id", "created_at") for one in comments)
        ):
            raise Refused(record_invalid({"comments": "InvalidValue"}))
        if given.get("requester_id") is None:
            raise Refused(record_invalid({"requester": "BlankValue"}))
        written = [{"body": one["value"], "public": one.get("public", True)} for one in comments]
        return Answer(201, {"ticket": self._open(given, written, AGENT, quiet=True)})

    def _open(self, given: Mapping[str, Any], comments: list[Row], actor: int, *, quiet: bool = False) -> Row:
        values = {name: value for name, value in given.items() if name not in ("comment", "comments", "solved_at")}
        due = {} if values.get("type") == "task" else {"due_at": None}
        row = self.rows.add("ticket", {**EMPTY, **values, **due, "description": comments[0]["body"]})
        for one in comments:
            self._note(row, one, actor)
        self.told.created("ticket", row, actor)
        if not quiet:
            self.ran("ticket", row, values)
        return row

    def _update(self, call: Call) -> Answer:
        row, given = self._there(call), self._checked(call)
        stamp, safe = given.pop("updated_stamp", None), given.pop("safe_update", False)
        if safe and stamp != row["updated_at"]:
            return Answer(409, CONFLICT)
        if row["status"] == "closed":
            raise Refused(record_invalid({"status": "InvalidValue"}))
        if set(given) & ONLY_IMPORTED or ("comment" in given and not _comment(given["comment"])):
            raise Refused(record_invalid({"base": "InvalidValue"}))
        before, comment = deepcopy(row), given.pop("comment", None)
        row.update(given)
        self.rows.touch("ticket", row)
        self.told.changed("ticket", before, row, AGENT)
        if comment:
            self.told.commented(row, self._note(row, comment, AGENT), AGENT)
        self.ran("ticket", row, given)
        return Answer(200, {"ticket": row, "audit": {}})

    def _delete(self, call: Call) -> Answer:
        row = self._there(call)
        row["status"] = "deleted"
        self.rows.touch("ticket", row)
        self.told.deleted("ticket", row, AGENT)
        return Answer(204)

    def _comments(self, call: Call) -> Answer:
        return paging.listed(call, "comments", self.rows.comments[self._there(call)["id"]])

    def _note(self, row: Row, comment: Mapping[str, Any], author: int) -> Row:
        held = self.rows.comments.setdefault(row["id"], [])
        body = str(comment["body"]).strip()
        public = comment.get("public", True)
        one = {"id": next(self.rows.numbers), "type": "Comment", "author_id": author, "body": body, "public": public}
        held.append(one | {"plain_body": body})
        return one

    def _checked(self, call: Call) -> dict[str, Any]:
        body = call.json()
        if not isinstance(body, dict) or set(body) != {"ticket"}:
            raise Refused(invalid("the body must hold ticket alone"))
        return self.rows.checked("ticket", body["ticket"], None)

    def _there(self, call: Call) -> Row:
        row = self.rows.find("ticket", call.parts["id"])
        if row is None or not alive("ticket", row):
            raise Refused(not_found())
        return row


def _comment(value: Any, text: str = "body", *more: str) -> bool:
    if not isinstance(value, dict) or set(value) - {text, "public", *more}:
        return False
    return isinstance(value.get(text), str) and bool(value[text].strip())
