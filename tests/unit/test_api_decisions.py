"""People join and part customers: previewed, remembered with who, when and why, and taken back as if never done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.domain.events import Identifier
from tests.unit.api_client import AGENT, PROBLEM, Answer, event, jwt_of
from tests.unit.api_people import (
    CHAT,
    CONTACT,
    EMAIL,
    HUBSPOT,
    LEAD,
    NAME,
    PHONE,
    TWIN,
    USER,
    People,
    two_people,
    values,
)

HERS = {one.value for one in (CONTACT, PHONE, USER)}
THEIRS = {LEAD.value, EMAIL.value}


@pytest.fixture
def people() -> People:
    return two_people()


def refused(answer: Answer, *, status: int = 409) -> str:
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    detail: str = answer.json["detail"]
    return detail


def test_a_merge_makes_one_customer_whom_every_id_finds_with_one_timeline(people: People) -> None:
    merged = people.decide(CONTACT, "merge", with_=LEAD)
    assert (merged.status, values(merged.json)) == (200, HERS | THEIRS)
    for one in (CONTACT, PHONE, USER, LEAD, EMAIL):
        assert people.read(one) == merged.json
        assert people.texts(one) == ["from the phone", "from the mail"]
    assert merged.json["fields"]["title"]["value"] == "Director"


def test_an_unmerge_gives_back_both_as_if_the_merge_had_never_been(people: People) -> None:
    before = [people.seen(CONTACT), people.seen(LEAD)]
    people.decide(CONTACT, "merge", with_=LEAD)
    parted = people.decide(CONTACT, "unmerge", from_=LEAD)
    assert (parted.status, values(parted.json["customer"]), values(parted.json["other"])) == (200, HERS, THEIRS)
    assert [people.seen(CONTACT), people.seen(LEAD)] == before


def test_what_came_in_meanwhile_goes_to_whose_it_is(people: People) -> None:
    never = two_people()
    people.decide(CONTACT, "merge", with_=LEAD)
    for hub in (people, never):
        hub.message(USER, 6, "meanwhile, hers")
        hub.message(EMAIL, 7, "meanwhile, theirs")
        hub.claim(CONTACT, "hubspot", 8, city="Kyoto")
        hub.attest(LEAD, Identifier(kind="email", value="boss@example.com"), day=9)
    people.decide(EMAIL, "unmerge", from_=PHONE)
    for one in (CONTACT, LEAD):
        assert people.seen(one) == never.seen(one)
    assert people.texts(CONTACT) == ["from the phone", "meanwhile, hers"]


def test_a_merge_can_be_done_and_undone_again_and_again_within_one_moment(people: People) -> None:
    for _ in range(3):
        assert people.decide(CONTACT, "merge", with_=LEAD).status == 200
        assert values(people.read(LEAD)) == HERS | THEIRS
        assert people.decide(LEAD, "unmerge", from_=USER).status == 200
        assert values(people.read(LEAD)) == THEIRS
    verdicts = [one["verdict"] for one in people.read(CONTACT, "/decisions")["decisions"]]
    assert verdicts == ["none", "same"] * 3


def test_the_preview_of_a_merge_shows_the_customer_and_each_field_that_changes(people: People) -> None:
    people.claim(LEAD, "salesforce", 3, city="Osaka")
    before = [people.seen(CONTACT), people.seen(LEAD)]
    preview = people.preview(CONTACT, "merge", with_=LEAD).json
    assert (preview["personas"], values(preview["customer"])) == (5, HERS | THEIRS)
    title = next(one for one in preview["fields"] if one["field"] == "title")
    shown = {name: title[name] and title[name]["value"] for name in ("before", "other_before", "after")}
    assert shown == {"before": "Engineer", "other_before": "Director", "after": "Director"}
    assert [people.seen(CONTACT), people.seen(LEAD)] == before, "a preview changes nothing"
    people.decide(CONTACT, "merge", with_=LEAD)
    assert people.read(CONTACT)["fields"] == preview["customer"]["fields"]


def test_a_field_that_stays_as_it_is_for_both_is_not_in_the_preview() -> None:
    people = two_people()
    preview = people.preview(CONTACT, "merge", with_=LEAD).json
    assert [one["field"] for one in preview["fields"]] == ["title"]


def test_the_preview_names_conflicts_that_would_stand() -> None:
    people = two_people()
    people.attest(TWIN, Identifier(kind="email", value="twin@example.com"), day=4)
    people.attest(TWIN, LEAD, day=5, reason="record.linked")
    people.decide(CONTACT, "merge", with_=LEAD)
    clash = people.read(CONTACT)["conflicts"]
    people.decide(CONTACT, "unmerge", from_=LEAD)
    preview = people.preview(CONTACT, "merge", with_=EMAIL).json
    assert preview["conflicts"] == preview["customer"]["conflicts"] == clash


def test_the_preview_of_an_unmerge_shows_both_and_each_field_that_changes(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD)
    preview = people.preview(CONTACT, "unmerge", from_=LEAD).json
    assert (values(preview["customer"]), values(preview["other"])) == (HERS, THEIRS)
    shown = {
        one["field"]: [one[side] and one[side]["value"] for side in ("before", "after", "other_after")]
        for one in preview["fields"]
    }
    assert shown == {
        "title": ["Director", "Engineer", "Director"],
        "city": ["Osaka", "Osaka", None],
        "industry": ["Tea", None, "Tea"],
    }
    assert values(people.read(CONTACT)) == HERS | THEIRS


def test_who_hang_together_by_evidence_are_not_unmerged_but_told_what_to_do(people: People) -> None:
    for answer in (people.decide(CONTACT, "unmerge", from_=USER), people.preview(CONTACT, "unmerge", from_=USER)):
        assert "not the same" in refused(answer)
    assert values(people.read(CONTACT)) == HERS


def test_evidence_that_came_after_a_merge_outlives_its_taking_back(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD)
    people.attest(LEAD, PHONE, on="x" * 26, day=8, reason="message.received")
    left = people.decide(CONTACT, "unmerge", from_=LEAD)
    assert left.status == 200
    assert left.json["customer"]["id"] == left.json["other"]["id"]
    assert "evidence does" in refused(people.decide(CONTACT, "unmerge", from_=LEAD))


@pytest.mark.parametrize("what", ["merge", "unmerge", "not-the-same", "not-the-same/forget"])
def test_a_decision_about_nobody_is_404(people: People, what: str) -> None:
    name = {"merge": "with", "unmerge": "from"}.get(what, "as")
    path = f"/v1/customers/{people.id_of(CONTACT)}/{what}"
    assert people.client.post(path, {name: "a" * 26, "why": "w"}).status == 404
    unknown = f"/v1/customers/{'a' * 26}/{what}"
    assert people.client.post(unknown, {name: people.id_of(CONTACT), "why": "w"}).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"with": "a" * 26},
        {"with": "a" * 26, "why": ""},
        {"with": "a" * 26, "why": "w" * 501},
        {"with": "hanako@example.com", "why": "w"},
        {"with": ["a" * 26], "why": "w"},
        {"with": "a" * 26, "why": "w", "force": True},
    ],
)
def test_a_decision_says_whom_and_why_and_nothing_else(people: People, body: dict[str, Any]) -> None:
    answer = people.client.post(f"/v1/customers/{people.id_of(CONTACT)}/merge", body)
    refused(answer, status=422)
    assert "hanako" not in answer.text


def test_one_customer_is_not_merged_with_itself(people: People) -> None:
    for other in (CONTACT, PHONE, USER):
        assert "one customer already" in refused(people.decide(CONTACT, "merge", with_=other))
        assert "one customer already" in refused(people.preview(CONTACT, "merge", with_=other))


def test_two_customers_are_not_unmerged(people: People) -> None:
    assert "two customers already" in refused(people.decide(CONTACT, "unmerge", from_=LEAD))


def test_an_id_cannot_be_unmerged_from_itself_or_be_not_the_same_as_itself(people: People) -> None:
    refused(people.decide(CONTACT, "unmerge", from_=CONTACT), status=422)
    refused(people.decide(CONTACT, "not-the-same", as_=CONTACT), status=422)


def test_not_the_same_is_remembered_against_later_evidence_and_can_be_forgotten(people: People) -> None:
    assert people.decide(CONTACT, "not-the-same", as_=LEAD).status == 200
    people.attest(LEAD, PHONE, on="x" * 26, day=8, reason="message.received")
    assert not values(people.read(LEAD)) & {CONTACT.value}
    assert people.id_of(LEAD) not in [one["id"] for one in people.read(CONTACT)["candidates"]]
    forgotten = people.decide(LEAD, "not-the-same/forget", as_=CONTACT)
    assert forgotten.status == 200
    assert values(forgotten.json["customer"]) == values(forgotten.json["other"]) == HERS | THEIRS


def test_not_the_same_parts_those_whom_evidence_had_joined(people: People) -> None:
    people.attest(LEAD, PHONE, on="x" * 26, day=8, reason="message.received")
    preview = people.preview(CONTACT, "not-the-same", as_=LEAD)
    assert values(people.read(LEAD)) == HERS | THEIRS
    parted = people.decide(CONTACT, "not-the-same", as_=LEAD)
    assert parted.status == preview.status == 200
    for side in ("customer", "other"):
        assert values(parted.json[side]) == values(preview.json[side])
        assert parted.json[side]["fields"] == preview.json[side]["fields"]
    assert CONTACT.value not in values(parted.json["other"])
    assert LEAD.value not in values(parted.json["customer"])


def test_what_is_not_the_same_is_not_merged_before_that_is_forgotten(people: People) -> None:
    people.decide(CONTACT, "not-the-same", as_=LEAD)
    for one, other in ((CONTACT, LEAD), (EMAIL, USER)):
        assert "forget" in refused(people.decide(one, "merge", with_=other))
    assert "already" in refused(people.decide(EMAIL, "not-the-same", as_=USER))
    people.decide(EMAIL, "not-the-same/forget", as_=USER)
    assert people.decide(EMAIL, "merge", with_=USER).status == 200


def test_what_a_person_merged_is_not_kept_apart_before_that_is_taken_back(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD)
    assert "unmerge" in refused(people.decide(CONTACT, "not-the-same", as_=LEAD))
    assert "nothing to forget" in refused(people.decide(CONTACT, "not-the-same/forget", as_=LEAD))


def test_a_username_is_not_merged_for_it_may_be_anybodys_tomorrow() -> None:
    people = two_people()
    people.attest(NAME, on=CHAT)
    before = people.client.store.everything()
    assert "username" in refused(people.decide(CONTACT, "merge", with_=NAME))
    assert people.client.store.everything() == before


def test_two_who_have_too_much_between_them_are_not_merged() -> None:
    people = People()
    for record in (CONTACT, LEAD):
        for number in range(25):
            people.attest(record, Identifier(kind="email", value=f"{record.scope[0]}{number}@example.com"))
    assert "more than 50" in refused(people.decide(CONTACT, "merge", with_=LEAD))


def test_decisions_are_listed_newest_first_with_who_when_why_and_whether_they_count(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD, why="Same person on the phone.")
    people.client.clock.sleep(60)
    people.decide(CONTACT, "unmerge", from_=LEAD, why="Two people after all.")
    listed = people.read(PHONE, "/decisions")
    assert listed["customer"] == people.read(CONTACT)["id"]
    told = [(one["verdict"], one["by"], one["why"], one["in_force"]) for one in listed["decisions"]]
    assert told == [
        ("none", "someone", "Two people after all.", True),
        ("same", "someone", "Same person on the phone.", False),
    ]
    assert listed["decisions"][0]["at"] > listed["decisions"][1]["at"]
    assert {one["persona"] for one in listed["decisions"]} == {people.id_of(CONTACT)}
    assert {one["other"] for one in listed["decisions"]} == {people.id_of(LEAD)}
    others = people.read(LEAD, "/decisions")["decisions"]
    assert [(one["id"], one["persona"]) for one in others] == [
        (one["id"], people.id_of(LEAD)) for one in listed["decisions"]
    ]


def test_each_decision_is_an_entry_on_the_timeline_of_the_paths_customer(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD, why="They say so.")
    people.decide(LEAD, "unmerge", from_=CONTACT)
    people.decide(LEAD, "not-the-same", as_=CONTACT)
    entries = {one: people.read(one, "/timeline", kind="merge")["entries"] for one in (CONTACT, LEAD)}
    assert [one["shown"]["verdict"] for one in entries[CONTACT]] == ["same"]
    assert [one["shown"]["verdict"] for one in entries[LEAD]] == ["apart", "none"]
    shown = entries[CONTACT][0]["shown"]
    assert (shown["with"], shown["by"], shown["why"]) == (people.id_of(LEAD), "someone", "They say so.")
    assert shown["decision"] == people.read(CONTACT, "/decisions")["decisions"][-1]["id"]


def test_a_program_without_a_person_is_named_by_its_client_and_nobody_cannot_decide(people: People) -> None:
    path = f"/v1/customers/{people.id_of(CONTACT)}/merge"
    body = json.dumps({"with": people.id_of(LEAD), "why": "w"})
    token = jwt_of(AGENT)
    del token["claims"]["sub"]
    assert "names nobody" in refused(people.client.send(event("POST", path, None, body, jwt=token)), status=403)
    token["claims"]["client_id"] = "importer"
    assert people.client.send(event("POST", path, None, body, jwt=token)).status == 200
    assert [one["by"] for one in people.read(CONTACT, "/decisions")["decisions"]] == ["importer"]


def test_no_reason_and_no_identifier_is_logged_or_part_of_a_key(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD, why="Hanako's sister told me")
    people.decide(CONTACT, "merge", with_=LEAD, why="Hanako's sister told me")
    told = f"{people.client.telemetry.lines}{people.client.answers[-1].text}"
    keys = "".join(f"{item.pk}{item.sk}{item.index}" for item in people.client.store.everything())
    for personal in ("sister", PHONE.value, EMAIL.value, "someone"):
        assert personal not in told + keys


def test_a_merge_of_merged_customers_is_taken_back_one_by_one() -> None:
    people = two_people()
    third = Identifier(kind="record", scope=HUBSPOT, value="contact:900")
    people.attest(third)
    people.decide(CONTACT, "merge", with_=LEAD)
    people.client.clock.sleep(1)
    people.decide(EMAIL, "merge", with_=third)
    people.decide(third, "unmerge", from_=LEAD)
    assert values(people.read(CONTACT)) == HERS | THEIRS
    assert values(people.read(third)) == {third.value}
