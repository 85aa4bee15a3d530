"""Readers get nothing twice, and of two writers who saw the same the second is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.openapi_headers import TAGGED
from hub.memory import MemoryStore
from hub.ports import Item
from tests.unit.api_client import Answer, Client
from tests.unit.api_people import CONTACT, EMAIL, LEAD, PHONE, SALESFORCE, USER, People, two_people, values

THEM = "/v1/customers/<customer_id>"
READS = ["", "/identifiers", "/decisions", "/fields", "/fields/title"]
PREVIEWS = {"merge": {"with_": LEAD}, "unmerge": {"from_": LEAD}, "not-the-same": {"as_": LEAD}}


@pytest.fixture
def people() -> People:
    return two_people()


def get(people: People, part: str = "", **headers: str) -> Answer:
    path = f"/v1/customers/{people.id_of(CONTACT)}{part}"
    return people.client.call("GET", path, None, {name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize("part", READS)
def test_a_reader_who_has_it_already_gets_304_and_no_body(people: People, part: str) -> None:
    etag = get(people, part).headers["etag"]
    assert re.fullmatch(r'"[a-z2-7]{26}"', etag), "strong"
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = get(people, part, If_None_Match=condition)
        assert (again.status, again.text, again.headers["etag"]) == (304, "", etag)
    assert get(people, part, If_None_Match='"other"').status == 200


@pytest.mark.parametrize("part", READS)
def test_every_id_of_a_customer_gives_the_same_etag(people: People, part: str) -> None:
    tags = {people.client.get(f"/v1/customers/{people.id_of(one)}{part}").headers["etag"] for one in (CONTACT, USER)}
    assert len(tags) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda people: people.claim(CONTACT, "hubspot", 9, title="Chief Engineer"),
        lambda people: people.attest(CONTACT, EMAIL, day=9),
        lambda people: people.decide(CONTACT, "merge", with_=LEAD),
        lambda people: people.decide(PHONE, "not-the-same", as_=LEAD),
    ],
)
def test_whatever_changes_in_what_is_shown_changes_the_etag(people: People, change: Callable[[People], Any]) -> None:
    before = get(people).headers["etag"]
    change(people)
    after = get(people, If_None_Match=before)
    assert (after.status, after.headers["etag"] != before) == (200, True)


def test_what_others_do_does_not_change_it(people: People) -> None:
    before = get(people).headers["etag"]
    people.claim(LEAD, "salesforce", 9, title="CEO")
    people.message(EMAIL, 9, "a message is on the timeline, not here")
    assert get(people, If_None_Match=before).status == 304


def test_a_list_names_the_etag_of_each(people: People) -> None:
    (found,) = people.client.get("/v1/customers", phone=PHONE.value).json["customers"]
    assert found["etag"] == get(people).headers["etag"] == get(people).json["etag"]


def test_an_etag_says_nothing_about_what_is_shown(people: People) -> None:
    other = two_people()
    other.client.secrets.hash_key = lambda: b"another deployment's key........"  # type: ignore[method-assign]
    other.directory = type(other.directory)(other.client.store, other.client.secrets.hash_key())
    other.attest(CONTACT, PHONE)
    assert get(other).headers["etag"] != get(people).headers["etag"]


def test_a_writer_who_saw_what_is_there_now_may_write(people: People) -> None:
    assert people.decide(CONTACT, "merge", with_=LEAD, If_Match=get(people).headers["etag"]).status == 200
    assert people.decide(CONTACT, "unmerge", from_=LEAD, If_Match="*").status == 200


def test_the_answer_to_a_write_is_the_next_ones_if_match(people: People) -> None:
    merged = people.decide(CONTACT, "merge", with_=LEAD)
    parted = people.decide(CONTACT, "unmerge", from_=LEAD, If_Match=merged.headers["etag"])
    assert parted.status == 200
    assert parted.headers["etag"] == parted.json["customer"]["etag"] == get(people).headers["etag"]


def test_the_document_names_the_reads_that_have_an_etag() -> None:
    previews = {f"{THEM}/{what}/preview" for what in PREVIEWS}
    others = {"/v1/conversations/<conversation_id>"}
    assert {f"{THEM}{part.replace('title', '<field>')}" for part in READS} | previews | others == TAGGED


def test_previews_have_an_etag_of_their_own(people: People) -> None:
    merge = people.preview(CONTACT, "merge", with_=LEAD)
    apart = people.preview(CONTACT, "not-the-same", as_=LEAD)
    people.decide(CONTACT, "merge", with_=LEAD)
    unmerge = people.preview(CONTACT, "unmerge", from_=LEAD)
    tags = {one.headers["etag"] for one in (merge, apart, unmerge, get(people))}
    assert len(tags) == 4


def test_a_field_is_reverted_only_by_who_saw_it_as_it_is(people: People) -> None:
    body = {"value": "Engineer", "why": "w"}
    assert get(people, "/fields/title").status == 200
    path = f"/v1/customers/{people.id_of(CONTACT)}/fields/title/revert"
    assert people.client.call("POST", path, body, {"If-Match": '"old"'}).status == 412
    seen = get(people, "/fields/title").headers["etag"]
    assert people.client.call("POST", path, body, {"If-Match": seen}).status == 200
    assert people.client.call("POST", path, body, {"If-Match": seen}).status == 412


@pytest.mark.parametrize(
    ("what", "wanted"),
    [("merge", {"with_": LEAD}), ("not-the-same", {"as_": LEAD})],
)
def test_a_writer_who_saw_something_else_is_refused_and_changes_nothing(
    people: People, what: str, wanted: dict[str, Any]
) -> None:
    old = get(people).headers["etag"]
    people.claim(CONTACT, "hubspot", 9, title="Chief Engineer")
    before = people.client.store.everything()
    for condition in (old, f"W/{get(people).headers['etag']}", '"other"', ""):
        answer = people.decide(CONTACT, what, If_Match=condition, **wanted)
        assert (answer.status, "read it again" in answer.json["detail"]) == (412, True)
    assert people.client.store.everything() == before


def test_the_etag_of_a_preview_says_that_nothing_of_it_may_have_changed(people: People) -> None:
    merge = people.preview(CONTACT, "merge", with_=LEAD).headers["etag"]
    people.claim(LEAD, "salesforce", 9, title="CEO")
    assert people.decide(CONTACT, "merge", with_=LEAD, If_Match=merge).status == 412
    merge = people.preview(CONTACT, "merge", with_=LEAD).headers["etag"]
    assert people.decide(CONTACT, "merge", with_=LEAD, If_Match=merge).status == 200
    unmerge = people.preview(CONTACT, "unmerge", from_=LEAD).headers["etag"]
    assert people.decide(CONTACT, "unmerge", from_=LEAD, If_Match=unmerge).status == 200


class Between(MemoryStore):
    """A table where somebody else takes their turn just before our first write."""

    def __init__(self, items: list[Item], turn: str) -> None:
        super().__init__()
        for item in items:
            self._write(item)
        self._turn: str | None = turn

    def put_all(self, items: Any) -> None:
        turn, self._turn = self._turn, None
        if turn:
            self.put(Item(turn, "TURN", {"work": "theirs"}))
        super().put_all(items)


def at_the_same_instant(people: People) -> None:
    """From now on: another agent decides about the contact's customer between our check and our write."""
    store = Between(people.client.store.everything(), f"P#{people.id_of(CONTACT)}")
    people.client = Client(replace(people.client.hub, store=store), people.client.scopes)


