"""What of a field was claimed, what is held and what was ours follows from what was seen, whatever order it came in."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.criteria import LAST_WRITER
from hub.domain.registers import joined, registers_of
from hub.domain.told import MOST_SEEN, alike, join_seen, note, settled, told

DAY = "2026-05-01T10:00:"


def at(second: float) -> str:
    return f"{DAY}{second:06.3f}Z"


def field(*sights: tuple[float, str | None, str], wrote: dict[str, Any] | None = None) -> dict[str, Any]:
    """Registers of (second, value, "f" or "r"), in that order of arrival."""
    registers: dict[str, Any] = {"wrote": wrote} if wrote else {}
    for second, value, how in sights:
        claim = {"value": value, "at": at(second), "precision": "field" if how == "f" else "row"}
        registers = joined(LAST_WRITER, registers, registers_of(LAST_WRITER, claim))
    return registers


def wrote(second: float, value: str | None, **more: Any) -> dict[str, Any]:
    return {at(second): {"value": value, "of": at(0), "from": {"connection": "c2"}, **more}}


def claimed(registers: dict[str, Any]) -> tuple[str | None, str] | None:
    claim = told(registers).claim
    return None if claim is None else (claim.value, claim.at)


def test_a_row_that_shows_what_was_held_is_no_claim() -> None:
    registers = field((1, "a", "r"), (5, "a", "r"), (9, "a", "r"))
    assert claimed(registers) == ("a", at(1))
    assert claimed(field((1, "a", "f"), (5, "a", "r"))) == ("a", at(1))


def test_a_row_that_shows_something_else_is_a_claim_since_it_was_seen_first() -> None:
    registers = field((1, "a", "r"), (5, "b", "r"), (9, "b", "r"))
    assert claimed(registers) == ("b", at(5))


def test_a_row_that_comes_late_tells_that_a_value_had_been_left_in_between() -> None:
    registers = field((9, "a", "r"), (1, "a", "r"), (5, "b", "r"))
    assert claimed(registers) == ("a", at(9))


def test_a_row_that_is_empty_from_the_start_says_nothing_and_one_that_was_emptied_does() -> None:
    assert claimed(field((1, None, "r"))) is None
    assert claimed(field((1, "a", "r"), (5, None, "r"))) == (None, at(5))
    assert claimed(field((5, None, "f"))) == (None, at(5))


def test_the_echo_of_what_we_wrote_is_held_and_no_claim() -> None:
    found = told(field((1, "a", "f"), (20.4, "b", "f"), wrote=wrote(20, "b")))
    assert found.claim is not None and found.claim.value == "a"
    assert found.held is not None and found.held.value == "b"
    assert found.ours is not None and found.ours["of"] == at(0)


def test_a_writing_answers_for_one_echo_only() -> None:
    """Somebody changes it and changes it back: the second time it is their word."""
    seen = ((20.4, "b", "f"), (30, "c", "f"), (40, "b", "f"))
    assert claimed(field(*seen, wrote=wrote(20, "b"))) == ("b", at(40))


def test_an_echo_that_never_came_does_not_swallow_what_somebody_says_after_saying_something_else() -> None:
    assert claimed(field((30, "c", "f"), (40, "b", "f"), wrote=wrote(20, "b"))) == ("b", at(40))


def test_what_was_known_before_the_writing_is_no_echo_of_it() -> None:
    before = field((18, "b", "f"), (19, "c", "f"))
    again = {at(20): {**wrote(20, "b")[at(20)], **note(before, "b")}}
    assert claimed({**before, "wrote": again}) == ("c", at(19))
    after = field((18, "b", "f"), (19, "c", "f"), (20.3, "b", "f"), wrote=again)
    assert claimed(after) == ("c", at(19))
    assert told(after).ours is not None


def test_the_platforms_own_form_of_what_we_wrote_is_our_echo_once_it_was_read_back() -> None:
    written = wrote(20, "Head of Sales")
    written[at(20)] |= settled({"value": "HEAD OF SALES (JP)", "at": at(20.5), "precision": "row"})
    found = told(field((1, "a", "f"), (20.5, "HEAD OF SALES (JP)", "r"), wrote=written))
    assert found.ours is not None
    assert claimed(field((1, "a", "f"), (20.5, "HEAD OF SALES (JP)", "r"), wrote=wrote(20, "Head of Sales"))) == (
        "HEAD OF SALES (JP)",
        at(20.5),
    )


def test_one_writing_has_an_echo_as_a_field_and_one_as_a_row() -> None:
    found = told(field((1, "a", "f"), (20, "b", "r"), (20.4, "b", "f"), wrote=wrote(20, "b")))
    assert found.ours is not None
    assert found.claim is not None and found.claim.value == "a"


def test_somebody_who_changes_back_what_we_wrote_is_a_flip() -> None:
    notes = wrote(10, "b") | wrote(30, "b")
    seen = ((1, "a", "f"), (10.2, "b", "f"), (20, "a", "f"), (30.2, "b", "f"), (40, "a", "f"))
    assert told(field(*seen, wrote=notes)).flips == (at(20), at(40))


def test_what_was_imported_is_marked_until_it_is_seen_live() -> None:
    imported = {"value": "a", "at": at(1), "precision": "row", "imported": True}
    registers = registers_of(LAST_WRITER, imported)
    first = told(registers).claim
    assert first is not None and first.imported
    live = joined(LAST_WRITER, registers, registers_of(LAST_WRITER, {**imported, "imported": False}))
    again = told(live).claim
    assert again is not None and not again.imported


def test_a_phone_written_the_platforms_way_is_alike_and_another_number_is_not() -> None:
    assert alike("+81 3-1234-5678", "+81312345678")
    assert alike("  Head  of Sales", "head of sales")
    assert not alike("+81312345678", "+81312345679")
    assert not alike("12", "1 2")
    assert alike(None, "")


sights = st.lists(
    st.tuples(st.integers(1, 59), st.sampled_from(["a", "b", "c", None]), st.sampled_from("fr")),
    min_size=1,
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(
    seen=sights, notes=st.lists(st.tuples(st.integers(1, 59), st.sampled_from("abc")), max_size=4), seed=st.integers()
)
def test_any_order_and_any_copies_of_what_was_seen_tell_the_same(
    seen: list[tuple[int, str | None, str]], notes: list[tuple[int, str]], seed: int
) -> None:
    written = {key: one for second, value in notes for key, one in wrote(second, value).items()}
    again = seen + Random(seed).choices(seen, k=3)
    Random(seed).shuffle(again)
    assert told(field(*again, wrote=written)) == told(field(*seen, wrote=written))


@settings(max_examples=200, deadline=None)
@given(seen=sights)
def test_the_latest_sight_is_held_and_the_claim_is_one_of_the_sights(seen: list[tuple[int, str | None, str]]) -> None:
    found = told(field(*seen))
    last = max(second for second, _, _ in seen)
    assert found.held is None or found.held.value in {value for second, value, _ in seen}
    assert found.held is not None or {value for _, value, _ in seen} == {None}
    if found.claim is not None:
        assert (found.claim.at, found.claim.value) in {(at(second), value) for second, value, _ in seen}
    shown = {value for second, value, _ in seen if second == last}
    if found.held is not None:
        assert found.held.value in shown


def test_of_many_sights_the_latest_are_kept_and_since_when_the_value_is_held() -> None:
    register: dict[str, Any] = {f"{at(1)}|r": "a"}
    for second in range(2, 40):
        register = join_seen(register, {f"{at(second)}|r": "b"})
    assert len(register) == MOST_SEEN
    assert claimed({"seen": register}) == ("b", at(2))
