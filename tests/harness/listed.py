"""A platform of contacts in memory behind the sync client's protocol, with pages in a fixed order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from hub.delivery import Connection
from hub.domain.events import Claim, Identifier, RecordChangedData, RecordRef, instant
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject, Retry
from hub.wiring import Hub

LISTED = "crm-listed"
PAGE = 100


@dataclass(slots=True)
class Row:
    """A contact as the platform holds it; `modified_ms` is Unix milliseconds."""

    name: str
    phone: str
    modified_ms: int
    title: str | None = None
    created_ms: int = 0

    def found(self, contact_id: str) -> RecordChangedData:
        """As a client reads it."""
        at = instant(self.modified_ms)
        values = {"name": self.name, "phone": self.phone, "title": self.title}
        claims = tuple(Claim(field=name, value=value, at=at, precision="row") for name, value in values.items())
        return RecordChangedData(
            record=RecordRef(object="contact", id=contact_id),
            claims=claims,
            identifiers=(Identifier(kind="phone", value=self.phone),),
            created_at=instant(self.created_ms) if self.created_ms else None,
            version=at,
        )


@dataclass(slots=True)
class Listed:
    """The account; `calls` counts by method, `busy` says before each call how the platform answers (None: well)."""

    rows: dict[str, Row] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    busy: Callable[[str], Retry | Reject | None] = lambda _method: None
    logs: frozenset[str] = frozenset({"call", "message"})
    reads: frozenset[str] = frozenset({"contact"})
    writes: frozenset[str] = frozenset({"contact"})
    lists: frozenset[str] = frozenset({"contact"})
    hidden: set[str] = field(default_factory=set)  # what a page leaves out though it exists
    page_size: int = PAGE
    told_total: bool = True

    def clients(self, _hub: Hub, _connection: Connection) -> Listed:
        """As hub.job_clients.Clients."""
        return self

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """By id, from the cursor on."""
        self._met("page")
        chosen = [one for one in self._ids(since) if cursor is None or one > cursor]
        ids = chosen[: self.page_size]
        found: tuple[Found, ...] = tuple(self.rows[one].found(one) for one in ids if one not in self.hidden)
        more = len(chosen) > len(ids)
        total = len(self.rows) if self.told_total else None
        return Slice(found=found, next=ids[-1] if more else None, total=total)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """Each as it is now."""
        self._met("read")
        return [self._found(kind, one) for one in ids]

    def owners(self) -> list[Owner]:
        """Two people."""
        self._met("owners")
        return [Owner(id="1", email="ito@example.com", name="伊藤"), Owner(id="2")]

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """Nobody is expected here."""
        return self._effect("write")

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """Nobody is expected here."""
        return self._effect("create")

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """By phone."""
        self._met("find")
        return [one for one, row in self.rows.items() if row.phone == phone]

    def log_call(self, command: object) -> str:
        """Nobody is expected here."""
        return self._effect("log_call")

    def log_message(self, command: object) -> str:
        """Nobody is expected here."""
        return self._effect("log_message")

    def add_note(self, command: object) -> str:
        """Nobody is expected here."""
        return self._effect("add_note")

    def create_task(self, command: object) -> str:
        """Nobody is expected here."""
        return self._effect("create_task")

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """Nobody is expected here."""
        self._effect("move_log")

    def take_log(self, what: str, native_id: str) -> None:
        """Nobody is expected here."""
        self._effect("take_log")

    def describe(self, kind: str) -> list[NativeField]:
        """Nothing."""
        return []

    def plan_set_up(self) -> list[str]:
        """Nothing."""
        return []

    def set_up(self) -> None:
        """Nothing."""

    @property
    def effects(self) -> int:
        """How often something was written to the platform."""
        return sum(count for method, count in self.calls.items() if method not in READS)

    def _ids(self, since: str | None) -> list[str]:
        changed = (one for one, row in self.rows.items() if since is None or instant(row.modified_ms) >= since)
        return sorted(changed)

    def _found(self, kind: str, contact_id: str) -> Found:
        row = self.rows.get(contact_id)
        record = RecordRef(object=kind, id=contact_id)
        return row.found(contact_id) if row else RecordChangedData(record=record, change="deleted")

    def _met(self, method: str) -> None:
        self.calls[method] += 1
        trouble = self.busy(method)
        if trouble:
            raise trouble

    def _effect(self, method: str) -> NoReturn:
        self.calls[method] += 1
        raise Reject("nothing may be written here")


READS = frozenset({"page", "read", "owners", "find"})


def account(people: int, *, modified_ms: int, page_size: int = PAGE) -> Listed:
    """An account of so many people, with ids whose order is that of the pages."""
    rows = {
        f"{number:07}": Row(f"Person {number}", f"+8190{number:08}", modified_ms + number * 1000, f"Buyer {number}")
        for number in range(people)
    }
    return Listed(rows, page_size=page_size)