def test_of_two_who_saw_the_same_at_the_same_instant_one_writes(people: People) -> None:
    etag = get(people).headers["etag"]
    at_the_same_instant(people)
    assert people.decide(CONTACT, "merge", with_=LEAD, If_Match=etag).status == 412
    assert LEAD.value not in values(people.read(CONTACT))
    assert people.decide(CONTACT, "merge", with_=LEAD, If_Match=get(people).headers["etag"]).status == 200


def test_without_if_match_both_of_two_at_the_same_instant_write(people: People) -> None:
    at_the_same_instant(people)
    assert people.decide(CONTACT, "merge", with_=LEAD).status == 200
    assert LEAD.value in values(people.read(CONTACT))


def test_as_of_a_time_has_an_etag_of_its_own(people: People) -> None:
    people.claim(CONTACT, "hubspot", 9, title="Chief Engineer")
    path = f"/v1/customers/{people.id_of(CONTACT)}"
    then = people.client.get(path, at="2026-05-08T00:00:00Z")
    assert then.json["fields"]["title"]["value"] == "Engineer"
    assert then.headers["etag"] != get(people).headers["etag"]
    assert people.client.get(path, at="2026-05-20T00:00:00Z").json["fields"]["title"]["value"] == "Chief Engineer"


def test_a_refusal_has_no_etag(people: People) -> None:
    assert "etag" not in people.decide(CONTACT, "merge", with_=PHONE).headers
    assert SALESFORCE not in people.client.answers[-1].text
