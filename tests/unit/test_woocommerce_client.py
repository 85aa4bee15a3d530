"""WooCommerce's client against a shop that enforces the documented contract, and against each refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.woocommerce import CONNECTOR
from connectors.woocommerce.client import KINDS, WRITTEN, WooCommerceClient, build
from hub.delivery import Connection, Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import OrderData, RecordChangedData
from hub.domain.sync import Change, NewRecord, Outcome, Slice, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.server import Call
from infra.local.standins.woocommerce import WooCommerce
from tests.harness.platforms import LOST, Platforms

KEY, SECRET = "key-of-the-example", "secret-of-the-example"
SECRETS = {"consumer_key": KEY, "consumer_secret": SECRET}
HOST = "kettles.example"
BILLING = {"phone": "090-0000-0021", "company": "Kettles", "city": "Kyoto"}


def connection(**settings: Any) -> Connection:
    return Connection(
        "w" * 26, "woocommerce", settings={"site_url": f"https://{HOST}", "default_region": "JP", **settings}
    )


class Account:
    """A client on a shop of the stand-in, reached through the real HTTP client."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.woo = WooCommerce(KEY, SECRET, now=self.clock.now, **more)
        self.standin = self.woo.standin()
        self.platforms = Platforms({HOST: self.standin})
        self.connection = connection()
        self.client = self.built(**SECRETS)

    def built(self, **secrets: str) -> WooCommerceClient:
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        return build(self.connection, secrets, http, self.clock)

    def customer(self, email: str = "aya@example.com", **more: Any) -> str:
        values = {"email": email, "first_name": "Aya", "last_name": "Kobayashi", "billing": BILLING, **more}
        return self.woo.enter("customer", values)

    def fields(self, found: str) -> dict[str, str | None]:
        (read,) = self.client.read("contact", [found])
        assert isinstance(read, RecordChangedData)
        return {claim.field: claim.value for claim in read.claims}

    def version(self, found: str) -> str | None:
        (read,) = self.client.read("contact", [found])
        assert isinstance(read, RecordChangedData)
        return read.version

    def write(self, found: str, **fields: str | None) -> Outcome:
        (outcome,) = self.client.write("contact", [Change(id=found, fields=fields)])
        return outcome

    def bodies(self, method: str) -> list[Any]:
        return [call["body"] for call in self.standin.journal.calls if call["method"] == method]

    def pages(self, kind: str, since: str | None = None) -> list[Slice]:
        pages = [self.client.page(kind, since, None)]
        while pages[-1].next:
            pages.append(self.client.page(kind, since, pages[-1].next))
        return pages

    def listed(self, kind: str, since: str | None = None) -> list[str]:
        return [one.record.id for page in self.pages(kind, since) for one in page.found]


def test_the_client_is_a_sync_client_and_says_what_it_can() -> None:
    client: SyncClient = Account().client
    assert (client.reads, client.writes, client.lists) == (KINDS, WRITTEN, KINDS)
    assert client.logs == frozenset()
    assert (client.owners(), client.plan_set_up()) == ([], [])


def test_an_account_is_read_with_every_field_of_the_row_also_the_empty_ones() -> None:
    account = Account()
    found = account.customer()
    assert account.fields(found) == {
        "first_name": "Aya",
        "last_name": "Kobayashi",
        "name": "Aya Kobayashi",
        "email": "aya@example.com",
        "phone": "090-0000-0021",
        "company": "Kettles",
        "street": None,
        "city": "Kyoto",
        "region": None,
        "postal_code": None,
        "country": None,
    }
    (read,) = account.client.read("contact", [found])
    assert isinstance(read, RecordChangedData)
    assert {one.value for one in read.identifiers} == {f"contact:{found}", "+819000000021", "aya@example.com"}
    assert read.version == read.created_at  # never changed yet


