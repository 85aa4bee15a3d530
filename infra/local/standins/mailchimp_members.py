"""The members of one audience, by the hash of their address, and the webhooks that their changes send."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from infra.local.standins.mailchimp_rules import Row, error, must_be_free_to
from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Refused

OBJECT = "list_member"
HEADERS = {"content-type": "application/x-www-form-urlencoded"}
SHOWN_APART = ("left_by_self", "order")


def hash_of(email: str) -> str:
    """Mailchimp's id of an address."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Members:
    """One audience `list_id`. A change by the API sends no webhook, for ours are set up with `api: false`."""

    list_id: str
    now: Callable[[], float]
    hooks: list[Hook]
    misbehaviour: Misbehaviour
    rows: dict[str, Row] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def find(self, member: str) -> Row | None:
        """The member, archived or not."""
        return self.rows.get(member)

    def create(self, values: Mapping[str, Any], *, by_api: bool) -> Row:
        """A new member; Refused where the address was deleted for good."""
        email = values["email_address"]
        if hash_of(email) in self.forgotten:
            detail = f"{email} was permanently deleted and cannot be re-imported."
            raise Refused(error(400, "Forgotten Email Not Subscribed", detail))
        number, at = next(self.numbers), self.stamp()
        row: Row = {
            "id": hash_of(email),
            "email_address": email,
            "unique_email_id": f"{number:010x}",
            "contact_id": f"{number:032x}",
            "web_id": number,
            "email_type": "html",
            "status": "transactional",
            "merge_fields": {},
            "timestamp_signup": "",
            "timestamp_opt": at,
            "language": "",
            "vip": False,
            "list_id": self.list_id,
            "tags": [],
            "last_changed": at,
            "left_by_self": False,
            "order": number,
        }
        self.rows[row["id"]] = row
        self._put(row, values, by_self=False)
        self._tell("subscribe" if row["status"] == "subscribed" else "", row, by_api)
        self._automated(row, values)
        return row

    def update(self, row: Row, values: Mapping[str, Any], *, by_api: bool, by_self: bool = False) -> None:
        """Changes a member; an address that another member has is Refused."""
        before = {**row, "merge_fields": dict(row["merge_fields"])}
        self._put(row, values, by_self=by_self)
        if {**row, "last_changed": ""} == {**before, "last_changed": ""}:
            return
        row["last_changed"] = self.stamp()
        for kind in _kinds(before, row):
            self._tell(kind, row, by_api, before)
        self._automated(row, values)

    def archive(self, row: Row, *, by_api: bool) -> None:
        """Takes a member out of the audience; their data stay."""
        row |= {"status": "archived", "last_changed": self.stamp()}
        self._tell("unsubscribe", row, by_api, action="delete")

    def forget(self, member: str) -> None:
        """Deletes a member for good."""
        self.rows.pop(member, None)
        self.forgotten.add(member)

    def tag(self, row: Row, names: Mapping[str, str]) -> None:
        """Sets tags active or inactive; tags send no webhook."""
        held = {one["name"]: one for one in row["tags"]}
        for name, status in names.items():
            if status == "inactive":
                held.pop(name, None)
            else:
                held.setdefault(name, {"id": next(self.numbers), "name": name})
        if list(held.values()) != row["tags"]:
            row |= {"tags": list(held.values()), "last_changed": self.stamp()}

    def stamp(self) -> str:
        """Now, as Mailchimp writes it."""
        return datetime.fromtimestamp(int(self.now()), UTC).isoformat()

    def _put(self, row: Row, values: Mapping[str, Any], *, by_self: bool) -> None:
        email = values.get("email_address", row["email_address"])
        if hash_of(email) != row["id"] and hash_of(email) in self.rows:
            raise Refused(error(400, "Member Exists", f"{email} is already a list member."))
        if values.get("status", row["status"]) != row["status"] and not by_self:
            must_be_free_to(values["status"], row, email)
        merges = {**row["merge_fields"], **values.get("merge_fields", {})}
        own = {name: one for name, one in values.items() if name not in ("merge_fields", "status_if_new", "tags")}
        left = by_self if "status" in values else row["left_by_self"]
        del self.rows[row["id"]]
        row |= {**own, "merge_fields": merges, "left_by_self": left, "id": hash_of(email), "email_address": email}
        self.rows[row["id"]] = row

    def _automated(self, row: Row, written: Mapping[str, Any]) -> None:
        for automation in self.misbehaviour.automations[: self.misbehaviour.most_automated]:
            values = automation(OBJECT, f"{self.list_id}/{row['id']}", written)
            if values:
                self._put(row, values, by_self=False)
                row["last_changed"] = self.stamp()
                self._tell("profile", row, by_api=False)

    def _tell(self, kind: str, row: Row, by_api: bool, before: Row | None = None, action: str = "unsub") -> None:
        if not kind or (by_api and self.misbehaviour.echo_as == "app"):
            return
        fired = datetime.fromtimestamp(int(self.now()), UTC).strftime("%Y-%m-%d %H:%M:%S")
        data = _data(kind, row, before, action) | {"list_id": self.list_id}
        pairs = {"type": kind, "fired_at": fired, **{f"data[{name}]": value for name, value in data.items()}}
        self.hooks.append(Hook(urlencode(pairs).encode(), HEADERS))


def _kinds(before: Row, row: Row) -> list[str]:
    kinds = []
    if before["id"] != row["id"]:
        kinds.append("upemail")
    if before["status"] != row["status"]:
        kinds.append(
            {"subscribed": "subscribe", "unsubscribed": "unsubscribe", "cleaned": "cleaned"}.get(row["status"], "")
        )
    if before["merge_fields"] != row["merge_fields"]:
        kinds.append("profile")
    return kinds


def _data(kind: str, row: Row, before: Row | None, action: str) -> dict[str, str]:
    if kind == "upemail" and before is not None:
        emails = {"new_email": row["email_address"], "old_email": before["email_address"]}
        return {"new_id": row["unique_email_id"], **emails}
    if kind == "cleaned":
        return {"campaign_id": "cmp1", "reason": "hard", "email": row["email_address"]}
    leaving = {"action": action, "reason": "manual"} if kind == "unsubscribe" else {}
    texts = {tag: value for tag, value in row["merge_fields"].items() if isinstance(value, str)}
    merges = {f"merges][{tag}": value for tag, value in {"EMAIL": row["email_address"], **texts}.items()}
    return {"id": row["unique_email_id"], "email": row["email_address"], "email_type": "html", **merges, **leaving}
