"""The laws of every codec, and that a codec with a well-known mistake breaks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.codec import Codec, Unfit
from hub.codecs import CODECS, codec_of
from tests.harness.codec_truths import READ, SAME, UNFIT, UNWRITTEN, WRITTEN, rule_for
from tests.harness.field_values import OURS, OWNERS, THEIRS, check_read, check_written, given_beside
from tests.harness.mutants_codecs import mutants

Row: TypeAlias = tuple[Any, ...]
QUICK = settings(
    max_examples=200, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_what_we_write_and_read_back_is_what_we_wrote(name: str, data: st.DataObject) -> None:
    check_written(codec_of(rule_for(name)), data.draw(OURS[name](rule_for(name))))


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_what_we_read_and_write_back_unchanged_is_the_same_to_the_platform(name: str, data: st.DataObject) -> None:
    check_read(codec_of(rule_for(name)), data.draw(THEIRS[name](rule_for(name))))


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_a_value_is_the_same_as_itself_and_sameness_has_no_direction(name: str, data: st.DataObject) -> None:
    codec, values = codec_of(rule_for(name)), OURS[name](rule_for(name))
    one, other = data.draw(values), data.draw(values)
    assert codec.same(one, one)
    assert codec.same(one, other) == codec.same(other, one)


@pytest.mark.parametrize("mistake", mutants())
def test_a_mistake_in_a_codec_is_noticed(mistake: str) -> None:
    name, wrong = mutants()[mistake]
    assert _breaks(name, wrong), "neither a law nor a truth noticed it"


@pytest.mark.parametrize("name", CODECS)
def test_the_codecs_without_a_mistake_break_nothing(name: str) -> None:
    assert not _breaks(name, codec_of(rule_for(name)))


def _breaks(name: str, codec: Codec) -> bool:
    """Whether a truth or a law does not hold for it; a codec that fails on a value does not hold either."""

    @QUICK
    @given(ours=OURS[name](rule_for(name)), theirs=THEIRS[name](rule_for(name)))
    def laws(ours: str, theirs: object) -> None:
        check_written(codec, ours)
        check_read(codec, theirs)

    try:
        _truths(name, codec)
        laws()
    except (AssertionError, ValueError, TypeError, IndexError):
        return True
    return False


def _truths(name: str, codec: Codec) -> None:
    beside = [OWNERS] if codec.given == "owners" else []
    for _name, theirs, ours in _about(name, READ):
        assert codec.read(theirs, *given_beside(codec)) == ours
    for _name, ours, theirs in _about(name, WRITTEN):
        assert codec.write(ours, *beside) == theirs
    for _name, one, other, same in _about(name, SAME):
        assert codec.same(one, other) == same
    for _name, theirs in _about(name, UNFIT):
        assert _is_held(codec.read, theirs, *given_beside(codec))
    for _name, ours in _about(name, UNWRITTEN):
        assert _is_held(codec.write, ours, *beside)


def _is_held(convert: Callable[..., object], *given: object) -> bool:
    try:
        convert(*given)
    except Unfit:
        return True
    return False


def _about(name: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row[0] == name]
