"""Identity that can be undone: who held what, what people decide, what clashes, and nothing that runs away."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.customer import Customer
from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.errors import Reject
from hub.linked import Verdict
from hub.memory_store import MemoryStore
from hub.records import RecordStore

PHONE = Identifier(kind="phone", value="+819012340001")
NEW_PHONE = Identifier(kind="phone", value="+819012340002")
CHAT = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.1111")
NEXT_CHAT = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.2222")
EMAIL = Identifier(kind="email", value="hanako@example.com")
MIRA, TARO, JUN = (Identifier(kind="record", scope="hubspot1", value=f"contact:{n}") for n in (11, 12, 13))
MIRA_IN_SALESFORCE = Identifier(kind="record", scope="salesforce1", value="contact:003A")
NAMES = {one.value: name for name, one in globals().copy().items() if isinstance(one, Identifier)}


class Town:
    """A directory that is told things in any order, with the times of the platforms."""

    def __init__(self) -> None:
        self.who = Directory(MemoryStore(), b"k" * 32)
        self.records = RecordStore(self.who.store, self.who.hashed)
        self.decisions = Decisions(self.who)
        self.decided = 0

    def seen(self, at: str, *identifiers: Identifier) -> None:
        self.who.attach(identifiers, reason="message.received", event=f"e{at}", at=at, connection="c1")

    def record(self, at: str, record: Identifier, *, change: str = "changed", **held: Identifier | None) -> None:
        identifiers = [one for one in held.values() if one]
        self.who.attach(
            [record, *identifiers], reason="contact.changed", event=f"r{at}", at=at, connection=record.scope
        )
        holds = [(field, self.id(one) if one else "", at) for field, one in held.items()]
        thing, _, number = record.value.partition(":")
        data = {"object": thing, "id": number, "change": change, "at": at, "claims": [], "holds": holds}
        self.records.fold(record, record.scope, record.scope[:-1], data)

    def moved(self, at: str, old: Identifier, new: Identifier) -> None:
        self.who.move(old, new, at=at)

    def decide(self, a: Identifier, b: Identifier, verdict: Verdict, at: str = "2026-11-20") -> None:
        self.decided += 1
        self.decisions.decide(self.id(a), self.id(b), verdict, Decision(f"d{self.decided}", "ann", at, "said so"))

    def id(self, one: Identifier) -> str:
        return self.who.persona_id(one)

    def customer(self, one: Identifier, **when: str) -> Customer:
        found = self.who.customer(self.id(one), **when)
        assert found is not None
        return found

    def people(self, one: Identifier, **when: str) -> set[str]:
        return {NAMES[persona.identifier.value] for persona in self.customer(one, **when).personas}

    def periods(self, one: Identifier, of: Identifier) -> tuple[tuple[str, str], ...]:
        return next(each.periods for each in self.customer(one).personas if each.identifier == of)


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_number_that_moved_between_two_living_contacts_is_each_ones_for_their_time(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-05", MIRA, phone=NEW_PHONE)
    town.record("2026-07", TARO, phone=PHONE)
    assert town.people(MIRA) == {"MIRA", "PHONE", "NEW_PHONE"}
    assert town.people(TARO) == town.people(PHONE) == {"TARO", "PHONE"}
    assert town.periods(MIRA, PHONE) == (("", "2026-05"),)
    assert town.periods(TARO, PHONE) == (("2026-05", "~"),)
    assert town.people(PHONE, moment="2026-03") == {"MIRA", "PHONE", "NEW_PHONE"}


def test_the_same_holds_for_every_order_of_what_is_told() -> None:
    seen = []
    for order in itertools.permutations(range(4)):
        town = Town()
        told = [
            lambda town=town: town.record("2026-01", MIRA, phone=PHONE),
            lambda town=town: town.record("2026-05", MIRA, phone=NEW_PHONE),
            lambda town=town: town.record("2026-07", TARO, phone=PHONE),
            lambda town=town: town.seen("2026-08", CHAT, PHONE),
        ]
        for n in order:
            told[n]()
        customers = [town.customer(one) for one in (MIRA, TARO, PHONE, CHAT)]
        seen.append([(one.id, one.personas, one.links, one.candidates, one.conflicts) for one in customers])
    assert all(one == seen[0] for one in seen)


def test_a_crm_that_forgets_a_number_does_not_part_two_records_that_shared_it_before(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-02", MIRA_IN_SALESFORCE, phone=PHONE)
    town.record("2026-05", MIRA, phone=NEW_PHONE)
    assert town.people(MIRA) == {"MIRA", "MIRA_IN_SALESFORCE", "PHONE", "NEW_PHONE"}
    assert town.people(PHONE) == town.people(MIRA)


def test_a_number_given_up_and_not_taken_yet_is_nobodys_and_names_who_had_it(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-05", MIRA, phone=None)
    assert town.people(PHONE) == {"PHONE"}
    assert town.customer(PHONE).candidates == (town.id(MIRA),)
    assert town.periods(MIRA, PHONE) == (("", "2026-05"),)


def test_an_announced_new_number_keeps_the_history_and_leaves_the_old_number_to_its_next_owner(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT, PHONE)
    town.seen("2026-05", CHAT, NEW_PHONE)
    town.moved("2026-05", PHONE, NEW_PHONE)
    town.seen("2026-09", NEXT_CHAT, PHONE)
    assert town.people(MIRA) == {"MIRA", "CHAT", "PHONE", "NEW_PHONE"}
    assert town.people(PHONE) == {"PHONE", "NEXT_CHAT"}
    assert town.periods(MIRA, PHONE) == (("", "2026-05"),)


def test_an_announced_new_number_that_was_somebody_elses_does_not_merge_with_them(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", MIRA_IN_SALESFORCE, phone=NEW_PHONE)
    town.moved("2026-05", PHONE, NEW_PHONE)
    assert town.people(MIRA) == {"MIRA", "PHONE", "NEW_PHONE"}
    assert town.people(MIRA_IN_SALESFORCE) == {"MIRA_IN_SALESFORCE", "NEW_PHONE"}
    assert town.people(NEW_PHONE) == {"MIRA", "PHONE", "NEW_PHONE"}


def test_a_new_business_scoped_id_takes_the_place_of_the_old_one(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT, PHONE)
    town.moved("2026-05", CHAT, NEXT_CHAT)
    assert town.people(NEXT_CHAT) == {"MIRA", "PHONE", "CHAT", "NEXT_CHAT"}
    assert town.customer(CHAT).id == town.customer(NEXT_CHAT).id


def test_a_record_merged_into_another_is_the_same_person_and_shares_nothing_with_itself(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-02", TARO, phone=PHONE)
    assert town.people(MIRA) == {"MIRA"}
    town.who.attach([TARO, MIRA], reason="contact.deleted", event="m1", at="2026-03", connection="hubspot1")
    assert town.people(TARO) == town.people(PHONE) == {"MIRA", "TARO", "PHONE"}


def test_a_record_deleted_and_undeleted_is_what_it_was(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-02", TARO, phone=PHONE)
    town.record("2026-03", TARO, change="deleted")
    assert town.people(PHONE) == {"MIRA", "PHONE"}
    town.record("2026-04", TARO, change="restored")
    assert town.people(PHONE) == {"PHONE"}


def test_two_strong_identifiers_that_disagree_are_a_conflict_and_join_nobody(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", TARO, email=EMAIL)
    town.seen("2026-03", PHONE, EMAIL)
    assert town.people(PHONE) == {"MIRA", "PHONE"}
    assert town.people(EMAIL) == {"TARO", "EMAIL"}
    (clash,) = town.customer(MIRA).conflicts
    assert (clash.a, clash.b) == (town.id(PHONE), town.id(EMAIL))
    (other,) = town.customer(TARO).conflicts
    assert (other.a, other.b) == (town.id(EMAIL), town.id(PHONE))


def test_what_a_record_holds_outweighs_what_was_named_together_before(town: Town) -> None:
    town.seen("2026-01", PHONE, EMAIL)
    town.record("2026-05", MIRA, phone=PHONE)
    town.record("2026-06", TARO, email=EMAIL)
    assert town.people(EMAIL) == {"TARO", "EMAIL"}
    assert town.people(PHONE) == {"MIRA", "PHONE"}


def test_a_conflict_between_others_is_theirs(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    third = Identifier(kind="phone", value="+819012340003")
    town.record("2026-01", TARO, email=EMAIL, phone=third)
    town.record("2026-01", JUN, phone=NEW_PHONE)
    town.seen("2026-03", PHONE, EMAIL)
    town.seen("2026-03", CHAT, NEW_PHONE)
    town.seen("2026-04", CHAT, third)
    assert [(clash.a, clash.b) for clash in town.customer(MIRA).conflicts] == [(town.id(PHONE), town.id(EMAIL))]
    assert len(town.customer(TARO).conflicts) == 2


def test_guests_of_one_firm_with_its_number_and_mailboxes_of_their_own_are_not_one_customer(town: Town) -> None:
    other = Identifier(kind="email", value="ken@example.com")
    town.seen("2026-01", PHONE, EMAIL)
    assert town.people(EMAIL) == {"PHONE", "EMAIL"}
    town.seen("2026-02", PHONE, other)
    assert town.people(PHONE) == {"PHONE"}
    assert town.people(EMAIL) == {"EMAIL"}
    assert set(town.customer(PHONE).candidates) == {town.id(EMAIL), town.id(other)}


def test_what_a_person_said_about_a_number_holds_for_the_time_in_which_it_was_said(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", TARO)
    town.decide(PHONE, TARO, "apart", at="2026-03")
    town.record("2026-05", MIRA, phone=NEW_PHONE)
    town.record("2026-07", TARO, phone=PHONE)
    assert town.people(TARO) == {"TARO", "PHONE"}


def test_what_happened_while_several_shared_a_number_is_found_under_it_for_ever(town: Town) -> None:
    """Every moment of an identifier belongs to exactly one customer, somebody's or nobody's."""
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-03", TARO, phone=PHONE)
    town.record("2026-05", MIRA, phone=NEW_PHONE)
    assert town.people(PHONE) == {"TARO", "PHONE"}
    assert town.periods(TARO, PHONE) == (("2026-05", "~"),)
    nobodys = town.customer(PHONE, moment="2026-04")
    assert nobodys.id == f"r{town.id(PHONE)}"
    assert [one.periods for one in nobodys.personas] == [(("", "2026-05"),)]
    again = town.who.customer(nobodys.id)
    assert again is not None
    assert contents(again) == contents(nobodys)
    assert town.customer(TARO).rests == town.customer(MIRA).rests == (nobodys.id,)


def test_all_that_is_nobodys_of_a_number_is_together_with_what_it_is_now(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-03", TARO, phone=PHONE)
    assert town.periods(PHONE, PHONE) == (("", "~"),)
    assert town.customer(PHONE).rests == ()


def test_a_person_may_join_two_contacts_through_the_number_that_both_have(town: Town) -> None:
    town.record("2026-01", MIRA, email=EMAIL)
    town.record("2026-01", TARO)
    town.seen("2026-02", NEXT_CHAT, PHONE)
    town.decide(PHONE, MIRA, "same", at="2026-05")
    town.decide(PHONE, TARO, "same", at="2026-06")
    assert town.people(TARO) == {"MIRA", "TARO", "PHONE", "EMAIL", "NEXT_CHAT"}


def test_who_a_person_said_it_is_not_is_no_candidate_any_more(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.decide(MIRA, PHONE, "apart")
    assert town.people(MIRA) == {"MIRA"}
    assert town.customer(MIRA).candidates == town.customer(PHONE).candidates == ()


def test_a_chat_user_who_left_a_number_does_not_share_it_with_the_next(town: Town) -> None:
    third = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.3333")
    town.seen("2026-01", CHAT, PHONE)
    town.moved("2026-05", CHAT, NEXT_CHAT)
    town.seen("2026-09", third, PHONE)
    found = town.customer(third)
    assert found.has(town.id(PHONE))
    assert not found.has(town.id(CHAT))
    assert town.people(CHAT) == {"CHAT", "NEXT_CHAT", "PHONE"}


def test_a_number_passed_back_and_forth_was_last_ones_until_it_was_last_seen_there(town: Town) -> None:
    for at, phone in (("2026-01", PHONE), ("2026-03", NEW_PHONE), ("2026-05", PHONE), ("2026-07", NEW_PHONE)):
        town.record(at, MIRA, phone=phone)
    town.record("2026-09", TARO, phone=PHONE)
    assert town.periods(MIRA, PHONE) == (("", "2026-05"),)
    assert town.periods(TARO, PHONE) == (("2026-05", "~"),)


def test_as_of_a_time_a_field_holds_what_it_held_and_a_record_deleted_later_lives(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-05", MIRA, phone=NEW_PHONE)
    assert town.people(PHONE) == {"PHONE"}
    assert town.people(PHONE, at="2026-03") == {"MIRA", "PHONE"}
    town.record("2026-02", TARO, phone=PHONE)
    town.record("2026-04", TARO, change="deleted")
    assert town.people(PHONE, at="2026-03") == {"PHONE"}
    assert town.people(PHONE, at="2026-04-02") == {"MIRA", "PHONE"}


def test_as_of_a_time_between_two_deletions_a_record_is_there_and_before_all_it_is_not_known(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    for at, change in (("2026-06", "deleted"), ("2026-08", "restored"), ("2026-09", "deleted")):
        town.record(at, MIRA, change=change)
    seen = [town.customer(MIRA, at=at).records[0]["deleted"] for at in ("2026-05", "2026-07", "2026-08-15", "2026-10")]
    assert seen == [False, True, False, True]
    assert town.who.customer(town.id(MIRA), at="2000") is None


def test_an_unmerge_leaves_the_merges_that_it_does_not_need(town: Town) -> None:
    other = MIRA_IN_SALESFORCE
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", other, email=EMAIL)
    town.record("2026-01", JUN)
    town.decide(MIRA, other, "same", at="2026-05")
    town.decide(PHONE, EMAIL, "same", at="2026-06")
    town.decide(MIRA, JUN, "same", at="2026-07")
    found = town.decisions.undoing(town.customer(MIRA), town.id(MIRA), town.id(other))
    assert {frozenset(pair) for pair in found} == {
        frozenset({town.id(MIRA), town.id(other)}),
        frozenset({town.id(PHONE), town.id(EMAIL)}),
    }


def test_a_name_that_came_along_with_a_number_takes_it_from_nobody(town: Town) -> None:
    """A form may say anything."""
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-03", PHONE, EMAIL)
    for one, name in ((MIRA, "小林 綾"), (PHONE, "森 健")):
        claim = {"field": "name", "value": name, "at": "2026-03", "precision": "row"}
        thing = "profile" if one is PHONE else "contact"
        data = {"object": thing, "id": "11", "at": "2026-03", "claims": [claim]}
        town.records.fold(one, "hubspot1", "hubspot", data)
    assert town.people(PHONE) == {"MIRA", "PHONE", "EMAIL"}


def test_a_person_decides_a_conflict_either_way(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", TARO, email=EMAIL)
    town.seen("2026-03", PHONE, EMAIL)
    town.decide(MIRA, TARO, "apart")
    assert (town.customer(MIRA).conflicts, town.customer(MIRA).candidates) == ((), ())
    town.decide(MIRA, TARO, "same", at="2026-11-21")
    assert town.people(EMAIL) == {"MIRA", "TARO", "PHONE", "EMAIL"}
    assert town.customer(MIRA).conflicts == ()


def test_merge_and_unmerge_leave_everything_as_it_was_with_what_came_in_meanwhile(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT)
    town.decide(MIRA, CHAT, "same")
    assert town.people(CHAT) == {"MIRA", "PHONE", "CHAT"}
    town.seen("2026-12", CHAT, NEW_PHONE)
    assert town.people(NEW_PHONE) == {"MIRA", "PHONE", "CHAT", "NEW_PHONE"}
    town.decide(MIRA, CHAT, "none", at="2026-12-02")
    assert town.people(CHAT) == {"CHAT", "NEW_PHONE"}
    assert town.people(MIRA) == {"MIRA", "PHONE"}


def test_duplicates_of_one_crm_that_a_person_merged_have_their_shared_number_together(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-02", TARO, phone=PHONE)
    town.decide(MIRA, TARO, "same")
    assert town.people(PHONE) == {"MIRA", "TARO", "PHONE"}
    town.decide(MIRA, TARO, "none", at="2026-11-21")
    assert town.people(PHONE) == {"PHONE"}


def test_not_the_same_is_remembered_against_later_evidence(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT)
    town.decide(MIRA, CHAT, "apart", at="2026-02-02")
    town.seen("2026-03", CHAT, PHONE)
    assert town.people(MIRA) == {"MIRA"}
    assert town.people(CHAT) == {"CHAT"}
    assert town.customer(MIRA).conflicts == ()
    town.decide(MIRA, CHAT, "none", at="2026-04")
    assert town.people(MIRA) == {"MIRA", "CHAT", "PHONE"}


def test_not_the_same_keeps_apart_whatever_lies_between(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", MIRA_IN_SALESFORCE, email=EMAIL)
    town.decide(MIRA, MIRA_IN_SALESFORCE, "apart")
    town.seen("2026-03", CHAT, PHONE)
    town.seen("2026-04", CHAT, EMAIL)
    assert "MIRA_IN_SALESFORCE" not in town.people(MIRA)
    assert town.people(CHAT) in (town.people(MIRA), town.people(MIRA_IN_SALESFORCE))


def test_our_own_number_in_a_crm_joins_nobody_unless_a_person_says_that_it_is_not_ours(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT, PHONE)
    town.who.own(PHONE)
    assert town.people(MIRA) == {"MIRA"}
    assert town.people(CHAT) == {"CHAT"}
    town.decisions.mark(town.id(PHONE), shared=False, decision=Decision("d1", "ann", "2026-03", "ported to her"))
    assert town.people(MIRA) == {"MIRA", "PHONE", "CHAT"}


def test_a_number_that_a_person_marks_as_shared_joins_nobody_and_lists_who_has_it(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT, PHONE)
    town.decisions.mark(town.id(PHONE), shared=True, decision=Decision("d1", "ann", "2026-03", "family phone"))
    assert town.people(PHONE) == {"PHONE"}
    assert set(town.customer(PHONE).candidates) == {town.id(MIRA), town.id(CHAT)}


def test_a_record_with_hundreds_of_numbers_is_a_directory_and_joins_nobody(town: Town) -> None:
    phones = [Identifier(kind="phone", value=f"+8190123410{n:02}") for n in range(30)]
    for n, phone in enumerate(phones):
        town.who.attach([MIRA, phone], reason="contact.changed", event=f"e{n}", at="2026-01", connection="hubspot1")
    assert len(town.customer(MIRA).personas) == 1
    found = town.who.customer(town.id(phones[0]))
    assert found is not None
    assert len(found.personas) == 1


def test_as_of_a_time_only_what_was_known_then_counts(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-03", CHAT, PHONE)
    town.record("2026-05", TARO, email=EMAIL)
    town.decide(MIRA, TARO, "same", at="2026-06")
    assert town.people(MIRA, at="2026-02") == {"MIRA", "PHONE"}
    assert town.people(MIRA, at="2026-04") == {"MIRA", "PHONE", "CHAT"}
    assert town.people(MIRA, at="2026-07") == {"MIRA", "PHONE", "CHAT", "TARO", "EMAIL"}


def test_a_decision_repeated_changes_nothing_and_the_latest_counts_whatever_came_last(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT)
    later, earlier = Decision("d2", "ann", "2026-06", "no"), Decision("d1", "bob", "2026-05", "yes")
    town.decisions.decide(town.id(MIRA), town.id(CHAT), "apart", later)
    town.decisions.decide(town.id(CHAT), town.id(MIRA), "same", earlier)
    before = len(town.who.store.changes)  # type: ignore[attr-defined]
    town.decisions.decide(town.id(CHAT), town.id(MIRA), "same", earlier)
    assert len(town.who.store.changes) == before  # type: ignore[attr-defined]
    assert town.people(MIRA) == {"MIRA", "PHONE"}


@pytest.mark.parametrize("other", [MIRA, JUN])
def test_a_decision_about_one_identifier_or_about_nobody_is_refused(town: Town, other: Identifier) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    with pytest.raises(Reject, match="two identifiers that are known"):
        town.decide(MIRA, other, "same")


def test_an_unmerge_takes_back_the_one_decision_that_holds_two_together(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.record("2026-01", TARO, email=EMAIL)
    town.seen("2026-02", CHAT)
    town.decide(MIRA, TARO, "same", at="2026-05")
    town.decide(TARO, CHAT, "same", at="2026-06")
    customer = town.customer(MIRA)
    pair = tuple(sorted((town.id(TARO), town.id(CHAT))))
    assert town.decisions.undoing(customer, town.id(MIRA), town.id(CHAT)) == [pair]
    assert town.decisions.undoing(customer, town.id(MIRA), town.id(PHONE)) == []


def test_supposing_a_decision_shows_it_and_writes_nothing(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE)
    town.seen("2026-02", CHAT)
    supposed = town.who.supposing({frozenset({town.id(MIRA), town.id(CHAT)}): "same"})
    found = supposed.customer(town.id(CHAT))
    assert found is not None
    assert found.has(town.id(PHONE))
    assert town.people(CHAT) == {"CHAT"}


def contents(customer: Customer) -> Any:
    said = (customer.personas, customer.records, customer.candidates, customer.conflicts)
    return customer.id, *said, [(link.a, link.b, link.reasons, link.strength) for link in customer.links]


def test_every_persona_of_a_customer_shows_the_same_customer(town: Town) -> None:
    town.record("2026-01", MIRA, phone=PHONE, email=EMAIL)
    town.record("2026-01", MIRA_IN_SALESFORCE, email=EMAIL)
    town.seen("2026-02", CHAT, PHONE)
    town.decide(CHAT, MIRA_IN_SALESFORCE, "same")
    found = [contents(town.customer(one)) for one in (MIRA, PHONE, EMAIL, MIRA_IN_SALESFORCE, CHAT)]
    assert all(one == found[0] for one in found)


EVERYBODY = (PHONE, NEW_PHONE, CHAT, NEXT_CHAT, EMAIL, MIRA, TARO, JUN, MIRA_IN_SALESFORCE)
one_of = st.sampled_from
times = st.integers(1, 12).map(lambda month: f"2026-{month:02}")
phones, chats, records = (
    one_of([PHONE, NEW_PHONE]),
    one_of([CHAT, NEXT_CHAT]),
    one_of([MIRA, TARO, JUN, MIRA_IN_SALESFORCE]),
)
told = (
    st.tuples(st.just("seen"), times, chats, phones)
    | st.tuples(st.just("seen"), times, phones, st.just(EMAIL))
    | st.tuples(st.just("moved"), times, st.just(PHONE), st.just(NEW_PHONE))
    | st.tuples(st.just("moved"), times, st.just(CHAT), st.just(NEXT_CHAT))
    | st.tuples(st.just("phone"), times, records, phones | st.none())
    | st.tuples(st.just("email"), times, records, st.just(EMAIL) | st.none())
    | st.tuples(st.just("life"), times, records, one_of(["deleted", "restored"]))
    | st.tuples(st.just("own"), times, phones, st.none())
    | st.tuples(st.just("decide"), times, one_of(EVERYBODY), one_of(EVERYBODY), one_of(["same", "apart", "none"]))
)


def tell(town: Town, number: int, what: tuple[Any, ...]) -> None:
    kind, at, one, other, *verdict = what
    if kind == "seen":
        town.seen(at, one, other)
    elif kind == "moved":
        town.moved(at, one, other)
    elif kind in ("phone", "email"):
        town.record(at, one, **{kind: other})
    elif kind == "life":
        town.record(at, one, change=other)
    elif kind == "own":
        town.who.own(one)
    elif one != other:
        town.decisions.decide(town.id(one), town.id(other), verdict[0], Decision(f"d{number}", "ann", at, ""))


def whole(said: list[tuple[int, tuple[Any, ...]]]) -> list[Any]:
    town = Town()
    for one in EVERYBODY:
        town.who.attach([one], reason="x", event="x")
    for number, what in said:
        tell(town, number, what)
    return [contents(town.customer(one)) for one in EVERYBODY]


@settings(deadline=None)
@given(st.lists(told, max_size=8), st.randoms())
def test_any_order_and_any_copies_give_the_same_customers(said: list[tuple[Any, ...]], random: Any) -> None:
    numbered = list(enumerate(said))
    twice = [*numbered, *random.choices(numbered, k=len(numbered))] if numbered else []
    random.shuffle(twice)
    assert whole(twice) == whole(numbered)


@settings(deadline=None)
@given(st.lists(told, max_size=10))
def test_customers_never_overlap_and_every_identifier_has_one(said: list[tuple[Any, ...]]) -> None:
    """Whoever is asked for, the answer is the same people: those found in a customer find that customer."""
    town = Town()
    for one in EVERYBODY:
        town.who.attach([one], reason="x", event="x")
    for number, what in enumerate(said):
        tell(town, number, what)
    for one in EVERYBODY:
        found = town.customer(one)
        assert found.has(town.id(one))
        for persona in found.personas:
            if persona.current:
                assert contents(town.customer(persona.identifier)) == contents(found)


@settings(deadline=None)
@given(st.lists(told, max_size=10))
def test_every_moment_of_every_identifier_is_exactly_one_customers(said: list[tuple[Any, ...]]) -> None:
    town = Town()
    for one in EVERYBODY:
        town.who.attach([one], reason="x", event="x")
    for number, what in enumerate(said):
        tell(town, number, what)
    for one in EVERYBODY:
        for month in range(1, 13):
            moment = f"2026-{month:02}-15"
            found = town.customer(one, moment=moment)
            periods = next(each.periods for each in found.personas if each.identifier == one)
            assert any(since <= moment < until for since, until in periods)
            again = town.who.customer(found.id)
            assert again is not None
            assert contents(again) == contents(found)


@settings(deadline=None)
@given(st.lists(told, max_size=8), st.integers(0, 8), st.integers(0, 8), one_of(EVERYBODY), one_of(EVERYBODY))
def test_merge_then_unmerge_anywhere_in_a_stream_is_as_if_it_had_never_been(
    said: list[tuple[Any, ...]], merged: int, unmerged: int, a: Identifier, b: Identifier
) -> None:
    stream = [(n, what) for n, what in enumerate(said) if what[0] != "decide"]
    first, last = sorted((min(merged, len(stream)), min(unmerged, len(stream))))
    merge, unmerge = (90, ("decide", "2026-06", a, b, "same")), (91, ("decide", "2026-07", a, b, "none"))
    assert whole([*stream[:first], merge, *stream[first:last], unmerge, *stream[last:]]) == whole(stream)
