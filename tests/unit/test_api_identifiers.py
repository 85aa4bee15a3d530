"""Each identifier says why it is this customer's: who attested it, when, by which event; and who shares it."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.events import Identifier
from hub.records import RecordStore
from tests.unit.api_client import ADMIN, PROBLEM
from tests.unit.api_people import (
    CHAT,
    CONTACT,
    EMAIL,
    HUBSPOT,
    LEAD,
    PHONE,
    SALESFORCE,
    TWIN,
    USER,
    People,
    two_people,
    values,
)


@pytest.fixture
def people() -> People:
    return two_people()


def identifier(people: People, of: Identifier, one: Identifier) -> dict[str, Any]:
    listed = people.read(of, "/identifiers")["identifiers"]
    found: dict[str, Any] = next(each for each in listed if each["value"] == one.value)
    return found


def mark(people: People, one: Identifier, *, shared: bool = True, why: str = "The switchboard.", **more: Any) -> Any:
    return people.client.post(f"/v1/identifiers/{people.id_of(one)}/shared", {"shared": shared, "why": why, **more})


def test_an_identifier_names_what_attested_it_on_which_connection_and_when() -> None:
    people = People()
    first = people.attest(CONTACT, PHONE, day=4)
    people.attest(CONTACT, PHONE, day=6)
    also = people.attest(CONTACT, PHONE, on=SALESFORCE, day=5, reason="contact.synced")
    phone = identifier(people, CONTACT, PHONE)
    (link,) = phone["links"]
    assert (phone["kind"], phone["current"], phone["shared"], phone["mark"]) == ("phone", True, False, None)
    assert phone["persona"] == people.id_of(PHONE)
    assert {link["a"], link["b"]} == {people.id_of(CONTACT), people.id_of(PHONE)}
    assert link["strength"] == "held"
    assert link["evidence"] == [
        {"connection": HUBSPOT, "reason": "contact.changed", "at": "2026-05-04T09:00:00.000Z", "event": first},
        {"connection": SALESFORCE, "reason": "contact.synced", "at": "2026-05-05T09:00:00.000Z", "event": also},
    ]
    assert link["decision"] is None


def test_two_that_were_only_named_together_say_so() -> None:
    people = People()
    people.attest(PHONE, EMAIL, reason="form.submitted")
    assert [one["strength"] for one in identifier(people, PHONE, EMAIL)["links"]] == ["named"]


def test_what_a_person_decided_is_evidence_with_its_reason(people: People) -> None:
    people.decide(CONTACT, "merge", with_=LEAD, why="Same voice.")
    links = identifier(people, EMAIL, LEAD)["links"]
    decided = next(one for one in links if one["decision"])
    assert (decided["strength"], decided["evidence"]) == ("decided", [])
    said = decided["decision"]
    assert (said["verdict"], said["by"], said["why"]) == ("same", "someone", "Same voice.")


def test_identifiers_are_shown_as_of_a_time(people: People) -> None:
    path = f"/v1/customers/{people.id_of(CONTACT)}/identifiers"
    then = people.client.get(path, at="2026-05-01T12:00:00Z").json
    assert values(then) == {CONTACT.value, PHONE.value}
    assert values(people.client.get(path).json) == {CONTACT.value, PHONE.value, USER.value}
    assert people.client.get(path, at="yesterday").status == 422


def test_a_number_that_changed_hands_says_when_it_was_whose() -> None:
    people = People()
    people.attest(CONTACT, PHONE, day=1)
    people.attest(TWIN, PHONE, day=10)
    _hold(people, CONTACT, PHONE, 1, 9)
    _hold(people, TWIN, PHONE, 10, 10)
    before, now = identifier(people, CONTACT, PHONE), identifier(people, TWIN, PHONE)
    assert (before["current"], now["current"]) == (False, True)
    assert before["periods"][-1]["until"] == now["periods"][0]["since"] is not None
    assert before["periods"][0]["since"] is now["periods"][-1]["until"] is None
    (candidate,) = people.read(TWIN)["candidates"]
    assert candidate == {"id": people.id_of(CONTACT), "through": people.id_of(PHONE), "why": "held at another time"}


def _hold(people: People, record: Identifier, phone: Identifier, first: int, last: int) -> None:
    """The record's field held the number from the first to the last day, and then something else."""
    _, _, native = record.value.partition(":")
    times = [f"2026-05-{day:02d}T09:00:00.000Z" for day in (first, last)]
    said = [("phone", people.id_of(phone), at) for at in times]
    if last > first:
        said.append(("phone", "", times[1].replace("T09", "T10")))
    data = {"object": "contact", "id": native, "at": times[0], "claims": [], "holds": said}
    RecordStore(people.client.store, people.directory.hashed).fold(record, record.scope, "hubspot", data)


