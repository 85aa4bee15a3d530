"""The outbound side: customers both ways and orders in, by WooCommerce's REST API. It has no place for activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from connectors.woocommerce import listing, writing
from connectors.woocommerce.api import MOST, Api
from connectors.woocommerce.records import ALL, LISTS, found_record, gone, map_of, record_id
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.parsing import list_at, text_at
from hub.ports import Clock, Http

KINDS = frozenset({"contact", "order"})
WRITTEN = frozenset({"contact"})
BILLING = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "state",
    "postcode",
    "country",
    "phone",
)
OWN = (
    NativeField(name="email", label="Email", type="email", required=True, unique=True),
    NativeField(name="first_name", label="First name"),
    NativeField(name="last_name", label="Last name"),
    NativeField(name="username", label="Username", writable=False, unique=True),
    *(NativeField(name=f"billing.{name}", label=f"Billing {name.replace('_', ' ')}") for name in BILLING),
)


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> WooCommerceClient:
    """The client of a connection; Reject where a part of its key is missing."""
    return WooCommerceClient(connection, Api.of(connection, secrets, http))


@dataclass(slots=True)
class WooCommerceClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    logs: frozenset[str] = frozenset()
    reads: frozenset[str] = KINDS
    writes: frozenset[str] = WRITTEN
    lists: frozenset[str] = KINDS

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient. An order in the trash is gone."""
        _must_be(kind, KINDS, "read")
        rows = self.api.shown(LISTS[kind], ids, ALL[kind])
        found = {record_id(row, "id"): found_record(kind, row, self.connection) for row in rows}
        return [found.get(one) or gone(kind, one) for one in dict.fromkeys(ids)]

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _must_be(kind, WRITTEN, "written")
        return writing.write(self.api, map_of(self.connection), changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class B: looked for by e-mail address. The shop welcomes the person by e-mail."""
        _must_be(kind, WRITTEN, "created")
        return writing.create(self.api, map_of(self.connection), record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:  # noqa: ARG002
        """See SyncClient. By e-mail address alone: WooCommerce finds no one by phone."""
        if kind != "contact" or not email:
            return []
        rows = self.api.rows(LISTS[kind], {**ALL[kind], "email": email}).rows
        return [found for row in rows if (found := record_id(row, "id"))]

    def log_call(self, command: LogCall) -> str:  # noqa: ARG002
        """See SyncClient. Accounts have no history."""
        _has_no("calls")

    def log_message(self, command: LogMessage) -> str:  # noqa: ARG002
        """See SyncClient. Accounts have no history."""
        _has_no("messages")

    def add_note(self, command: AddNote) -> str:  # noqa: ARG002
        """See SyncClient. Only orders have notes."""
        _has_no("notes")

    def create_task(self, command: CreateTask) -> str:  # noqa: ARG002
        """See SyncClient."""
        _has_no("tasks")

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:  # noqa: ARG002
        """See SyncClient. There is none to move."""
        _has_no(f"{what[:40]}s")

    def take_log(self, what: str, native_id: str) -> None:  # noqa: ARG002
        """See SyncClient. There is none to take back."""
        _has_no(f"{what[:40]}s")

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        _must_be(kind, KINDS, "listed")
        return listing.page(self.api, self.connection, kind, since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient. Accounts have no owner."""
        return []

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient. The own fields are those that the newest accounts have."""
        _must_be(kind, WRITTEN, "described")
        query: dict[str, str | int | None] = {
            **ALL[kind],
            "orderby": "registered_date",
            "order": "desc",
            "per_page": MOST,
        }
        rows = self.api.rows(LISTS[kind], query).rows
        keys = {key for row in rows for one in list_at(dict(row), "meta_data") if (key := text_at(one, "key"))}
        own = (NativeField(name=f"meta.{key}", label=key, custom=True) for key in sorted(keys) if key[0] != "_")
        return [*OWN, *own]

    def plan_set_up(self) -> list[str]:
        """Nothing is missing in any shop: what we keep needs no definition."""
        return []

    def set_up(self) -> None:
        """Nothing is to be prepared."""


def _must_be(kind: str, known: frozenset[str], done: str) -> None:
    if kind not in known:
        raise Reject(f"WooCommerce's {kind[:40]} records are not {done}")


def _has_no(what: str) -> NoReturn:
    raise Reject(f"WooCommerce keeps no {what} on accounts: take them out of the connection's setting log")