def test_an_order_is_read_as_its_webhook_says_it() -> None:
    account = Account()
    customer = account.customer()
    found = account.woo.enter(
        "order", {"number": "K-1", "status": "processing", "total": "3778", "customer_id": int(customer)}
    )
    (read,) = account.client.read("order", [found])
    assert isinstance(read, OrderData)
    hook = account.woo.hooks[-1]
    delivery = Delivery(
        account.connection.id, "woocommerce", "crm", "2026-09-22T00:00:00.000Z", hook.body, headers=hook.headers
    )
    (event,) = CONNECTOR.map_delivery(delivery, account.connection).events
    heard = OrderData.model_validate(event.data)
    assert (read.number, read.status, read.total) == ("K-1", "paid", "3778")
    apart: dict[str, Any] = {"event": None, "change": "changed", "native": {}}
    assert read.model_copy(update=apart) == heard.model_copy(update=apart)


def test_what_is_not_there_is_gone() -> None:
    client = Account().client
    assert [one.change for one in client.read("contact", ["404", "of another platform"])] == ["deleted", "deleted"]
    assert [one.change for one in client.read("order", ["404"])] == ["deleted"]


def test_an_account_of_any_role_is_there() -> None:
    account = Account()
    found = account.customer()
    account.woo.shop.rows["customer"][int(found)]["role"] = "subscriber"
    assert account.fields(found)["first_name"] == "Aya"


def test_only_what_is_given_is_written_in_one_batch_and_each_has_its_outcome() -> None:
    account = Account()
    first, second = account.customer(), account.customer("ai@example.com")
    account.clock.sleep(3)
    changes = [
        Change(id=first, fields={"first_name": "Ai", "city": None}),
        Change(id="404", fields={"first_name": "Ai"}),
        Change(id=second, fields={"email": "AYA@example.com"}),
    ]
    one, other, third = account.client.write("contact", changes)
    assert (one.state, one.version) == ("written", account.version(first))
    assert other.state == "gone"
    assert (third.state, third.fields) == ("refused", ("email",)) and "aya" not in third.reason
    (body,) = account.bodies("POST")
    assert body["update"][0] == {"id": int(first), "first_name": "Ai", "billing": {"city": ""}}
    assert account.fields(first)["company"] == "Kettles"


def test_more_than_a_batch_takes_go_in_several() -> None:
    account = Account()
    ids = [account.customer(f"person{number}@example.com") for number in range(130)]
    outcomes = account.client.write("contact", [Change(id=one, fields={"company": "Other"}) for one in ids])
    assert {one.state for one in outcomes} == {"written"} and [one.id for one in outcomes] == ids
    assert [len(body["update"]) for body in account.bodies("POST")] == [100, 30]


def test_an_account_that_changed_since_is_not_written_to() -> None:
    account = Account()
    found = account.customer()
    version = account.version(found)
    account.clock.sleep(5)
    account.woo.edit("customer", found, {"first_name": "Ai"})
    (outcome,) = account.client.write("contact", [Change(id=found, fields={"first_name": "A"}, version=version)])
    assert (outcome.state, outcome.version, account.bodies("POST")) == ("stale", account.version(found), [])


def test_nothing_is_sent_where_nothing_is_to_be_written() -> None:
    account = Account()
    found = account.customer()
    assert account.write(found, lifecycle="customer").state == "written"
    assert account.write(found, email=None).fields == ("email",)
    assert account.bodies("POST") == []


def test_the_address_of_somebody_who_manages_the_shop_is_left_alone() -> None:
    account = Account()
    found = account.customer()
    account.woo.shop.rows["customer"][int(found)]["role"] = "administrator"
    outcome = account.write(found, email="other@example.com", first_name="Ai")
    assert (outcome.state, outcome.fields) == ("refused", ("email",))
    assert account.write(found, first_name="Ai").state == "written"


def test_an_address_that_is_none_is_refused_by_our_name() -> None:
    account = Account()
    outcome = account.write(account.customer(), email="no address")
    assert (outcome.state, outcome.fields) == ("refused", ("email",))


def test_wordpress_strips_what_it_strips() -> None:
    account = Account()
    found = account.customer()
    account.write(found, first_name=" <b>Ai</b> ")
    assert account.fields(found)["first_name"] == "Ai"


