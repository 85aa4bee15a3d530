"""Codecs: what each value means in our words and the platform's, what is held, what is the same."""

from __future__ import annotations

from typing import Any

import pytest

from hub.codec import Unfit
from hub.codecs import CODECS, codec_of
from hub.field_rules import BrokenRule, Rule
from tests.harness.codec_truths import READ, SAME, UNFIT, UNWRITTEN, WRITTEN, rule_for
from tests.harness.field_values import OWNERS, given_beside


@pytest.mark.parametrize(("codec", "theirs", "ours"), READ)
def test_what_the_platform_writes_means_this_in_our_words(codec: str, theirs: Any, ours: str | None) -> None:
    found = codec_of(rule_for(codec))
    assert found.read(theirs, *given_beside(found)) == ours


@pytest.mark.parametrize(("codec", "ours", "theirs"), WRITTEN)
def test_our_value_is_written_like_this(codec: str, ours: str, theirs: Any) -> None:
    found = codec_of(rule_for(codec))
    written = found.write(ours, OWNERS) if found.given == "owners" else found.write(ours)
    assert (type(written), written) == (type(theirs), theirs)


@pytest.mark.parametrize(("codec", "theirs"), UNFIT)
def test_what_means_nothing_to_us_is_held_with_a_reason_that_does_not_repeat_it(codec: str, theirs: Any) -> None:
    found = codec_of(rule_for(codec))
    with pytest.raises(Unfit) as held:
        found.read(theirs, *given_beside(found))
    assert len(str(held.value).split()) > 3
    assert str(theirs) not in str(held.value)


@pytest.mark.parametrize(("codec", "ours"), UNWRITTEN)
def test_what_the_platform_could_not_hold_is_not_written(codec: str, ours: str) -> None:
    found = codec_of(rule_for(codec))
    with pytest.raises(Unfit):
        found.write(ours, *([OWNERS] if found.given == "owners" else []))


@pytest.mark.parametrize(("codec", "one", "other", "same"), SAME)
def test_two_of_our_values_are_the_same_to_the_platform_or_not(codec: str, one: str, other: str, same: bool) -> None:
    found = codec_of(rule_for(codec))
    assert (found.same(one, other), found.same(other, one)) == (same, same)


def test_every_codec_has_truths_to_be_held_to() -> None:
    assert {row[0] for row in READ} == {row[0] for row in WRITTEN} == CODECS.keys()


def test_owners_are_unknown_where_nobody_gave_them() -> None:
    with pytest.raises(Unfit, match="users of the account"):
        codec_of(rule_for("owner")).read("101", None)


def test_money_without_a_currency_is_the_amount_alone() -> None:
    money = codec_of(rule_for("money"))
    assert (money.read("5.00", None), money.write("5")) == ("5", (5, None))


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (Rule("a", "b", "telepathy"), "unknown codec"),
        (Rule("a", "b", "money"), "currency"),
        (Rule("a", "b", "text", currency="c"), "currency"),
    ],
)
def test_a_line_that_lacks_what_its_codec_needs_is_refused(rule: Rule, why: str) -> None:
    with pytest.raises(BrokenRule, match=why):
        codec_of(rule)
