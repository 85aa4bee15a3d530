"""What match_customers makes of linked and named customers: found by name, suggested with reasons, conflicts listed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import FakeClock, MemoryStore, memory_hub
from hub.names import NameIndex
from hub.ports import Item
from hub.records import RecordStore
from hub.suggestions import conflicts, suggestions
from match_customers.handler import handler
from publish_changes.handler import handler as publish

AT = "2026-11-20T09:00:00.000Z"
PHONE = Identifier(kind="phone", value="+819000000001")


def contact(number: int, connection: str = "hubspot1") -> Identifier:
    return Identifier(kind="record", scope=connection, value=f"contact:{number}")


def chat(number: int) -> Identifier:
    return Identifier(kind="whatsapp_user_id", scope="portfolio", value=f"JP.{number}")


@dataclass
class Town:
    """A hub in memory in which people are known and match_customers hears of them."""

    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.hub = memory_hub(store=self.store, clock=FakeClock())
        self.directory = Directory(self.store, self.hub.secrets.hash_key())
        self.records = RecordStore(self.store, self.directory.hashed)
        self.heard = 0

    def know(self, identifier: Identifier, *others: Identifier, at: str = AT, **fields: str) -> str:
        """A record or profile with these fields, and the identifiers that it holds; its persona."""
        claims = [{"field": name, "value": value, "at": at} for name, value in fields.items()]
        kind = identifier.value.partition(":")[0] if identifier.kind == "record" else "profile"
        data = {"object": kind, "id": identifier.value, "at": at, "claims": claims}
        persona = self.directory.attach([identifier, *others], reason="test", event="e1", at=at, connection="c")
        self.records.fold(identifier, identifier.scope, "test", data)
        assert persona is not None
        return self.directory.persona_id(identifier)

    def announced(self) -> list[dict[str, Any]]:
        """The events of what was written since the last time."""
        changes, self.heard = self.store.changes[self.heard :], len(self.store.changes)
        stream = [_record(number, change.new) for number, change in enumerate(changes) if change.new]
        before = len(self.hub.bus.events)  # type: ignore[attr-defined]
        publish({"Records": stream}, None, self.hub)
        events: list[dict[str, Any]] = self.hub.bus.events[before:]  # type: ignore[attr-defined]
        return [one for one in events if one["type"] in ("customer.linked", "customer.named")]

    def match(self, *events: Mapping[str, Any]) -> None:
        """match_customers hears of these, or of all that was announced, and finishes."""
        for number, event in enumerate(events or self.announced()):
            body = {"messageId": str(number), "body": json.dumps(event)}
            assert handler({"Records": [body]}, None, self.hub) == {"batchItemFailures": []}

    def found(self, text: str) -> list[str]:
        """The ids of the customers found by that name."""
        return [one.id for one in NameIndex(self.store, self.directory).search(text)]

    def suggested(self, persona: str) -> dict[str, tuple[float, list[str]]]:
        """Anchor -> score and reasons."""
        customer = self.directory.customer(persona)
        assert customer is not None
        found = suggestions(self.directory, customer)
        return {one.customer.anchor: (one.score, [why for why, _ in one.reasons]) for one in found}

    def conflicts(self) -> list[tuple[str, set[str]]]:
        """(why, personas) of what is open."""
        return [(one.why, set(one.personas)) for one in conflicts(self.directory, 50, None)[0]]

    def decide(self, a: str, b: str, verdict: Any, number: str) -> None:
        Decisions(self.directory).decide(
            a, b, verdict, Decision(number, "somebody", f"2026-11-21T09:00:0{number}.000Z", "why")
        )
        self.match()


def _record(number: int, item: Item) -> dict[str, Any]:
    image = {
        "pk": {"S": item.pk},
        "sk": {"S": item.sk},
        "version": {"N": str(item.version)},
        "body": {"S": json.dumps(item.body)},
    }
    return {"dynamodb": {"SequenceNumber": str(number), "NewImage": image}}


def derived(store: MemoryStore) -> list[Item]:
    return [item for item in store.everything() if item.pk.startswith(("N#", "S#"))]


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.mark.parametrize(
    "text",
    [
        "髙橋　美咲様",
        "高橋美咲",
        "高橋",
        "高",
        "美咲",
        "美咲 高橋",
        "ﾀｶﾊｼ",
        "たかはしみさき",
        "Misaki Takahashi",
        "takah",
    ],
)
def test_a_customer_is_found_by_name_as_people_type_it(town: Town, text: str) -> None:
    who = town.know(contact(1), PHONE, last_name="高橋", first_name="美咲")
    town.know(contact(2), last_name="鈴木", first_name="健")
    town.match()
    customer = town.directory.customer(who)
    assert customer is not None
    assert town.found(text) == [customer.id]


@pytest.mark.parametrize("text", ["", "  ", "橋", "ashi", "鈴木", "高橋美咲子", "x" * 500, "🌸"])
def test_what_is_no_beginning_of_a_name_finds_nobody(town: Town, text: str) -> None:
    town.know(contact(1), PHONE, last_name="高橋", first_name="美咲")
    town.match()
    assert town.found(text) == []


def test_whole_names_come_before_beginnings(town: Town) -> None:
    longer = town.know(contact(1), name="Ann Abel")
    exact = town.know(contact(2), name="Ann")
    town.match()
    assert [town.directory.customer(one).id for one in (exact, longer)] == town.found("ann")  # type: ignore[union-attr]


def test_a_name_that_was_given_up_is_found_no_more_and_leaves_nothing_in_the_index(town: Town) -> None:
    other = Town()
    for one in (town, other):
        if one is town:
            one.know(contact(1), PHONE, name="Hanako Sato")
            one.match()
        who = one.know(contact(1), PHONE, at="2026-11-21T09:00:00.000Z", name="Hanako Mori")
        one.match()
    assert town.found("Sato") == []
    assert town.found("Mori") == [town.directory.customer(who).id]  # type: ignore[union-attr]
    entries = [
        [(item.pk, item.sk, item.body) for item in derived(one.store) if item.pk.startswith("N#")]
        for one in (town, other)
    ]
    assert entries[0] == entries[1] != []


def test_no_key_holds_a_name_a_number_or_an_address(town: Town) -> None:
    town.know(contact(1), PHONE, name="Hanako Sato", email="hanako.sato@mail.example", company="Kissa")
    town.know(contact(2), chat(2), name="Hanako Sato")
    town.match()
    keys = " ".join(f"{item.pk} {item.sk} {item.index}" for item in derived(town.store)).lower()
    assert not any(text in keys for text in ("hanako", "sato", "0000001", "mail", "kissa"))


def test_an_event_heard_again_writes_nothing(town: Town) -> None:
    town.know(contact(1), PHONE, name="Hanako Sato")
    town.know(chat(2), name="佐藤 華子")
    events = town.announced()
    town.match(*events)
    before = len(town.store.changes)
    town.match(*events, *reversed(events))
    assert len(town.store.changes) == before


def test_a_rare_name_in_two_writings_is_suggested_from_both_sides_with_its_reason(town: Town) -> None:
    one = town.know(contact(1), PHONE, last_name="東海林", first_name="美咲")
    other = town.know(chat(2), name="ショウジ　ミサキ")
    town.match()
    assert town.suggested(one) == {other: (0.7, ["same reading"])}
    assert town.suggested(other) == {one: (0.7, ["same reading"])}


def test_a_name_that_many_bear_is_no_news_unless_something_else_agrees(town: Town) -> None:
    people = [town.know(chat(number), name="佐藤 健") for number in range(8)]
    colleagues = [town.know(contact(number), name="佐藤 健", company="株式会社 桜堂") for number in range(2)]
    town.match()
    assert town.suggested(people[0]) == {}
    assert town.suggested(colleagues[0]) == {}


def test_a_suggestion_goes_when_the_name_changes(town: Town) -> None:
    one = town.know(contact(1), PHONE, name="Hanako Shoji")
    other = town.know(chat(2), name="Hanako Shoji")
    town.match()
    assert set(town.suggested(one)) == {other}
    town.know(chat(2), at="2026-11-21T09:00:00.000Z", name="Ken Mori")
    town.match()
    assert (town.suggested(one), town.suggested(other)) == ({}, {})
    assert not [item for item in derived(town.store) if item.pk == f"S#{one}" and item.sk == other]


def test_people_decide_suggestions_and_may_take_it_back(town: Town) -> None:
    one = town.know(contact(1), PHONE, name="Hanako Shoji")
    other = town.know(chat(2), name="Hanako Shoji")
    town.match()
    for number, verdict in enumerate(("same", "apart")):
        town.decide(one, other, verdict, str(number))
        assert (town.suggested(one), town.suggested(other)) == ({}, {})
    town.decide(one, other, "none", "2")
    assert (set(town.suggested(one)), set(town.suggested(other))) == ({other}, {one})


def test_a_mistyped_mailbox_and_a_mistyped_number_are_suggested(town: Town) -> None:
    mail = Identifier(kind="email", value="hanako.shoji@mail.example")
    typo = Identifier(kind="email", value="hanako.shoji@mial.example")
    one = town.know(contact(1), mail)
    other = town.know(contact(2, "salesforce1"), typo)
    third = town.know(contact(3), Identifier(kind="phone", value="+819000001234"), name="Hana")
    fourth = town.know(contact(3, "salesforce1"), Identifier(kind="phone", value="+819000001243"), name="Hana")
    town.match()
    assert town.suggested(one) == {other: (0.75, ["e-mail domains one letter apart"])}
    assert set(town.suggested(third)) == {fourth}


def test_an_identifier_that_two_records_hold_is_a_conflict_until_a_person_marks_it(town: Town) -> None:
    town.know(contact(1), PHONE, name="Hanako Sato")
    town.know(contact(2), PHONE, name="Ken Sato")
    town.match()
    phone = town.directory.persona_id(PHONE)
    assert town.conflicts() == [("an identifier that several hold", {phone})]
    Decisions(town.directory).mark(phone, shared=True, decision=Decision("1", "somebody", AT, "family"))
    assert town.conflicts() == []
    town.match()
    assert not [item for item in derived(town.store) if item.sk == "SHARED"]


def test_a_switchboard_is_no_conflict(town: Town) -> None:
    for number in range(30):
        town.know(contact(number), PHONE, name=f"Person Number{number}")
    town.match()
    assert town.conflicts() == []


def clashing(town: Town) -> tuple[str, str]:
    """Two contacts of one CRM that a third platform's record holds together."""
    mail = Identifier(kind="email", value="hanako@mail.example")
    one = town.know(contact(1), PHONE)
    other = town.know(contact(2), mail)
    town.know(contact(3, "salesforce1"), PHONE, mail)
    town.match()
    return one, other


