"""A number is somebody's for a time: who held it when, the same for any order of what is known."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.holding import Holder, Segment, place, segments
from hub.domain.identity import END, START

CRM = ("record", "hubspot1", "contact")
OTHER_CRM = ("record", "salesforce1", "contact")
CHAT = ("whatsapp_user_id", "portfolio", "")


def holder(name: str, since: str = START, until: str = END, **more: Any) -> Holder:
    slot = more.pop("slot", CRM)
    return Holder(name, slot[0] if slot else "email", more.pop("group", name), slot, since, until, **more)


def joined(found: tuple[Segment, ...]) -> list[tuple[str, str, set[str]]]:
    return [(one.since, one.until, set(one.joined)) for one in found]


def test_an_identifier_of_one_holder_is_theirs_always_also_before_it_was_typed_in() -> None:
    assert joined(segments([holder("a", "3")])) == [(START, END, {"a"})]


def test_a_number_that_one_gave_up_and_another_took_is_each_ones_for_their_time_and_the_gap_is_the_next_ones() -> None:
    found = segments([holder("a", "1", "5"), holder("b", "8")])
    assert joined(found) == [(START, "5", {"a"}), ("5", END, {"b"})]


def test_what_was_given_up_and_taken_by_nobody_is_nobodys_since() -> None:
    assert joined(segments([holder("a", "1", "5")])) == [(START, "5", {"a"}), ("5", END, set())]


def test_two_who_hold_it_at_once_share_it_also_before_the_second_came_but_not_after_the_first_left() -> None:
    found = segments([holder("a", "1", "5"), holder("b", "3")])
    assert joined(found) == [(START, "5", set()), ("5", END, {"b"})]
    assert found[0].apart == {"a", "b"}


def test_who_shared_it_later_is_not_told_by_it_earlier_either() -> None:
    """Whoever is alone with a switchboard's number at first is so only until the next contact is typed in."""
    found = segments([holder("a", "3"), holder("b", "1", "2"), holder("c", "5")])
    assert joined(found) == [(START, "2", {"b"}), ("2", END, set())]


def test_two_records_of_two_crms_hold_it_together() -> None:
    found = segments([holder("a", "1"), holder("b", "3", slot=OTHER_CRM)])
    assert {name for one in found for name in one.joined} == {"a", "b"}
    assert not any(one.apart for one in found)


def test_where_contacts_share_it_a_chat_user_still_has_it() -> None:
    found = segments([holder("a"), holder("b"), holder("c", slot=CHAT)])
    assert found[-1].joined == {"c"}
    assert found[-1].crowded == {"record"}


def test_two_records_known_to_be_one_person_do_not_share_it_with_each_other() -> None:
    found = segments([holder("a", group="a"), holder("b", group="a")])
    assert found[-1].joined == {"a", "b"}


def test_a_deleted_record_counts_only_where_nobody_else_is_left() -> None:
    assert segments([holder("a", dead=True), holder("b")])[-1].joined == {"b"}
    assert segments([holder("a", dead=True), holder("b")])[-1].apart == {"a"}
    assert segments([holder("a", dead=True)])[-1].joined == {"a"}


def test_an_announced_change_ends_what_anybody_held_before() -> None:
    found = segments([holder("a", "1"), holder("c", "6", slot=CHAT)], cuts=["5"])
    assert joined(found) == [(START, "5", {"a"}), ("5", END, {"c"})]
    assert joined(segments([holder("c", "6")], cuts=["5"])) == [(START, "5", set()), ("5", END, {"c"})]


def test_of_two_whom_a_person_keeps_apart_neither_is_told_by_what_both_hold() -> None:
    found = segments(
        [holder("a"), holder("b", slot=OTHER_CRM), holder("c", slot=CHAT)], strangers=frozenset({frozenset({"a", "b"})})
    )
    assert found[-1].joined == {"c"}
    assert found[-1].apart == {"a", "b"}


def test_an_own_number_joins_nobody() -> None:
    found = segments([holder("a"), holder("m", slot=None, moments=(("3", False),))], joins_nobody=True)
    assert [one.joined for one in found] == [frozenset()] * len(found)
    assert found[-1].apart == {"a", "m"}


def test_what_was_named_together_belongs_to_the_time_when_it_was() -> None:
    found = segments([holder("a", "1", "5"), holder("b", "8"), holder("m", slot=None, moments=(("3", False),))])
    assert [set(one.joined) for one in found] == [{"a", "m"}, {"b"}]


def test_just_before_a_change_is_the_stretch_before_it() -> None:
    found = segments([holder("a", "1", "5")])
    assert [place(found, moment) for moment in (("5", False), ("5", True), ("4", False), (END, False))] == [1, 0, 0, 1]


def test_two_records_of_one_person_lose_a_number_to_a_stranger_also_for_the_time_before() -> None:
    """The stranger's hold begins where a duplicate's ended; the other duplicate held it through."""
    found = segments([holder("z", "1", "4", group="x"), holder("x", "2", group="x"), holder("y", "6")])
    assert joined(found) == [(START, "4", set()), ("4", END, set())]


times = st.sampled_from("123456789")
holders = st.builds(
    lambda name, slot, span, dead: holder(name, *span, slot=slot, dead=dead),
    st.sampled_from("abcdefgh"),
    st.sampled_from([CRM, OTHER_CRM, CHAT]),
    st.tuples(times, times | st.just(END)).filter(lambda span: span[0] < span[1]),
    st.booleans(),
)


@given(st.lists(holders, unique_by=lambda one: one.persona), st.sets(times), st.randoms())
def test_the_stretches_cover_all_time_without_a_gap_and_do_not_depend_on_the_order(
    several: list[Holder], cuts: set[str], random: Any
) -> None:
    found = segments(several, cuts)
    assert (found[0].since, found[-1].until) == (START, END)
    assert all(one.until == other.since for one, other in itertools.pairwise(found))
    random.shuffle(several)
    assert segments(several, cuts) == found


@given(st.lists(holders, unique_by=lambda one: one.persona), st.sets(times))
def test_never_are_two_of_one_slot_joined_at_once(several: list[Holder], cuts: set[str]) -> None:
    slots = {one.persona: one.slot for one in several}
    for one in segments(several, cuts):
        filled = [slots[name] for name in one.joined]
        assert len(filled) == len(set(filled))
