"""Policies of fields that administrators choose: checked, remembered with every change, in force within a minute."""

from __future__ import annotations

import pytest

from hub.decisions import Decision
from hub.domain.criteria import Policy
from hub.domain.customers import POLICY
from hub.errors import Retry
from hub.field_policies import MOST_FIELDS, changes, choose, chosen, field_policies, wrong_policy
from hub.memory import FakeClock, MemoryStore
from hub.ports import Item

OWNER = Policy("owner", ("salesforce", "hubspot"))


def decision(number: int) -> Decision:
    return Decision(f"d{number}", "someone", f"2026-11-23T03:00:0{number}.000Z", "because")


def test_without_a_choice_the_hubs_own_policies_are_in_force() -> None:
    assert chosen(MemoryStore()) == (0, POLICY)


def test_a_choice_is_in_force_and_taken_back_and_both_are_remembered() -> None:
    table = MemoryStore()
    assert choose(table, "title", OWNER, decision(1)) == 1
    assert chosen(table) == (1, {**POLICY, "title": OWNER})
    choose(table, "email", Policy("last_writer"), decision(2))
    choose(table, "title", None, decision(3))
    assert chosen(table) == (3, {**POLICY, "email": Policy("last_writer")})
    found, following = changes(table, 2, None)
    assert [(one.number, one.field, one.policy) for one in found] == [
        (3, "title", None),
        (2, "email", Policy("last_writer")),
    ]
    assert [one.policy for one in changes(table, 2, following)[0]] == [OWNER]
    assert found[0].said == {"by": "someone", "at": "2026-11-23T03:00:03.000Z", "why": "because"}


def test_the_same_decision_twice_is_one_change() -> None:
    table = MemoryStore()
    assert choose(table, "title", OWNER, decision(1)) == choose(table, "title", OWNER, decision(1)) == 1
    assert len(changes(table, 10, None)[0]) == 1


def test_a_choice_is_known_everywhere_within_a_minute_and_not_read_each_time() -> None:
    table, clock = MemoryStore(), FakeClock()
    assert field_policies(table, clock) == POLICY
    choose(table, "title", OWNER, decision(1))
    assert field_policies(table, clock) == POLICY
    clock.sleep(61)
    assert field_policies(table, clock)["title"] == OWNER


class Failing(MemoryStore):
    """A table that can be switched off."""

    off = False

    def get(self, pk: str, sk: str) -> Item | None:
        if self.off:
            raise Retry("the table is away")
        return super().get(pk, sk)


def test_while_the_table_is_away_what_was_known_goes_on() -> None:
    table, clock = Failing(), FakeClock()
    choose(table, "title", OWNER, decision(1))
    assert field_policies(table, clock)["title"] == OWNER
    table.off = True
    clock.sleep(300)
    assert field_policies(table, clock)["title"] == OWNER
    clock.sleep(900)
    with pytest.raises(Retry):
        field_policies(table, clock)


def test_there_is_a_bound_on_choices() -> None:
    table = MemoryStore()
    fields = {f"x_{number}": {"word": "append", "order": []} for number in range(MOST_FIELDS)}
    table.put(Item("POLICIES", "POLICIES", {"number": 1, "fields": fields, "by": ""}))
    choose(table, "x_1", OWNER, decision(1))
    with pytest.raises(ValueError, match="too many"):
        choose(table, "title", OWNER, decision(2))


@pytest.mark.parametrize(
    ("field", "policy", "sentence"),
    [
        ("Title!", Policy("append"), "This is no name of a field."),
        (
            "title",
            Policy("owner"),
            "The policy owner needs an order: connections or platforms, the first of which wins.",
        ),
        ("title", Policy("monotonic"), "The policy monotonic needs an order: stages, the first comes first."),
        ("title", Policy("append", ("a",)), "The policy append has no order."),
        ("title", Policy("owner", ("a", "a")), "An order names at most 50, each once."),
        ("title", Policy("owner", ("nowhere",)), "The order names no connection or platform that is known."),
        ("title", Policy("monotonic", ("Sales Lead",)), "The order is written in small letters and digits only."),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_in_a_sentence(field: str, policy: Policy, sentence: str) -> None:
    assert wrong_policy(field, policy, {"salesforce", "hubspot"}) == sentence


@pytest.mark.parametrize(
    ("field", "policy"),
    [
        ("title", OWNER),
        ("x_size", Policy("last_writer")),
        ("consent_*", Policy("most_restrictive", ("denied", "unknown", "granted"))),
        ("lifecycle", Policy("monotonic", ("見込み客", "kunde1"))),
    ],
)
def test_a_policy_that_can_be_used_is_accepted(field: str, policy: Policy) -> None:
    assert wrong_policy(field, policy, {"salesforce", "hubspot"}) is None