def test_an_identifier_marked_as_shared_joins_nobody_and_lists_who_hold_it(people: People) -> None:
    marked = mark(people, PHONE)
    assert (marked.status, values(marked.json)) == (200, {PHONE.value})
    assert marked.json["identifiers"][0]["shared"] is True
    assert {(one["id"], one["why"]) for one in marked.json["candidates"]} == {
        (people.id_of(CONTACT), "shared"),
        (people.id_of(USER), "shared"),
    }
    assert values(people.read(CONTACT)) == {CONTACT.value}
    assert values(people.read(USER)) == {USER.value}
    said = identifier(people, PHONE, PHONE)["mark"]
    assert (said["verdict"], said["by"], said["why"]) == ("shared", "someone", "The switchboard.")


def test_a_mark_stands_against_later_evidence_and_is_taken_back(people: People) -> None:
    before = people.seen(CONTACT)
    mark(people, PHONE)
    people.attest(CONTACT, PHONE, on="x" * 26, day=20, reason="call.started")
    assert values(people.read(CONTACT)) == {CONTACT.value}
    back = mark(people, PHONE, shared=False, why="It was his own after all.")
    assert values(back.json) == {CONTACT.value, PHONE.value, USER.value}
    assert people.texts(CONTACT) == before["texts"]
    verdicts = [one["verdict"] for one in people.read(PHONE, "/decisions")["decisions"]]
    assert verdicts == ["not shared", "shared"]


def test_our_own_number_joins_nobody_until_a_person_says_otherwise(people: People) -> None:
    people.directory.own(PHONE)
    assert identifier(people, PHONE, PHONE)["shared"] is True
    people.client.scopes = (ADMIN,)
    assert mark(people, PHONE, shared=False).status == 200
    assert values(people.read(PHONE)) == {CONTACT.value, PHONE.value, USER.value}


@pytest.mark.parametrize("shared", [True, False])
def test_whether_our_own_number_is_shared_is_no_agents_decision(people: People, shared: bool) -> None:
    people.directory.own(PHONE)
    before = people.seen(PHONE)
    refused = mark(people, PHONE, shared=shared)
    assert (refused.status, refused.headers["content-type"]) == (403, PROBLEM)
    assert refused.json["detail"].startswith("This identifier is our own side's;")
    assert people.seen(PHONE) == before
    assert mark(people, EMAIL, shared=shared).status == 200


def test_a_mark_is_told_on_the_timeline_of_the_identifier(people: People) -> None:
    mark(people, PHONE)
    (entry,) = people.read(PHONE, "/timeline", kind="merge")["entries"]
    assert (entry["shown"]["verdict"], entry["shown"]["with"]) == ("shared", people.id_of(PHONE))


@pytest.mark.parametrize(
    "body", [{}, {"shared": True}, {"shared": "yes", "why": "w"}, {"shared": True, "why": ""}, {"why": "w"}]
)
def test_a_mark_says_which_and_why(people: People, body: dict[str, Any]) -> None:
    assert people.client.post(f"/v1/identifiers/{people.id_of(PHONE)}/shared", body).status == 422


def test_an_unknown_identifier_cannot_be_marked(people: People) -> None:
    assert people.client.post(f"/v1/identifiers/{'a' * 26}/shared", {"shared": True, "why": "w"}).status == 404


def test_a_mark_is_refused_to_who_saw_something_else(people: People) -> None:
    path, body = f"/v1/identifiers/{people.id_of(PHONE)}/shared", {"shared": True, "why": "w"}
    assert people.client.call("POST", path, body, {"If-Match": '"old"'}).status == 412
    seen = people.client.get(f"/v1/customers/{people.id_of(PHONE)}").headers["etag"]
    assert people.client.call("POST", path, body, {"If-Match": seen}).status == 200


def test_candidates_say_through_what_and_why() -> None:
    people = People()
    people.attest(CONTACT, PHONE)
    people.attest(TWIN, PHONE)
    shared = people.read(PHONE)["candidates"]
    assert {(one["id"], one["through"], one["why"]) for one in shared} == {
        (people.id_of(one), people.id_of(PHONE), "shared") for one in (CONTACT, TWIN)
    }
    assert [(one["id"], one["why"]) for one in people.read(CONTACT)["candidates"]] == [(people.id_of(PHONE), "shared")]


def test_evidence_that_does_not_count_is_a_conflict_and_a_candidate(people: People) -> None:
    people.attest(TWIN, Identifier(kind="email", value="twin@example.com"), day=7)
    people.attest(TWIN, USER, on=CHAT, day=8, reason="message.received")
    shown = people.read(CONTACT)
    (clash,) = shown["conflicts"]
    assert (clash["a"], clash["b"], clash["why"]) == (people.id_of(USER), people.id_of(TWIN), "two of a kind")
    assert {(one["id"], one["why"]) for one in shown["candidates"]} == {(people.id_of(TWIN), "two of a kind")}