def test_an_account_is_created_once_also_where_the_answer_was_lost() -> None:
    account = Account()
    lost = iter([LOST])
    account.platforms.trouble = lambda call: next(lost, None) if call.method == "POST" else None
    new = NewRecord(
        reference="p1", fields={"email": "aya@example.com", "name": "Aya Kobayashi", "phone": "+819000000021"}
    )
    with pytest.raises(Retry, match="searched before"):
        account.client.create("contact", new)
    outcome = account.client.create("contact", new)
    assert outcome.state == "written" and len(account.woo.shop.rows["customer"]) == 1
    assert account.fields(outcome.id)["first_name"] == "Aya Kobayashi"
    held = account.woo.held("customer", outcome.id)
    assert held is not None and [one["value"] for one in held["meta_data"]] == ["p1"]


def test_a_creation_that_the_shop_answered_with_its_own_fault_is_looked_for_first() -> None:
    account = Account()
    account.platforms.trouble = lambda call: 500 if call.method == "POST" else None
    with pytest.raises(Retry, match="searched before"):
        account.client.create("contact", NewRecord(reference="p1", fields={"email": "aya@example.com"}))


def test_somebody_elses_account_is_not_taken_over() -> None:
    account = Account()
    found = account.customer()
    outcome = account.client.create(
        "contact", NewRecord(reference="p1", fields={"email": "Aya@example.com", "company": "X"})
    )
    assert (outcome.state, outcome.id, outcome.fields) == ("refused", found, ("email",))
    assert account.fields(found)["company"] == "Kettles"


def test_nobody_is_created_without_an_address_or_where_the_shop_wants_a_username() -> None:
    outcome = Account().client.create("contact", NewRecord(reference="p1", fields={"phone": "+819000000021"}))
    assert (outcome.state, outcome.fields) == ("refused", ("email",))
    choosy = Account(chooses_names=True)
    outcome = choosy.client.create("contact", NewRecord(reference="p1", fields={"email": "aya@example.com"}))
    assert outcome.state == "refused" and "generate" in outcome.reason


def test_own_fields_are_described_as_the_newest_accounts_have_them() -> None:
    account = Account()
    account.customer(meta_data=[{"key": "loyalty", "value": "gold"}, {"key": "_hidden", "value": "x"}])
    names = {one.name: one for one in account.client.describe("contact")}
    assert {"email", "billing.phone", "meta.loyalty"} <= set(names) and "meta._hidden" not in names
    assert names["email"].required and names["meta.loyalty"].custom


def test_accounts_are_found_by_address_alone() -> None:
    account = Account()
    found = account.customer()
    assert account.client.find("contact", email="Aya@example.com") == [found]
    assert account.client.find("contact", phone="+819000000021") == []
    assert account.client.find("order", email="aya@example.com") == []


@pytest.mark.parametrize("deleted", [5, 90, 250])
def test_nobody_is_missed_who_is_there_throughout_however_many_are_deleted_meanwhile(deleted: int) -> None:
    account = Account()
    ids = [account.customer(f"person{number}@example.com") for number in range(430)]
    pages = [account.client.page("contact", None, None)]
    pages.append(account.client.page("contact", None, pages[-1].next))
    for one in ids[:deleted]:
        account.woo.remove("customer", one)
    late = account.customer("late@example.com")
    while pages[-1].next:
        pages.append(account.client.page("contact", None, pages[-1].next))
    listed = [one.record.id for page in pages for one in page.found]
    assert set(ids[deleted:]) | {late} <= set(listed)
    assert len(listed) == len(set(listed))
    assert pages[0].total == 430 and pages[1].total is None


def test_of_customers_all_are_read_and_those_that_changed_since_are_given() -> None:
    account = Account()
    ids = []
    for number in range(3):
        ids.append(account.customer(f"person{number}@example.com"))
        account.clock.sleep(10)
    account.woo.edit("customer", ids[0], {"first_name": "Ai"})
    assert account.listed("contact", account.version(ids[2])) == [ids[0], ids[2]]


