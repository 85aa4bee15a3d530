"""Records and fields as of any time: what had been said by then, in any order of arrival, and nothing else."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.customer import Customer
from hub.decisions import Decision
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.domain.registers import claims_of
from hub.errors import Reject, Retry
from hub.history import fields_as_of, records_as_of, said_about
from hub.memory_store import MemoryStore
from hub.pins import pin, release
from hub.ports import Item, Page
from hub.records import RecordStore

CONTACT = Identifier(kind="record", scope="hs", value="contact:1")
OTHER = Identifier(kind="record", scope="sf", value="contact:2")
PHONE = Identifier(kind="phone", value="+819012340001")
D1, D2, D3, D4, D5 = (f"2026-05-0{day}T00:00:00.000Z" for day in range(1, 6))
NEVER, ALWAYS = "2026-04-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"


def hub(store: MemoryStore | None = None) -> Directory:
    who = Directory(store or MemoryStore(), b"k" * 32)
    who.attach([CONTACT, PHONE], reason="test", event="e1", at=D1)
    return who


def change(field: str, value: str | None, at: str, precision: str = "field", **more: Any) -> dict[str, Any]:
    claim = {"field": field, "value": value, "at": at, "precision": precision}
    return {"object": "contact", "id": "1", "at": at, "claims": [claim], **more}


def life(word: str, at: str) -> dict[str, Any]:
    return {"object": "contact", "id": "1", "at": at, "claims": [], "change": word}


def name(value: str, day: str) -> dict[str, Any]:
    """A chat profile's name, as it comes with a message of that day."""
    claim = {"field": "name", "value": value, "at": day, "precision": "row"}
    return {"object": "profile", "id": "", "at": day.replace("T00", "T09"), "claims": [claim]}


def fold(who: Directory, *changes: dict[str, Any], of: Identifier = CONTACT) -> None:
    for one in changes:
        record = PHONE if one["object"] == "profile" else of
        RecordStore(who.store, who.hashed).fold(record, of.scope, "hubspot", one)


def customer(who: Directory) -> Customer:
    found = who.customer(who.persona_id(PHONE))
    assert found is not None
    return found


def value(who: Directory, field: str, at: str) -> Any:
    return fields_as_of(who.store, customer(who), at).get(field, {"value": None})["value"]


def kept(who: Directory) -> list[Item]:
    assert isinstance(who.store, MemoryStore)
    return [item for item in who.store.everything() if item.pk.startswith("H#")]


CHANGES = [
    change("title", "Buyer", D1),
    change("title", "Head buyer", D3),
    change("title", None, D4),
    change("lifecycle", "customer", D2),
    change("lifecycle", "lead", D3),
    life("deleted", D4),
    life("restored", D5),
]


def test_a_field_as_of_a_time_is_what_had_been_said_by_then() -> None:
    who = hub()
    fold(who, *CHANGES[:3])
    assert [value(who, "title", at) for at in (NEVER, D1, D2, D3, D4, ALWAYS)] == [
        None,
        "Buyer",
        "Buyer",
        "Head buyer",
        None,
        None,
    ]


def test_a_record_as_of_a_time_was_deleted_or_not() -> None:
    who = hub()
    fold(who, CHANGES[0], *CHANGES[5:])
    deleted = [
        [one["deleted"] for one in records_as_of(who.store, customer(who), at)] for at in (NEVER, D1, D3, D4, D5)
    ]
    assert deleted == [[], [False], [False], [True], [False]]