def test_strong_identifiers_that_disagree_are_a_conflict_until_a_person_decides(town: Town) -> None:
    one, other = clashing(town)
    [(why, personas)] = town.conflicts()
    assert why == "two of a kind of which a person has one"
    assert len(personas) == 2
    a, b = sorted(personas)
    town.decide(a, b, "apart", "1")
    assert town.conflicts() == []
    assert not [item for item in derived(town.store) if item.sk.startswith("CLASH#")]
    town.decide(a, b, "none", "2")
    assert town.conflicts() == [(why, personas)]
    assert town.directory.customer(one) != town.directory.customer(other)


class Cut(Exception):
    """The function was stopped here."""


class CutStore(MemoryStore):
    """Stops at the given call that writes, before or after it is done."""

    at = -1
    after = False

    def put(self, item: Item) -> None:
        self._cut(lambda: super(CutStore, self).put(item))

    def delete(self, pk: str, sk: str) -> None:
        self._cut(lambda: super(CutStore, self).delete(pk, sk))

    def _cut(self, write: Callable[[], None]) -> None:
        self.at -= 1
        if self.at == -1 and not self.after:
            raise Cut
        write()
        if self.at == -1:
            raise Cut


def changing(town: Town) -> list[dict[str, Any]]:
    """A name that is given up, another that becomes like somebody's, an identifier that comes to be shared."""
    town.know(contact(1), PHONE, name="Hanako Shoji")
    town.know(chat(2), name="Hanako Shoji")
    town.match()
    town.know(contact(1), PHONE, at="2026-11-21T09:00:00.000Z", name="Ken Mori")
    town.know(chat(3), name="モリ ケン")
    town.know(contact(4), PHONE, name="Emi Mori")
    return town.announced()


def outcome(town: Town) -> list[tuple[str, str, str]]:
    return [(item.pk, item.sk, json.dumps(item.body, sort_keys=True)) for item in derived(town.store)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_at_any_write_and_run_again_the_outcome_is_the_same(after: bool) -> None:
    whole = Town()
    whole.match(*changing(whole))
    for at in itertools.count():
        town = Town(CutStore())
        events = changing(town)
        assert isinstance(town.store, CutStore)
        town.store.at, town.store.after = at, after
        body = {"Records": [{"messageId": str(number), "body": json.dumps(one)} for number, one in enumerate(events)]}
        stopped = handler(body, None, town.hub)["batchItemFailures"]
        town.match(*events)
        assert outcome(town) == outcome(whole)
        if not stopped:
            break
    assert at > 40