def test_of_orders_the_shop_itself_leaves_out_what_did_not_change() -> None:
    account = Account()
    ids = []
    for number in range(3):
        ids.append(account.woo.enter("order", {"number": str(number)}))
        account.clock.sleep(10)
    (second,) = account.client.read("order", [ids[1]])
    assert isinstance(second, OrderData) and second.updated_at
    assert account.listed("order", second.updated_at) == ids[1:]
    queries = [call["query"] for call in account.standin.journal.calls if "modified_after" in call["query"]]
    assert {query["dates_are_gmt"] for query in queries} == {"true"}


def test_a_page_may_be_asked_for_again() -> None:
    account = Account()
    for number in range(120):
        account.customer(f"person{number}@example.com")
    first = account.client.page("contact", None, None)
    assert account.client.page("contact", None, first.next) == account.client.page("contact", None, first.next)
    with pytest.raises(Reject, match="none of WooCommerce's"):
        account.client.page("contact", None, "later")


def test_what_accounts_have_no_place_for_is_refused_in_a_sentence() -> None:
    client = Account().client
    common = {"reference": "r", "contact_id": "25"}
    at = "2026-09-20T01:02:03.000Z"
    asked = (
        lambda: client.log_call(LogCall(direction="inbound", started_at=at, title="Call", **common)),
        lambda: client.log_message(LogMessage(channel="sms", direction="inbound", sent_at=at, body="x", **common)),
        lambda: client.add_note(AddNote(written_at=at, text="x", **common)),
        lambda: client.create_task(CreateTask(subject="x", **common)),
        lambda: client.move_log("note", "1", "25", "26"),
        lambda: client.take_log("note", "1"),
    )
    for ask in asked:
        with pytest.raises(Reject, match="on accounts"):
            ask()
    with pytest.raises(Reject, match="order records are not written"):
        client.write("order", [])


def test_a_half_key_is_refused_and_a_wrong_one_waits_for_a_person() -> None:
    with pytest.raises(Reject, match="consumer_secret"):
        Account().built(consumer_key=KEY)
    with pytest.raises(Retry, match="create a new one") as refused:
        Account().built(consumer_key=KEY, consumer_secret="wrong").read("contact", ["1"])
    assert refused.value.after_s == 900


def test_a_shop_that_is_not_on_https_is_not_asked() -> None:
    account = Account()
    account.connection = connection(site_url=f"http://{HOST}")
    with pytest.raises(Reject, match="https"):
        account.built(**SECRETS).read("contact", ["1"])


@pytest.mark.parametrize("status", [429, 500])
def test_what_is_not_now_is_tried_later(status: int) -> None:
    account = Account()

    def trouble(_call: Call) -> int:
        return status

    account.platforms.trouble = trouble
    with pytest.raises(Retry, match="asked again later"):
        account.client.read("contact", ["1"])


def test_a_shop_without_the_api_says_so_and_a_key_that_may_not_write_too() -> None:
    account = Account()
    account.platforms.trouble = lambda _call: 404
    with pytest.raises(Reject, match="permalinks"):
        account.client.read("contact", ["1"])
    account.platforms.trouble = lambda _call: 403
    with pytest.raises(Reject, match="read/write"):
        account.client.read("contact", ["1"])


def test_what_people_and_we_do_is_announced_alike_and_mapped() -> None:
    account = Account()
    found = account.customer()
    account.write(found, first_name="Ai")
    account.woo.remove("customer", found)
    heard = [
        CONNECTOR.map_delivery(
            Delivery(
                account.connection.id, "woocommerce", "crm", "2026-09-22T00:00:00.000Z", hook.body, headers=hook.headers
            ),
            account.connection,
        ).events[0]
        for hook in account.woo.hooks
    ]
    assert [event.type for event in heard] == ["contact.changed", "contact.changed", "contact.deleted"]
    assert json.loads(account.woo.hooks[-1].body) == {"id": int(found)}


def test_a_robot_of_the_shop_has_the_last_word() -> None:
    account = Account()
    account.woo.misbehaviour.automations.append(
        lambda _kind, _id, written: {"first_name": "ROBOT"} if "first_name" in written else {}
    )
    found = account.customer()
    account.write(found, first_name="Ai")
    assert account.fields(found)["first_name"] == "ROBOT"
