"""Each field is decided by its policy, and whoever loses is told why; a person's pin is above all of them."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.criteria import Policy
from hub.domain.customers import POLICY, choose_fields, fold_claims, policy_of

D1, D2, D3, D4 = (f"2026-05-0{day}T00:00:00.000Z" for day in (1, 2, 3, 4))
PLATFORMS = {"h": "hubspot", "s": "salesforce", "z": "zoho", "w": "whatsapp_cloud"}
Said = tuple[str | None, str]


def record(
    connection: str, *said: Said, field: str = "f", policy: Policy | None = None, precision: str = "field", **more: Any
) -> dict[str, Any]:
    claims = [{"field": field, "value": value, "at": at, "precision": precision} for value, at in said]
    fields = fold_claims({}, claims, {**POLICY, **({field: policy} if policy else {})})
    named = {"connection": connection, "platform": PLATFORMS[connection], "object": "contact", "id": "1"}
    return {**named, "fields": fields, **more}


def chosen(policy: Policy, *records: dict[str, Any]) -> dict[str, Any]:
    return choose_fields(records, (), {"f": policy})["f"]


def by(word: Any, *order: str) -> Any:
    policy = Policy(word, order)
    return policy, lambda connection, *said, **more: record(connection, *said, policy=policy, **more)


def rules(field: dict[str, Any]) -> list[tuple[str, str]]:
    return [(claim["source"]["connection"], claim["rule"]["word"]) for claim in field["claims"]]


def test_the_owner_named_first_wins_over_whoever_speaks_later() -> None:
    policy, of = by("owner", "salesforce", "h")
    field = chosen(policy, of("h", ("B", D3)), of("z", ("C", D4)), of("s", ("A", D1)))
    assert (field["value"], rules(field)) == ("A", [("s", "owner"), ("h", "owner"), ("z", "owner")])
    assert "comes first in the order stated" in field["rule"]["sentence"]


def test_where_the_owner_says_nothing_the_next_one_does() -> None:
    policy, of = by("owner", "s", "h")
    field = chosen(policy, of("h", ("B", D1)), of("z", ("C", D4)), of("s", (None, D3)))
    assert (field["value"], rules(field)) == ("B", [("h", "owner"), ("z", "owner"), ("s", "said")])


def test_the_last_writer_wins_even_with_an_empty_value() -> None:
    policy, of = by("last_writer")
    field = chosen(policy, of("h", ("B", D1)), of("s", (None, D3)))
    assert (field["value"], rules(field)) == (None, [("s", "latest"), ("h", "latest")])
    assert field["rule"]["sentence"] == f"salesforce said so last, at {D3}."


def test_of_two_at_the_same_instant_the_greater_connection_wins_and_says_that_it_was_a_tie() -> None:
    policy, of = by("last_writer")
    field = chosen(policy, of("s", ("A", D1)), of("h", ("B", D1)))
    assert (field["value"], rules(field)) == ("A", [("s", "tie"), ("h", "tie")])
    assert "order of ties" in field["rule"]["sentence"]


def test_of_those_who_agree_the_first_is_the_source_and_the_rule_names_both() -> None:
    policy, of = by("last_writer")
    field = chosen(policy, of("h", ("A", D1)), of("z", ("B", D2)), of("s", ("A", D3), precision="row"))
    assert rules(field) == [("h", "latest"), ("s", "agrees"), ("z", "latest")]
    assert field["rule"]["sentence"] == (f"salesforce said so last, at {D3}. hubspot was the first to say so, at {D1}.")


def test_where_all_agree_nobody_has_lost() -> None:
    policy, of = by("last_writer")
    field = chosen(policy, of("h", ("A", D1)), of("s", ("A", D3)))
    assert rules(field) == [("h", "agreed"), ("s", "agrees")]


def test_who_filled_it_in_first_keeps_it_and_may_correct_it() -> None:
    policy, of = by("fill_empty")
    field = chosen(policy, of("h", ("B", D2), ("B, corrected", D4)), of("s", ("A", D3)))
    assert (field["value"], rules(field)) == ("B, corrected", [("h", "first"), ("s", "first")])
    assert D2 in field["rule"]["sentence"]


def test_what_was_filled_in_first_and_emptied_is_filled_by_the_next() -> None:
    policy, of = by("fill_empty")
    field = chosen(policy, of("h", ("B", D1), (None, D4)), of("s", ("A", D3)))
    assert (field["value"], rules(field)) == ("A", [("s", "said"), ("h", "said")])


def test_a_union_has_every_value_and_shows_the_latest_that_is_one() -> None:
    policy, of = by("union")
    field = chosen(policy, of("h", ("B", D1)), of("s", ("A", D2)), of("z", (None, D4)))
    assert (field["value"], field["values"]) == ("A", ["A", "B"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("granted", "denied", "unknown"), "denied"),
        (("granted", "unknown", None), "unknown"),
        (("granted", "perhaps", "granted"), "perhaps"),
        (("granted", None, None), "granted"),
    ],
)
def test_of_consents_the_most_restrictive_counts_whenever_it_was_said(values: Any, expected: str) -> None:
    said = zip("hsz", values, (D3, D1, D2), strict=True)
    records = [record(connection, (value, at), field="consent_email") for connection, value, at in said]
    assert choose_fields(records)["consent_email"]["value"] == expected


def test_consent_that_one_platform_takes_back_and_gives_again_is_given() -> None:
    given = record("h", ("granted", D1), ("denied", D2), ("granted", D3), field="consent")
    assert choose_fields([given])["consent"]["value"] == "granted"


def test_a_lifecycle_never_runs_backwards_and_the_later_word_is_shown_as_lost() -> None:
    field = choose_fields([record("h", ("lead", D1), ("Customer", D2), ("lead", D3), field="lifecycle")])["lifecycle"]
    assert (field["value"], field["at"]) == ("Customer", D2)
    assert [(one["value"], one["rule"]["word"]) for one in field["claims"]] == [
        ("Customer", "furthest"),
        ("lead", "furthest"),
    ]


def test_a_lifecycle_in_a_platforms_own_words_counts_where_nobody_says_a_stage_that_is_known() -> None:
    own = record("s", ("Working", D3), field="lifecycle")
    assert choose_fields([own])["lifecycle"]["value"] == "Working"
    known = record("h", ("Sales Qualified Lead", D1), field="lifecycle")
    assert choose_fields([own, known])["lifecycle"]["value"] == "Sales Qualified Lead"


def test_what_is_appended_is_listed_in_the_order_in_which_it_was_said() -> None:
    records = [record("h", ("b", D2), ("a", D3), field="notes"), record("s", ("c", D1), field="notes")]
    field = choose_fields(records)["notes"]
    assert (field["value"], field["values"]) == ("a", ["c", "b", "a"])


def test_a_chat_profile_fills_a_gap_and_no_more() -> None:
    profile = record("w", ("Hana", D4), field="name", object="profile", precision="row")
    named = record("h", ("Sato Hanako", D1), field="name")
    assert choose_fields([profile])["name"]["value"] == "Hana"
    field = choose_fields([profile, named])["name"]
    assert (field["value"], rules(field)) == ("Sato Hanako", [("h", "record"), ("w", "record")])


def test_a_deployment_may_decide_a_field_differently() -> None:
    records = [record("h", ("B", D1)), record("s", ("A", D2))]
    assert choose_fields(records)["f"]["value"] == "A"
    assert choose_fields(records, (), {"f": Policy("owner", ("h",))})["f"]["value"] == "B"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("email", "union"),
        ("mobile", "union"),
        ("lifecycle", "monotonic"),
        ("consent", "most_restrictive"),
        ("consent_marketing", "most_restrictive"),
        ("consents", "last_writer"),
        ("tags", "append"),
        ("title", "last_writer"),
    ],
)
def test_the_table_names_the_policy_of_each_field(name: str, word: str) -> None:
    assert policy_of(name).word == word


def pin(value: str | None, at: str, number: str = "d1", field: str = "f") -> dict[str, Any]:
    source = {"connection": "h", "platform": "hubspot", "object": "contact", "id": "1"} if value else None
    decision = {"id": number, "by": "aiko", "at": at, "why": "she said so", "value": value, "source": source}
    return {"field": field, "persona": "p", "history": [decision]}


def test_a_pin_wins_over_all_and_says_so() -> None:
    policy, of = by("last_writer")
    field = choose_fields([of("s", ("A", D3)), of("z", ("B", D2))], [pin("B", D1)], {"f": policy})["f"]
    assert (field["value"], field["policy"], field["at"], field["pin"]["by"]) == ("B", "pinned", D1, "aiko")
    assert [(one["value"], one["rule"]["word"]) for one in field["claims"]] == [
        ("B", "pinned"),
        ("A", "pinned"),
        ("B", "agrees"),
    ]


def test_the_latest_decision_over_all_personas_counts() -> None:
    records = [record("s", ("A", D3))]
    both = [pin("B", D1), pin("C", D2, "d2")]
    assert choose_fields(records, both)["f"]["value"] == "C"
    assert choose_fields(records, both[::-1])["f"]["value"] == "C"
    assert choose_fields(records, [*both, pin(None, D3, "d3")])["f"]["value"] == "A"
    assert choose_fields(records, [pin("B", D1, "d2"), pin("C", D1, "d1")])["f"]["value"] == "B"


def test_a_pin_holds_when_every_record_is_gone() -> None:
    gone = record("s", ("A", D3), deleted=True)
    assert choose_fields([gone], [pin("B", D1)])["f"]["value"] == "B"
    assert "f" not in choose_fields([gone], [pin("B", D1), pin(None, D2, "d2")])


def test_a_pinned_value_is_the_first_of_those_that_add_up() -> None:
    records = [record("s", ("A", D3), field="email"), record("h", ("B", D1), field="email")]
    assert choose_fields(records, [pin("B", D4, field="email")])["email"]["values"] == ["B", "A"]