def test_a_lifecycle_as_of_a_time_had_not_yet_reached_what_came_later() -> None:
    who = hub()
    fold(who, change("lifecycle", "lead", D1), *CHANGES[3:5])
    assert [value(who, "lifecycle", at) for at in (D1, D2, D3, ALWAYS)] == ["lead", "customer", "customer", "customer"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_any_order_and_any_copies_of_changes_have_the_same_past(said: list[Any], random: Random) -> None:
    once, again = hub(), hub()
    fold(once, *said)
    shuffled = said * 2
    random.shuffle(shuffled)
    fold(again, *shuffled)
    for at in (NEVER, D1, D2, D3, D4, D5):
        expected = hub()
        fold(expected, *[one for one in said if one["at"] <= at])
        then = fields_as_of(again.store, customer(again), at)
        assert then == fields_as_of(once.store, customer(once), at) == customer(expected).fields


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=9))
def test_as_of_the_end_of_time_everything_is_as_it_is_now(said: list[Any]) -> None:
    who = hub()
    fold(who, *said)
    assert fields_as_of(who.store, customer(who), "~") == customer(who).fields
    assert records_as_of(who.store, customer(who), "~") == list(customer(who).records)


def test_running_a_change_again_writes_nothing() -> None:
    who = hub()
    fold(who, *CHANGES)
    before = len(who.store.changes)  # type: ignore[attr-defined]
    fold(who, *CHANGES)
    assert len(who.store.changes) == before  # type: ignore[attr-defined]
    assert len(kept(who)) == len(CHANGES)


class Stumbling(MemoryStore):
    """Fails once at the write with that number, counted from when `at` is set."""

    at = -1

    def put(self, item: Item) -> None:
        self.at -= 1
        if self.at == -1:
            raise Retry("a crash")
        super().put(item)


@pytest.mark.parametrize("number", [0, 1])
def test_a_crash_at_either_write_is_repaired_by_running_it_again(number: int) -> None:
    store = Stumbling()
    who = hub(store)
    fold(who, CHANGES[0])
    store.at = number
    with pytest.raises(Retry):
        fold(who, CHANGES[1])
    assert len(kept(who)) == 1 + number  # the history comes first
    fold(who, CHANGES[1])
    assert [value(who, "title", at) for at in (D1, D3)] == ["Buyer", "Head buyer"]
    assert customer(who).fields["title"]["value"] == "Head buyer"


def test_a_late_change_is_kept_though_the_record_does_not_change() -> None:
    who = hub()
    fold(who, CHANGES[1])
    (record,) = customer(who).records
    fold(who, CHANGES[0])
    (now,) = customer(who).records
    assert claims_of(now["fields"]["title"]) == claims_of(record["fields"]["title"])
    assert now["since"] < record["since"]
    assert value(who, "title", D2) == "Buyer"


def test_a_record_from_before_there_was_a_history_tells_what_it_still_knows() -> None:
    who = hub()
    fold(who, CHANGES[0], change("company", "Tea House", D3))
    for item in kept(who):
        who.store.delete(item.pk, item.sk)
    fold(who, CHANGES[2])
    assert [value(who, "company", at) for at in (D2, D3)] == [None, "Tea House"]
    assert value(who, "title", D1) is None


def test_no_value_is_a_plain_part_of_a_key() -> None:
    who = hub()
    fold(who, *CHANGES, name("Hanako", D1))
    keys = " ".join(f"{item.pk} {item.sk}" for item in kept(who))
    assert keys
    assert not any(word in keys for word in ("Buyer", "customer", "Hanako"))


