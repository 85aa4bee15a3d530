"""Customers hang together by evidence, the same for any order, and never through something that several people share."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.errors import Conflict
from hub.memory_store import MemoryStore
from hub.ports import Item, Page
from hub.records import RecordStore

PHONE = Identifier(kind="phone", value="+819012340001")
OTHER_PHONE = Identifier(kind="phone", value="+819012340002")
CHAT = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.1111")
EMAIL = Identifier(kind="email", value="hanako@example.com")
HUBSPOT = Identifier(kind="record", scope="hubspot1", value="contact:11")
HUBSPOT_TWIN = Identifier(kind="record", scope="hubspot1", value="contact:12")
SALESFORCE = Identifier(kind="record", scope="salesforce1", value="contact:003A")


def directory(store: MemoryStore | None = None) -> Directory:
    return Directory(store or MemoryStore(), b"k" * 32)


def records(who: Directory) -> RecordStore:
    return RecordStore(who.store, who.hashed)


def attach(who: Directory, *identifiers: Identifier) -> str | None:
    return who.attach(identifiers, reason="test", event="e1")


def people(who: Directory, *identifiers: Identifier) -> list[set[str]]:
    """The customers that the identifiers belong to, as sets of identifier values."""
    found = [who.customer(who.persona_id(one)) for one in identifiers]
    groups = [{persona.identifier.value for persona in one.personas} for one in found if one]
    return sorted((group for index, group in enumerate(groups) if group not in groups[:index]), key=sorted)


def test_a_message_that_names_phone_and_chat_id_joins_them_with_the_record_that_holds_the_phone() -> None:
    who = directory()
    attach(who, HUBSPOT, PHONE, EMAIL)
    attach(who, CHAT, PHONE)
    attach(who, CHAT)
    assert people(who, CHAT, PHONE, HUBSPOT, EMAIL) == [{"contact:11", PHONE.value, CHAT.value, EMAIL.value}]


def test_two_records_of_one_crm_that_share_a_phone_stay_two_customers_and_list_each_other() -> None:
    who = directory()
    attach(who, HUBSPOT, PHONE)
    attach(who, HUBSPOT_TWIN, PHONE)
    attach(who, CHAT, PHONE)
    assert people(who, HUBSPOT, HUBSPOT_TWIN, CHAT) == [{PHONE.value, CHAT.value}, {"contact:11"}, {"contact:12"}]
    caller = who.customer(who.persona_id(CHAT))
    assert caller is not None
    assert set(caller.candidates) == {who.persona_id(HUBSPOT), who.persona_id(HUBSPOT_TWIN)}


class CountingStore(MemoryStore):
    """Counts the partitions read."""

    read = 0

    def query(self, pk: str, **how: Any) -> Page:
        self.read += 1
        return super().query(pk, **how)


def test_a_switchboards_number_is_read_without_the_hundreds_who_share_it() -> None:
    store = CountingStore()
    who = directory(store)
    contacts = [Identifier(kind="record", scope="hubspot1", value=f"contact:{number}") for number in range(300)]
    for contact in contacts:
        attach(who, contact, PHONE)
    attach(who, CHAT, PHONE)
    store.read = 0
    caller = who.customer(who.persona_id(CHAT))
    assert caller is not None
    assert {one.identifier for one in caller.personas} == {CHAT, PHONE}
    assert set(caller.candidates) <= {who.persona_id(one) for one in contacts}
    assert 150 < len(caller.candidates) <= 250
    assert store.read <= 4


def test_a_number_given_to_somebody_else_joins_neither_of_its_two_chat_users() -> None:
    who = directory()
    next_owner = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.2222")
    attach(who, CHAT, PHONE)
    attach(who, HUBSPOT, PHONE)
    assert people(who, CHAT) == [{CHAT.value, PHONE.value, "contact:11"}]
    attach(who, next_owner, PHONE)
    assert people(who, CHAT, next_owner, PHONE) == [{PHONE.value, "contact:11"}, {CHAT.value}, {"JP.2222"}]


def test_a_username_that_changed_hands_joins_nobody_and_finds_nobody_in_particular() -> None:
    who = directory()
    name = Identifier(kind="username", scope="portfolio", value="hana")
    other = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.2222")
    attach(who, CHAT, name)
    assert people(who, CHAT, name) == [{CHAT.value, "hana"}]
    attach(who, other, name)
    ids = {found.id for one in (CHAT, other, name) if (found := who.customer(who.persona_id(one)))}
    assert len(ids) == 3
    assert people(who, CHAT, other) == [{CHAT.value, "hana"}, {"JP.2222", "hana"}]


def test_records_of_two_crms_that_share_a_phone_are_one_customer() -> None:
    who = directory()
    attach(who, HUBSPOT, PHONE)
    attach(who, SALESFORCE, PHONE)
    assert people(who, SALESFORCE) == [{"contact:11", PHONE.value, "contact:003A"}]


def test_every_persona_id_finds_the_same_customer_with_the_same_id() -> None:
    who = directory()
    attach(who, HUBSPOT, PHONE, EMAIL)
    attach(who, CHAT, PHONE)
    found = [who.customer(who.persona_id(one)) for one in (HUBSPOT, PHONE, EMAIL, CHAT)]
    assert len({customer.id for customer in found if customer}) == 1


def test_no_identifier_appears_in_a_key() -> None:
    store = MemoryStore()
    attach(directory(store), HUBSPOT, PHONE, EMAIL, CHAT)
    keys = " ".join(f"{change.pk} {change.sk}" for change in store.changes)
    for value in (PHONE.value, PHONE.value[1:], EMAIL.value, CHAT.value, "contact:11"):
        assert value not in keys


def test_running_an_attachment_again_writes_nothing() -> None:
    store = MemoryStore()
    who = directory(store)
    attach(who, HUBSPOT, PHONE, EMAIL)
    before = len(store.changes)
    attach(who, HUBSPOT, EMAIL, PHONE)
    assert before > 0
    assert len(store.changes) == before


EVIDENCE = [
    (HUBSPOT, PHONE, EMAIL),
    (CHAT, PHONE),
    (HUBSPOT_TWIN, OTHER_PHONE),
    (SALESFORCE, EMAIL),
    (CHAT, OTHER_PHONE),
]
EVERYBODY = (PHONE, OTHER_PHONE, CHAT, EMAIL, HUBSPOT, HUBSPOT_TWIN, SALESFORCE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EVIDENCE), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_order_and_any_copies_of_the_evidence_give_the_same_customers(
    evidence: list[tuple[Identifier, ...]], random: object
) -> None:
    once, shuffled = directory(), directory()
    for identifiers in evidence:
        attach(once, *identifiers)
    again = evidence * 2
    random.shuffle(again)  # type: ignore[attr-defined]
    for identifiers in again:
        attach(shuffled, *reversed(identifiers))
    assert people(once, *EVERYBODY) == people(shuffled, *EVERYBODY)


def test_a_writer_that_loses_every_race_still_ends_with_the_same_customers() -> None:
    class Racing(MemoryStore):
        """Lets another worker do the same work just before each write."""

        def put(self, item: Item) -> None:
            if self.get(item.pk, item.sk) is None:
                super().put(item)
                raise Conflict("another worker was first")
            super().put(item)

    who = directory(Racing())
    attach(who, HUBSPOT, PHONE)
    attach(who, CHAT, PHONE)
    assert people(who, CHAT) == [{"contact:11", PHONE.value, CHAT.value}]


CLAIMS = [
    {"field": "title", "value": "Buyer", "at": "2026-11-01T00:00:00.000Z", "precision": "field"},
    {"field": "title", "value": "Head of purchasing", "at": "2026-11-03T00:00:00.000Z", "precision": "field"},
    {"field": "title", "value": "Head of purchasing", "at": "2026-11-05T00:00:00.000Z", "precision": "row"},
    {"field": "title", "value": None, "at": "2026-11-02T00:00:00.000Z", "precision": "field"},
]


def folded(order: tuple[int, ...]) -> dict[str, object]:
    who = directory()
    attach(who, SALESFORCE)
    for index in order:
        body = {"object": "contact", "id": "003A", "change": "changed", "at": "x", "claims": [CLAIMS[index]]}
        records(who).fold(SALESFORCE, "salesforce1", "salesforce", body)
    customer = who.customer(who.persona_id(SALESFORCE))
    assert customer is not None
    return dict(customer.fields["title"])


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_claims_in_any_order_end_with_the_latest_and_the_time_the_platform_gave_for_the_field(
    order: tuple[int, ...],
) -> None:
    title = folded(order)
    assert (title["value"], title["at"]) == ("Head of purchasing", "2026-11-03T00:00:00.000Z")


def test_a_deleted_record_claims_nothing_until_it_is_restored() -> None:
    who = directory()
    attach(who, SALESFORCE)
    base = {"object": "contact", "id": "003A", "claims": [CLAIMS[0]]}
    for change, at in (("restored", "2026-11-09"), ("deleted", "2026-11-08"), ("changed", "2026-11-01")):
        records(who).fold(SALESFORCE, "salesforce1", "salesforce", base | {"change": change, "at": at})
    customer = who.customer(who.persona_id(SALESFORCE))
    assert customer is not None
    assert customer.fields["title"]["value"] == "Buyer"
    records(who).fold(SALESFORCE, "salesforce1", "salesforce", base | {"change": "deleted", "at": "2026-11-10"})
    customer = who.customer(who.persona_id(SALESFORCE))
    assert customer is not None
    assert customer.fields == {}


def test_of_two_records_that_agree_the_one_that_said_it_of_the_field_is_the_source() -> None:
    who = directory()
    attach(who, HUBSPOT, PHONE)
    attach(who, SALESFORCE, PHONE)
    claims = {
        HUBSPOT: {"field": "title", "value": "Buyer", "at": "2026-11-01T00:00:00.000Z", "precision": "field"},
        SALESFORCE: {"field": "title", "value": "Buyer", "at": "2026-11-09T00:00:00.000Z", "precision": "row"},
    }
    for record, claim in claims.items():
        thing, _, number = record.value.partition(":")
        body = {"object": thing, "id": number, "change": "changed", "at": "", "claims": [claim]}
        records(who).fold(record, record.scope, "x", body)
    customer = who.customer(who.persona_id(PHONE))
    assert customer is not None
    title = customer.fields["title"]
    assert (title["source"]["connection"], title["at"]) == ("hubspot1", "2026-11-01T00:00:00.000Z")
    assert [claim["source"]["connection"] for claim in title["claims"]] == ["hubspot1", "salesforce1"]


def test_a_deleted_holder_of_a_number_is_apart_from_the_one_that_is_left_seen_from_either_side() -> None:
    who = directory()
    attach(who, HUBSPOT, PHONE)
    attach(who, HUBSPOT_TWIN, PHONE)
    gone = {"object": "contact", "id": "12", "change": "deleted", "at": "2026-11-10", "claims": []}
    records(who).fold(HUBSPOT_TWIN, "hubspot1", "hubspot", gone)
    assert people(who, HUBSPOT) == people(who, PHONE) == [{"contact:11", PHONE.value}]
    assert people(who, HUBSPOT_TWIN) == [{"contact:12"}]
