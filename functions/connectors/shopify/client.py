"""The outbound side: customers both ways and orders in, by Shopify's GraphQL Admin API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from connectors.shopify import listing, queries
from connectors.shopify.api import Api
from connectors.shopify.customers import CHANNELS
from connectors.shopify.news import record_id
from connectors.shopify.rows import NATIVE, found_record, gone
from connectors.shopify.writing import KEY, NAMES, NAMESPACE, Writer, read_nodes
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.parsing import list_at, text_at
from hub.ports import Clock, Http

KINDS = frozenset({"contact", "order"})
WRITTEN = frozenset({"contact"})
DEFINITION = {"name": "renkei id", "namespace": NAMESPACE, "key": KEY, "type": "id", "ownerType": "CUSTOMER",
              "description": "Written by renkei, so that nobody is created twice. Do not change."}  # fmt: skip
READ_ONLY = ("locale", "company", "address1", "city", "province", "zip", "country_code")


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> ShopifyClient:
    """The client of a connection; Reject where its shop_domain is none of Shopify's."""
    # Without the scope read_all_orders only the last 60 days are shown: the rest would look deleted.
    whole = connection.settings.get("all_orders") is True
    return ShopifyClient(connection, Api.of(connection, secrets, http), lists=KINDS if whole else WRITTEN)


@dataclass(slots=True)
class ShopifyClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    logs: frozenset[str] = frozenset()
    reads: frozenset[str] = KINDS
    writes: frozenset[str] = WRITTEN
    lists: frozenset[str] = WRITTEN

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient. An order that is not shown is gone only where the app may see all orders."""
        _must_be(kind, KINDS, "read")
        nodes = {record_id(node, "id"): node for node in read_nodes(self.api, kind, ids)}
        found = {one: found_record(kind, nodes.get(one), self.connection) for one in dict.fromkeys(ids)}
        sure = kind in self.lists
        return [shown or gone(kind, one) for one, shown in found.items() if shown or sure]

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _must_be(kind, WRITTEN, "written")
        return Writer(self.connection, self.api).write(changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A: by our metafield."""
        _must_be(kind, WRITTEN, "created")
        return Writer(self.connection, self.api).create(record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient. Phones and addresses belong to one customer each."""
        if kind != "contact":
            return []
        asked = [{"emailAddress": email}] if email else []
        asked += [{"phoneNumber": phone}] if phone else []
        shown = (self.api.ask(queries.FIND, {"one": one}) for one in asked)
        return list(dict.fromkeys(found for one in shown if (found := record_id(one, "customerByIdentifier", "id"))))

    def log_call(self, command: LogCall) -> str:  # noqa: ARG002
        """See SyncClient. Customers have no history that apps could add to."""
        _has_no("calls")

    def log_message(self, command: LogMessage) -> str:  # noqa: ARG002
        """See SyncClient. Customers have no history that apps could add to."""
        _has_no("messages")

    def add_note(self, command: AddNote) -> str:  # noqa: ARG002
        """See SyncClient. A customer has one note, which is the shop's own."""
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
        """See SyncClient. Changes are found by a search, which lags: let listings overlap."""
        if kind == "order" and kind not in self.lists:
            raise Reject("Shopify shows 60 days of orders only: get the scope read_all_orders, then set all_orders")
        _must_be(kind, KINDS, "listed")
        return listing.page(self.api, self.connection, kind, since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient. Customers have no owner."""
        return []

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient. The fields that are read; Shopify's schema is the same in every shop."""
        _must_be(kind, WRITTEN, "described")
        written = [NativeField(name=name, label=name.replace("_", " ")) for name in (*NAMES, "tags")]
        consents = [NativeField(name=name, label=channel.replace("_", " ")) for name, channel in CHANNELS.items()]
        names = ((f"default_address.{name}" if name != "locale" else name) for name in READ_ONLY)
        return [*written, *consents, *(NativeField(name=name, label=name, writable=False) for name in names)]

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        return [] if self._defined() else ["A metafield renkei.id of customers, with unique values."]

    def set_up(self) -> None:
        """See SyncClient."""
        if self._defined():
            return
        answer = self.api.ask(queries.DEFINE, {"definition": DEFINITION})
        errors = list_at(answer, "metafieldDefinitionCreate", "userErrors")
        if any(text_at(error, "code") != "TAKEN" for error in errors):
            raise Reject(
                "Shopify did not take the definition of our metafield: look whether the app may write customers"
            )

    def _defined(self) -> bool:
        shown = list_at(self.api.ask(queries.DEFINITIONS), "metafieldDefinitions", "nodes")
        if shown and text_at(shown[0], "type", "name") != "id":
            raise Reject("the shop has a metafield renkei.id of another type: delete it, then set up again")
        return bool(shown)


def _must_be(kind: str, known: frozenset[str], done: str) -> None:
    if kind not in known:
        raise Reject(f"Shopify's {kind[:40]} records are not {done}")


def _has_no(what: str) -> NoReturn:
    raise Reject(
        f"Shopify has no place for {what} on {NATIVE['contact']}s: take them out of the connection's setting log"
    )