class Counting(MemoryStore):
    """Remembers which partitions were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def query(self, pk: str, **how: Any) -> Page:
        self.read.append(pk)
        return super().query(pk, **how)


def test_reading_a_customer_does_not_read_the_history() -> None:
    store = Counting()
    who = hub(store)
    fold(who, *CHANGES)
    assert customer(who).fields
    assert not any(pk.startswith("H#") for pk in store.read)


def test_a_name_that_comes_with_every_message_is_kept_once() -> None:
    who = hub()
    for day in (D1, D1, D2, D3):
        fold(who, name("Hanako", day))
    assert len(kept(who)) == 1
    assert [value(who, "name", at) for at in (NEVER, D1, D3)] == [None, "Hanako", "Hanako"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_name_that_changed_and_changed_back_has_its_past_in_any_order(order: tuple[int, ...]) -> None:
    who = hub()
    said = [name("Hanako", D1), name("Hana", D2), name("Hanako", D4), name("Hanako", D5)]
    fold(who, *(said[number] for number in order))
    values = [value(who, "name", at) for at in (NEVER, D1, D2, D3, D5, "~")]
    assert values == [None, "Hanako", "Hana", "Hana", "Hanako", "Hanako"]
    assert fields_as_of(who.store, customer(who), "~") == customer(who).fields


def test_what_was_said_about_a_field_is_listed_once_for_each_change_and_source() -> None:
    who = hub()
    who.attach([OTHER, PHONE], reason="test", event="e2", at=D1)
    fold(who, CHANGES[0], change("title", "Buyer", D2), CHANGES[1])
    fold(who, change("title", "Buyer", D2, id="2"), of=OTHER)
    said = said_about(who.store, customer(who))["title"]
    assert [(one["value"], one["at"], one["source"]["connection"]) for one in said] == [
        ("Buyer", D1, "hs"),
        ("Buyer", D2, "sf"),
        ("Head buyer", D3, "hs"),
    ]


def decision(number: int, at: str) -> Decision:
    return Decision(f"d{number}", "aiko", at, "she said so")


def claimed(who: Directory, field: str, wanted: str) -> dict[str, Any]:
    return next(one for one in said_about(who.store, customer(who))[field] if one["value"] == wanted)


def test_a_pin_counts_from_when_it_was_set_until_it_was_released() -> None:
    who = hub()
    fold(who, CHANGES[0], change("title", "Head buyer", D2))
    pin(who.store, customer(who), "title", claimed(who, "title", "Buyer"), decision(1, D3))
    assert customer(who).fields["title"]["value"] == "Buyer"
    release(who.store, customer(who), "title", decision(2, D5))
    assert customer(who).fields["title"]["value"] == "Head buyer"
    assert [value(who, "title", at) for at in (D2, D3, D4, D5)] == ["Head buyer", "Buyer", "Buyer", "Head buyer"]


def test_a_decision_made_again_changes_nothing() -> None:
    who = hub()
    fold(who, CHANGES[0], CHANGES[1])
    for _ in range(2):
        pin(who.store, customer(who), "title", claimed(who, "title", "Buyer"), decision(1, D3))
    for _ in range(2):
        release(who.store, customer(who), "title", decision(2, D5))
    (known,) = customer(who).pins
    assert [one["id"] for one in known["history"]] == ["d1", "d2"]


def test_releasing_what_nobody_pinned_writes_nothing() -> None:
    who = hub()
    fold(who, CHANGES[0])
    release(who.store, customer(who), "title", decision(1, D3))
    assert customer(who).pins == ()


def test_nothing_is_no_value_to_pin() -> None:
    who = hub()
    fold(who, CHANGES[2])
    with pytest.raises(Reject):
        pin(who.store, customer(who), "title", claimed(who, "title", None), decision(1, D3))  # type: ignore[arg-type]


def test_after_an_unmerge_a_pin_stays_where_it_was_set_and_its_release_as_well() -> None:
    who = hub()
    other = Identifier(kind="phone", value="+819012340002")
    who.attach([OTHER, other], reason="test", event="e3", at=D1)
    fold(who, CHANGES[0], CHANGES[1])
    fold(who, change("title", "CEO", D4, id="2"), of=OTHER)
    pin(who.store, customer(who), "title", claimed(who, "title", "Buyer"), decision(1, D4))
    merged = who.supposing({frozenset({who.persona_id(CONTACT), who.persona_id(OTHER)}): "same"})
    together = merged.customer(who.persona_id(OTHER))
    assert together is not None
    assert together.fields["title"]["value"] == "Buyer"
    apart = who.customer(who.persona_id(OTHER))
    assert apart is not None
    assert apart.fields["title"]["value"] == "CEO"
    assert customer(who).fields["title"]["value"] == "Buyer"
    release(who.store, together, "title", decision(2, D5))
    assert customer(who).fields["title"]["value"] == "Head buyer"
