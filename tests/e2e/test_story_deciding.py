"""The second chapter on the deployed stack: people decide who is who through the API, and take it back."""

from __future__ import annotations

import pytest

from infra.local.story.deciding import Deciding, new_deciding
from infra.local.story.outcome import settle, waiting
from infra.local.story.stage import Stage
from infra.local.story.telling import new_telling

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PROMISES = [
    "a switchboard's number joins nobody, and finds both",
    "and is listed for a person to decide",
    "a look-alike is suggested, with its reasons",
    "her conversation is in the inbox",
    "merged, both are one customer with one timeline",
    "taken back, each is as if there had been no merge",
    "as of an earlier time she has her old title",
]


@pytest.fixture(scope="module")
def decided(stage: Stage) -> Deciding:
    """The chapter, told once to its end."""
    deciding = new_deciding(stage, 2, new_telling(stage, 2).person.began_at_ms)
    for _title, lines in deciding.steps():
        list(lines)
    settle(stage.place)
    return deciding


@pytest.mark.parametrize("promise", PROMISES)
def test_the_promise_is_kept(decided: Deciding, promise: str) -> None:
    assert decided.kept[promise]


def test_every_promise_is_looked_at(decided: Deciding) -> None:
    assert set(decided.kept) == set(PROMISES)


def test_nobody_was_given_up(stage: Stage, decided: Deciding) -> None:
    assert waiting(stage.place, dead=True) == 0


def test_who_decided_what_and_why_is_kept(stage: Stage, decided: Deciding) -> None:
    told = stage.operator.get(f"/v1/customers/{decided.contact}/decisions")["decisions"]
    assert [(one["verdict"], one["why"]) for one in told if one["other"]] == [
        ("none", "It was her sister."),
        ("same", "She said so on the phone."),
    ]
