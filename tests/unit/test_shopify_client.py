"""Shopify's client against a shop that enforces the documented contract, and against each refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.shopify import CONNECTOR, queries
from connectors.shopify.client import KINDS, WRITTEN, ShopifyClient, build
from hub.delivery import Connection, Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import OrderData, RecordChangedData
from hub.domain.sync import Change, NewRecord, Outcome, Slice, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.server import Answer, Call
from infra.local.standins.shopify import Shopify
from tests.harness.platforms import LOST, Platforms

TOKEN = "token-of-the-example"
HOST = "kettles.myshopify.com"
ADDRESS = {"company": "Kettles", "city": "Kyoto", "countryCodeV2": "JP"}


def connection(**settings: Any) -> Connection:
    return Connection("s" * 26, "shopify", settings={"shop_domain": HOST, "default_region": "JP", **settings})


class Account:
    """A client on a shop of the stand-in, reached through the real HTTP client."""

    def __init__(self, *, points: int = 1_000_000, **settings: Any) -> None:
        self.clock = FakeClock()
        self.shopify = Shopify(TOKEN, now=self.clock.now, points=points)
        self.standin = self.shopify.standin()
        self.platforms = Platforms({HOST: self.standin})
        self.connection = connection(**settings)
        self.client = self.built(access_token=TOKEN)

    def built(self, **secrets: str) -> ShopifyClient:
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        return build(self.connection, secrets, http, self.clock)

    def customer(self, email: str | None = "aya@example.com", **more: Any) -> str:
        values = {"firstName": "Aya", "lastName": "Kobayashi", "email": email, "tags": ["tea"], **more}
        return self.shopify.enter("customer", values)

    def read(self, found: str) -> RecordChangedData:
        (read,) = self.client.read("contact", [found])
        assert isinstance(read, RecordChangedData)
        return read

    def fields(self, found: str) -> dict[str, str | None]:
        return {claim.field: claim.value for claim in self.read(found).claims}

    def write(self, found: str, **fields: str | None) -> Outcome:
        (outcome,) = self.client.write("contact", [Change(id=found, fields=fields)])
        return outcome

    def mutations(self) -> list[Any]:
        bodies = [call["body"] for call in self.standin.journal.calls]
        return [body for body in bodies if body["query"].startswith("mutation")]

    def listed(self, kind: str, since: str | None = None) -> list[str]:
        pages = [self.client.page(kind, since, None)]
        while pages[-1].next:
            pages.append(self.client.page(kind, since, pages[-1].next))
        return [one.record.id for page in pages for one in page.found]

    def heard(self) -> list[Any]:
        return [
            event
            for hook in self.shopify.hooks
            for event in CONNECTOR.map_delivery(
                Delivery(
                    self.connection.id, "shopify", "crm", "2026-09-22T00:00:00.000Z", hook.body, headers=hook.headers
                ),
                self.connection,
            ).events
        ]


def test_the_client_is_a_sync_client_and_lists_orders_only_where_all_are_shown() -> None:
    client: SyncClient = Account().client
    assert (client.reads, client.writes, client.lists) == (KINDS, WRITTEN, WRITTEN)
    assert Account(all_orders=True).client.lists == KINDS
    assert (client.logs, client.owners()) == (frozenset(), [])


def test_a_customer_is_read_with_every_field_of_the_row_also_the_empty_ones() -> None:
    account = Account()
    found = account.customer(phone="+81 90-0000-0021", defaultAddress=ADDRESS)
    assert account.fields(found) == {
        "first_name": "Aya",
        "last_name": "Kobayashi",
        "name": "Aya Kobayashi",
        "email": "aya@example.com",
        "phone": "+819000000021",
        "language": "en",
        "company": "Kettles",
        "street": None,
        "city": "Kyoto",
        "region": None,
        "postal_code": None,
        "country": "JP",
        "tags": "tea",
        "consent_email": "unknown",
        "consent_sms": "unknown",
    }
    read = account.read(found)
    assert {one.value for one in read.identifiers} == {f"contact:{found}", "+819000000021", "aya@example.com"}
    assert int(found) > 2**53 and read.version == read.created_at


def test_what_a_webhook_says_of_a_customer_is_what_is_read() -> None:
    account = Account()
    found = account.customer(phone="+819000000021", defaultAddress=ADDRESS)
    (event,) = account.heard()
    heard = {claim["field"]: claim["value"] for claim in event.data["claims"]}
    read = {name: value for name, value in account.fields(found).items() if value is not None and name != "language"}
    assert heard == read and event.subject == f"contact:{found}"


def test_an_order_is_read_as_its_webhook_says_it() -> None:
    account = Account(all_orders=True)
    customer = account.customer()
    node = account.shopify.held("customer", customer)
    money = {"shopMoney": {"amount": "3778.0"}}
    lines = [
        {"id": "gid://shopify/LineItem/1", "sku": "K2", "name": "Kettle", "quantity": 1, "originalUnitPriceSet": money}
    ]
    found = account.shopify.enter(
        "order",
        {
            "name": "#1010",
            "currencyCode": "JPY",
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "totalPriceSet": money,
            "customer": node,
            "lineItems": {"nodes": lines},
        },
    )
    (read,) = account.client.read("order", [found])
    assert isinstance(read, OrderData)
    assert (read.number, read.status, read.total, read.currency) == ("#1010", "paid", "3778", "JPY")
    assert (read.financial_status, read.fulfillment_status) == ("paid", None)
    assert f"contact:{customer}" in {one.value for one in read.customer.identifiers}
    assert [(line.sku, line.price) for line in read.lines] == [("K2", "3778")]


def test_of_an_order_with_more_lines_than_were_given_none_are_told() -> None:
    account = Account(all_orders=True)
    lines = [{"id": f"gid://shopify/LineItem/{number}", "name": "Kettle", "quantity": 1} for number in range(21)]
    found = account.shopify.enter("order", {"name": "#1", "currencyCode": "EUR", "lineItems": {"nodes": lines}})
    (read,) = account.client.read("order", [found])
    assert isinstance(read, OrderData) and read.lines == ()


def test_what_is_not_there_is_gone_but_an_order_only_where_all_are_shown() -> None:
    assert [one.change for one in Account().client.read("contact", ["404", "elsewhere"])] == ["deleted", "deleted"]
    assert Account().client.read("order", ["404"]) == []
    (order,) = Account(all_orders=True).client.read("order", ["404"])
    assert order.change == "deleted"


def test_several_are_written_in_one_request_and_each_has_its_outcome() -> None:
    account = Account()
    first, second, third = account.customer(), account.customer("ai@example.com"), account.customer("mai@example.com")
    account.clock.sleep(3)
    changes = [
        Change(id=first, fields={"first_name": "Ai", "last_name": None}),
        Change(id="404", fields={"first_name": "Ai"}),
        Change(id=second, fields={"email": "AYA@example.com"}),
        Change(id=third, fields={"phone": "12", "first_name": "Mai"}),
    ]
    one, other, taken, wrong = account.client.write("contact", changes)
    assert (one.state, one.version) == ("written", account.read(first).version)
    assert other.state == "gone"
    assert (taken.state, taken.fields) == ("refused", ("email",)) and "aya" not in taken.reason
    assert (wrong.state, wrong.fields) == ("refused", ("phone",))
    assert len(account.mutations()) == 1
    assert account.fields(first)["name"] == "Ai"


def test_many_go_in_several_requests_none_of_which_costs_too_much() -> None:
    account = Account(grant_consent=True)
    ids = [account.customer(f"person{number}@example.com", phone=f"+8190{number:08d}") for number in range(45)]
    everything = {"first_name": "Ai", "tags": "vip", "consent_email": "granted", "consent_sms": "granted"}
    outcomes = account.client.write("contact", [Change(id=one, fields=everything) for one in ids])
    assert {one.state for one in outcomes} == {"written"} and [one.id for one in outcomes] == ids
    assert len(account.mutations()) == 3


def test_a_customer_who_changed_since_is_not_written_to() -> None:
    account = Account()
    found = account.customer()
    version = account.read(found).version
    account.clock.sleep(5)
    account.shopify.edit("customer", found, {"firstName": "Ai"})
    (outcome,) = account.client.write("contact", [Change(id=found, fields={"first_name": "A"}, version=version)])
    assert (outcome.state, outcome.version, account.mutations()) == ("stale", account.read(found).version, [])


def test_what_is_there_already_sends_nothing() -> None:
    account = Account()
    found = account.customer()
    assert account.write(found, tags="tea", consent_email="unknown", company="Other").state == "written"
    assert account.mutations() == []


def test_tags_are_added_and_never_taken_away() -> None:
    account = Account()
    found = account.customer()
    assert account.write(found, tags="vip; kettle").state == "written"
    assert account.fields(found)["tags"] == "tea; vip; kettle"


@pytest.mark.parametrize(("channel", "place"), [("consent_email", "email"), ("consent_sms", "phone")])
def test_consent_is_granted_only_where_the_setting_allows_it(channel: str, place: str) -> None:
    for settings, state, holds in (({}, "refused", "unknown"), ({"grant_consent": True}, "written", "granted")):
        account = Account(**settings)
        found = account.customer(phone="+819000000021")
        outcome = account.write(found, **{channel: "granted"})
        assert (outcome.state, account.fields(found)[channel]) == (state, holds)


def test_a_no_is_always_written_and_never_undone() -> None:
    account = Account(grant_consent=True)
    found = account.customer()
    assert account.write(found, consent_email="denied").state == "written"
    assert account.fields(found)["consent_email"] == "denied"
    outcome = account.write(found, consent_email="granted", first_name="Ai")
    assert (outcome.state, outcome.fields) == ("refused", ("consent_email",))
    assert account.fields(found)["first_name"] == "Aya"
    assert account.write(found, consent_email="denied").state == "written"
    assert len(account.mutations()) == 1


def test_who_was_asked_and_has_not_answered_is_waited_for() -> None:
    account = Account(grant_consent=True)
    found = account.customer()
    account.shopify.shop.consent(int(found), "email", "PENDING")
    outcome = account.write(found, consent_email="granted")
    assert outcome.state == "refused" and account.fields(found)["consent_email"] == "unknown"


def test_consent_without_anything_it_could_belong_to_is_refused() -> None:
    account = Account(grant_consent=True)
    found = account.customer()
    assert account.write(found, consent_sms="granted").fields == ("consent_sms",)
    assert account.write(found, consent_sms="denied").state == "written"
    assert account.mutations() == []


def test_who_was_never_asked_has_said_nothing_where_consent_may_be_granted() -> None:
    account = Account(grant_consent=True)
    assert account.fields(account.customer())["consent_email"] is None


def test_a_customer_is_created_once_also_where_the_answer_was_lost() -> None:
    account = Account(grant_consent=True)
    account.client.set_up()
    lost = iter([None, LOST])
    account.platforms.trouble = lambda call: next(lost, None) if b"customerSet" in call.body else None
    fields = {"email": "Aya@example.com", "name": "Aya Kobayashi", "tags": "vip", "consent_email": "granted"}
    new = NewRecord(reference="p1", fields=fields)
    first, second = account.client.create("contact", new), account.client.create("contact", new)
    assert first.state == "written" and first.id == second.id
    assert len(account.shopify.shop.rows["customer"]) == 1
    read = account.fields(first.id)
    assert (read["first_name"], read["tags"], read["consent_email"]) == ("Aya Kobayashi", "vip", "granted")


def test_somebody_elses_customer_is_not_taken_over_and_nobody_is_created_of_nothing() -> None:
    account = Account()
    account.client.set_up()
    account.customer()
    taken = account.client.create("contact", NewRecord(reference="p1", fields={"email": "aya@example.com"}))
    assert (taken.state, taken.fields) == ("refused", ("email",))
    empty = account.client.create("contact", NewRecord(reference="p1", fields={"company": "Kettles"}))
    assert empty.state == "refused" and "e-mail" in empty.reason


def test_a_shop_that_was_not_set_up_says_so() -> None:
    with pytest.raises(Reject, match="set-up"):
        Account().client.create("contact", NewRecord(reference="p1", fields={"email": "aya@example.com"}))


def test_our_metafield_is_defined_once() -> None:
    account = Account()
    assert len(account.client.plan_set_up()) == 1
    for _ in range(2):
        account.client.set_up()
    assert (account.client.plan_set_up(), len(account.shopify.definitions)) == ([], 1)
    account.shopify.definitions[0]["type"] = {"name": "single_line_text_field"}
    with pytest.raises(Reject, match="another type"):
        account.client.set_up()


def test_customers_are_found_by_phone_and_address() -> None:
    account = Account()
    found = account.customer(phone="+819000000021")
    assert account.client.find("contact", email="Aya@example.com") == [found]
    assert account.client.find("contact", email="aya@example.com", phone="+819000000021") == [found]
    assert account.client.find("contact", phone="+819000000022") == []
    assert account.client.find("order", email="aya@example.com") == []


def filled(account: Account, number: int) -> list[str]:
    ids = []
    for one in range(number):
        ids.append(account.customer(f"person{one}@example.com"))
        account.clock.sleep(1)
    return ids


@pytest.mark.parametrize("since", [None, "2020-01-01T00:00:00.000Z"])
def test_nobody_is_missed_who_is_there_throughout(since: str | None) -> None:
    account = Account()
    ids = filled(account, 2 * queries.LISTED["contact"] + 30)
    first: Slice = account.client.page("contact", since, None)
    for one in ids[:20]:
        account.shopify.edit("customer", one, {"firstName": "Other"})
    for one in ids[20:40]:
        account.shopify.remove("customer", one)
    pages = [first]
    while pages[-1].next:
        pages.append(account.client.page("contact", since, pages[-1].next))
    assert set(ids[40:]) <= {one.record.id for page in pages for one in page.found}
    assert first.total == (None if since else len(ids))


def test_only_who_changed_since_is_listed_as_far_as_the_search_has_seen_it() -> None:
    account = Account(all_orders=True)
    ids = filled(account, 3)
    since = account.read(ids[1]).version
    assert account.listed("contact", since) == ids[1:]
    account.shopify.misbehaviour.search_lag_s = 3600
    assert account.listed("contact", since) == []


def test_orders_are_listed_ten_at_a_time() -> None:
    account = Account(all_orders=True)
    ids = [account.shopify.enter("order", {"name": f"#{number}", "currencyCode": "JPY"}) for number in range(23)]
    assert account.listed("order") == ids
    with pytest.raises(Reject, match="read_all_orders"):
        Account().client.page("order", None, None)


def test_points_that_are_used_up_come_back_in_the_time_that_is_asked_for() -> None:
    account = Account(points=1_000)
    filled(account, 5)
    account.clock.sleep(60)
    account.client.page("contact", None, None)
    account.client.page("contact", "2020-01-01T00:00:00.000Z", None)
    with pytest.raises(Retry, match="points") as refused:
        account.client.page("contact", "2020-01-01T00:00:00.000Z", None)
    assert 1 <= refused.value.after_s <= 4
    account.clock.sleep(refused.value.after_s)
    assert len(account.client.page("contact", "2020-01-01T00:00:00.000Z", None).found) == 5


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_request_costs_more_than_one_may(kind: str) -> None:
    account = Account(points=1_000, all_orders=True)
    account.client.page(kind, "2020-01-01T00:00:00.000Z", None)
    account.clock.sleep(60)
    account.client.read(kind, [str(number) for number in range(queries.READ[kind])])
    assert {call["status"] for call in account.standin.journal.calls} == {200}


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("ACCESS_DENIED", Reject, "scope"),
        ("INTERNAL_SERVER_ERROR", Retry, "fault of its own"),
        ("undefinedField", Reject, "version 2026-10"),
        ("not a word!", Reject, "unknown"),
    ],
)
def test_a_refusal_in_the_body_is_a_sentence(code: str, error: type[Exception], says: str) -> None:
    account = Account()
    refused = {"errors": [{"message": "aya@example.com is not allowed", "extensions": {"code": code}}]}
    account.standin.journal.faults.append(("/admin", Answer(200, refused)))
    with pytest.raises(error, match=says) as raised:
        account.client.read("contact", ["1"])
    assert "aya" not in str(raised.value)


@pytest.mark.parametrize(("status", "says"), [(402, "paid"), (403, "may not"), (404, "shop_domain"), (423, "later")])
def test_a_refusal_by_status_says_what_to_do(status: int, says: str) -> None:
    account = Account()

    def trouble(_call: Call) -> int:
        return status

    account.platforms.trouble = trouble
    with pytest.raises((Reject, Retry), match=says):
        account.client.read("contact", ["1"])


def test_a_refused_token_waits_for_a_person() -> None:
    with pytest.raises(Retry, match="access_token") as refused:
        Account().built(access_token="wrong").read("contact", ["1"])
    assert refused.value.after_s == 900


@pytest.mark.parametrize("settings", [{"shop_domain": "kettles.example.com"}, {"api_version": "latest"}])
def test_settings_that_are_none_of_shopifys_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(Reject, match="setting"):
        Account(**settings)


def test_another_version_of_the_api_is_asked_where_the_setting_says_so() -> None:
    account = Account(api_version="2027-01")
    account.client.read("contact", ["1"])
    assert [call["path"] for call in account.standin.journal.calls] == ["/admin/api/2027-01/graphql.json"]


def test_what_customers_have_no_place_for_is_refused_in_a_sentence() -> None:
    client = Account().client
    common, at = {"reference": "r", "contact_id": "1"}, "2026-09-20T01:02:03.000Z"
    asked = (
        lambda: client.log_call(LogCall(direction="inbound", started_at=at, title="Call", **common)),
        lambda: client.log_message(LogMessage(channel="sms", direction="inbound", sent_at=at, body="x", **common)),
        lambda: client.add_note(AddNote(written_at=at, text="x", **common)),
        lambda: client.create_task(CreateTask(subject="x", **common)),
        lambda: client.move_log("note", "1", "1", "2"),
        lambda: client.take_log("note", "1"),
    )
    for ask in asked:
        with pytest.raises(Reject, match="no place"):
            ask()
    with pytest.raises(Reject, match="order records are not written"):
        client.write("order", [])
    assert {one.name: one.writable for one in client.describe("contact")}["default_address.city"] is False


def test_a_consent_that_a_customer_takes_back_is_heard_as_a_field_of_the_record() -> None:
    account = Account()
    found = account.customer()
    account.clock.sleep(5)
    account.shopify.shop.consent(int(found), "email", "UNSUBSCRIBED")
    *_created, changed, consent = account.heard()
    claims = {claim["field"]: claim["value"] for claim in changed.data["claims"]}
    assert (changed.type, claims["consent_email"]) == ("contact.changed", "denied")
    assert (consent.type, consent.data["state"]) == ("consent.changed", "denied")


def test_documents_are_what_the_stand_in_reads_and_hold_no_value() -> None:
    account = Account()
    found = account.customer()
    account.write(found, first_name="Kaito", tags="secret-tag")
    (mutation,) = account.mutations()
    assert "Kaito" not in mutation["query"] and "secret-tag" not in mutation["query"]
    assert "Kaito" in json.dumps(mutation["variables"])
