"""Claims fold to the same for any order, copies and grouping, under every policy; so does the choice among records."""

from __future__ import annotations

from random import Random
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.domain.criteria import Policy, Word
from hub.domain.customers import POLICY, choose_fields, fold_claims
from hub.domain.registers import MOST_APPENDED, joined, registers_of

WORDS = get_args(Word)
STAGES = ("lead", "opportunity", "customer")
CONSENT = ("denied", "unknown", "granted")
ORDERS: dict[str, tuple[str, ...]] = {
    "owner": ("salesforce", "c2"),
    "most_restrictive": CONSENT,
    "monotonic": STAGES,
}
SAID = (None, "", "lead", "Customer", "customer", "opportunity", "denied", "granted", "perhaps", "unknown")
patient = settings(max_examples=60, deadline=None)
every_policy = pytest.mark.parametrize("word", WORDS)


def policies(word: Word) -> dict[str, Policy]:
    return {"field": Policy(word, ORDERS.get(word, ()))}


def claims() -> st.SearchStrategy[list[dict[str, Any]]]:
    times = st.integers(1, 5).map(lambda day: f"2026-05-0{day}T00:00:00.000Z") | st.just("")
    one = st.fixed_dictionaries(
        {
            "field": st.just("field"),
            "value": st.sampled_from(SAID),
            "at": times,
            "precision": st.sampled_from(["field", "row"]),
        }
    )
    return st.lists(one, min_size=1, max_size=7)


def records() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Records without twins; their claims are not folded yet."""
    one = st.fixed_dictionaries(
        {
            "connection": st.sampled_from(["c1", "c2", "c3"]),
            "object": st.sampled_from(["contact", "lead", "profile"]),
            "id": st.sampled_from(["1", "2"]),
            "claims": claims(),
        }
    )
    return st.lists(one, min_size=1, max_size=6, unique_by=lambda it: (it["connection"], it["object"], it["id"]))


def folded(record: dict[str, Any], word: Word) -> dict[str, Any]:
    platform = {"c1": "hubspot", "c2": "salesforce", "c3": "hubspot"}[record["connection"]]
    return {**record, "platform": platform, "fields": fold_claims({}, record["claims"], policies(word))}


def chosen(found: list[dict[str, Any]], word: Word) -> dict[str, Any]:
    """The field as chosen; nothing where all that was ever seen of it is that it is empty."""
    found_fields = choose_fields([folded(one, word) for one in found], (), policies(word))
    return found_fields.get("field", {"value": None, "claims": []})


@every_policy
@patient
@given(said=claims(), random=st.randoms(use_true_random=False))
def test_any_order_and_any_copies_of_claims_fold_to_the_same(word: Word, said: list[Any], random: Random) -> None:
    again = said + random.choices(said, k=len(said))
    random.shuffle(again)
    assert fold_claims({}, again, policies(word)) == fold_claims({}, said, policies(word))


@every_policy
@patient
@given(said=claims(), more=claims(), most=claims())
def test_any_grouping_of_claims_joins_to_the_same(
    word: Word, said: list[Any], more: list[Any], most: list[Any]
) -> None:
    policy = policies(word)["field"]
    one, two, three = (fold_claims({}, each, policies(word))["field"] for each in (said, more, most))
    left = joined(policy, joined(policy, one, two), three)
    assert left == joined(policy, one, joined(policy, two, three))
    assert left == fold_claims({}, said + more + most, policies(word))["field"]
    assert joined(policy, one, two) == joined(policy, two, one)
    assert joined(policy, left, one) == left


@every_policy
@patient
@given(found=records(), random=st.randoms(use_true_random=False))
def test_the_choice_is_the_same_for_any_order_of_records_and_of_their_claims(
    word: Word, found: list[Any], random: Random
) -> None:
    shuffled = [{**one, "claims": random.sample(one["claims"], len(one["claims"]))} for one in found]
    random.shuffle(shuffled)
    expected, actual = chosen(found, word), chosen(shuffled, word)
    for one in (expected, actual):
        one["claims"] = [{**claim, "source": dict(claim["source"])} for claim in one["claims"]]
    assert actual == expected


@every_policy
@patient
@given(found=records())
def test_the_winner_is_one_of_the_claims_and_every_claim_says_why(word: Word, found: list[Any]) -> None:
    field = chosen(found, word)
    assume(field["claims"])
    assert field["claims"][0]["value"] == field["value"]
    assert field["rule"] == field["claims"][0]["rule"]
    assert all(claim["rule"]["word"] and claim["rule"]["sentence"].endswith(".") for claim in field["claims"])
    agreeing = [claim for claim in field["claims"][1:] if claim["rule"]["word"] == "agrees"]
    assert all((claim["value"] == field["value"]) == (claim in agreeing) for claim in field["claims"][1:])


@every_policy
@patient
@given(found=records())
def test_no_sentence_repeats_what_was_said(word: Word, found: list[Any]) -> None:
    secret = [
        {**one, "claims": [{**claim, "value": claim["value"] and f"§{claim['value']}"} for claim in one["claims"]]}
        for one in found
    ]
    assert all("§" not in claim["rule"]["sentence"] for claim in chosen(secret, word)["claims"])


@patient
@given(found=records())
def test_a_stage_never_runs_backwards_whatever_is_said_later(found: list[Any]) -> None:
    spoken = [one for one in found if one["object"] != "profile"]
    stages = [claim["value"].lower() for one in spoken for claim in one["claims"] if claim["value"]]
    reached = [stage for stage in STAGES if stage in stages]
    if reached:
        assert chosen(found, "monotonic")["value"].lower() == reached[-1]


@patient
@given(found=records())
def test_nothing_is_granted_that_any_record_denies(found: list[Any]) -> None:
    field = chosen(found, "most_restrictive")
    values = {claim["value"] for claim in field["claims"] if claim["source"]["object"] != "profile"}
    assert ("denied" in values) == (field["value"] == "denied" and field["source"]["object"] != "profile")


def test_what_is_appended_ends_at_the_latest_fifty_for_any_order() -> None:
    said = [{"value": f"v{n}", "at": f"2026-05-01T00:00:{n % 60:02}.000Z"} for n in range(91)]
    policy = Policy("append")
    ends: list[dict[str, Any]] = []
    for seed in range(20):
        Random(seed).shuffle(said)
        end: dict[str, Any] = {}
        for one in said:
            end = joined(policy, end, registers_of(policy, one))
        ends.append(end)
    assert all(one == ends[0] for one in ends)
    assert len(ends[0]["all"]) == MOST_APPENDED


def test_every_field_with_a_policy_has_one_that_is_known() -> None:
    assert {policy.word for policy in POLICY.values()} <= set(WORDS)
