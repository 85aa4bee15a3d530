"""Every connector's client lists all records once, from any place of the list, and what changed since a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from hub.domain.events import instant
from tests.contracts.clients_desk import Desk, pairs

Of = Callable[[str], Desk]
LISTING = pytest.mark.parametrize(("connector", "kind"), pairs("lists"))
MANY = 2_100  # more than the largest page of any of the platforms
CAPPED = {("hubspot", True): 10_100}  # a search ends at 10,000 results
# Mailchimp's lists go on at a time, which is known to the second: the members of that second are given again.
GIVEN_AGAIN = {"mailchimp": 0.1}
SOME = 130


@pytest.fixture
def listing(desk_of: Of) -> Of:
    """Desks for lists; Dataverse says by 400 that a table keeps no changes, and is asked in another way."""

    def of(connector: str) -> Desk:
        desk = desk_of(connector)
        desk.expected |= {400} if connector == "dynamics365" else set()
        return desk

    return of


def since(desk: Desk) -> str:
    """The time of the desk's clock, as the hub says it."""
    return instant(round(desk.clock.time * 1000))


@LISTING
def test_all_are_listed_once_though_they_are_of_one_moment(connector: str, kind: str, listing: Of) -> None:
    desk = listing(connector)
    ids = desk.enter(kind, *range(SOME))
    found = [one for _, page in desk.pages(kind) for one in page.found]
    assert Counter(one.record.id for one in found) == Counter(ids)
    assert {one.record.object for one in found} == {kind}
    listed = {one.record.id: one for one in found}
    (read,) = desk.read(kind, ids[7])
    assert listed[ids[7]].model_dump(exclude={"origin"}) == read.model_dump(exclude={"origin"})


@LISTING
def test_a_list_goes_on_from_any_place_as_often_as_one_likes(connector: str, kind: str, listing: Of) -> None:
    desk = listing(connector)
    ids = desk.enter(kind, *range(SOME))
    pages = list(desk.pages(kind))
    for number, (cursor, page) in enumerate(pages):
        again = desk.client.page(kind, None, cursor)
        assert [one.record.id for one in again.found] == [one.record.id for one in page.found]
        rest = [one.record.id for _, later in desk.pages(kind, cursor=cursor) for one in later.found]
        before = [one.record.id for _, earlier in pages[:number] for one in earlier.found]
        assert sorted(before + rest) == sorted(ids)
    assert {page.total for _, page in pages} <= {None, SOME}


@LISTING
def test_nothing_is_listed_where_nothing_is(connector: str, kind: str, listing: Of) -> None:
    assert listing(connector).listed(kind) == []


@LISTING
def test_what_changed_since_a_time_is_listed_and_what_did_not_for_days_is_not(
    connector: str, kind: str, listing: Of
) -> None:
    desk = listing(connector)
    old, changed, late = desk.enter(kind, 1, 2, 3)
    desk.clock.time += 7 * 86_400
    at = since(desk)
    desk.edit(kind, changed, 77)
    desk.clock.time += 1_800
    new = desk.enter(kind, 4)[0]
    desk.edit(kind, late, 78)
    desk.clock.time += 1_800
    listed = desk.listed(kind, at)
    assert {changed, late, new} <= set(listed)
    assert old not in listed
    assert len(listed) == len(set(listed))


@LISTING
def test_what_changed_in_the_very_second_is_listed(connector: str, kind: str, listing: Of) -> None:
    desk = listing(connector)
    desk.clock.time += 86_400
    at, (one,) = since(desk), desk.enter(kind, 1)
    desk.clock.time += 600
    assert one in desk.listed(kind, at)


@LISTING
def test_what_was_deleted_is_not_listed_among_the_others(connector: str, kind: str, listing: Of) -> None:
    desk = listing(connector)
    one, other = desk.enter(kind, 1, 2)
    desk.account.crm.remove(desk.native(kind), one)
    pages = [page for _, page in desk.pages(kind)]
    assert [found.record.id for page in pages for found in page.found if found.change != "deleted"] == [other]
    told = {gone for page in pages for gone in page.deleted}
    assert told <= {one}


@pytest.mark.parametrize("changes", [False, True], ids=["all", "what changed"])
@pytest.mark.parametrize("connector", sorted({connector for connector, _ in pairs("lists")}))
def test_more_than_any_page_or_cap_holds_are_all_listed(connector: str, changes: bool, listing: Of) -> None:
    desk = listing(connector)
    desk.clock.time += 86_400
    at = since(desk)
    ids, many = list[str](), CAPPED.get((connector, changes), MANY)
    for number in range(many):
        desk.clock.time += 1 if number % 50 == 0 else 0
        ids += desk.enter("contact", number)
    desk.clock.time += 3_600
    listed = desk.listed("contact", at if changes else None)
    assert set(listed) == set(ids)
    assert many <= len(listed) <= many * (1 + GIVEN_AGAIN.get(connector, 0))


@LISTING
def test_a_record_that_changes_while_the_list_is_read_is_not_lost(connector: str, kind: str, listing: Of) -> None:
    desk = listing(connector)
    desk.clock.time += 86_400
    at = since(desk)
    ids = desk.enter(kind, *range(SOME))
    for start in (None, at):
        seen: set[str] = set()
        for number, (_, page) in enumerate(desk.pages(kind, start)):
            seen |= {one.record.id for one in page.found}
            desk.clock.time += 60
            if number < 5:
                desk.edit(kind, ids[number * 20], 1_000 + number)
        assert seen == set(ids)


@LISTING
def test_an_answer_that_is_lost_is_asked_for_again(connector: str, kind: str, listing: Of) -> None:
    desk = listing(connector)
    desk.enter(kind, *range(3))
    desk.stumble()
    assert len(desk.persist(lambda: desk.listed(kind))) == 3
