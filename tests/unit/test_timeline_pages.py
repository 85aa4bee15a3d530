"""Pages of a timeline: one query each, and a walk either way shows all that was there throughout exactly once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.aws_store import DynamoStore
from hub.domain.events import Identifier
from hub.domain.identity import ALWAYS, Period, Persona
from hub.memory import MemoryStore
from hub.places import after, before
from hub.ports import Item, Page
from hub.timeline_pages import MOST_LOOKED_AT, Paging, Wanted, read_page
from hub.timeline_store import TimelineStore

NAMES = ("a" * 26, "b" * 26, "c" * 26)


class Counting(MemoryStore):
    """Counts the queries of the index."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = 0

    def query_index(self, partition: str, **options: Any) -> Page:
        self.queries += 1
        return super().query_index(partition, **options)


def persona(name: str, *periods: Period) -> Persona:
    return Persona(name, Identifier(kind="phone", value=name), periods=periods or ALWAYS)


def file(store: MemoryStore, name: str, number: int, minute: int, kind: str = "message", connection: str = "w") -> str:
    """Files an entry; returns its place."""
    at = f"2026-11-20T{minute // 60:02}:{minute % 60:02}:00.000Z"
    place = f"{at}#{number:026}"
    fact = {"type": "x", "at": at, "timequality": "platform", "data": {"channel": "sms"}, "raw": "", "received": at}
    body = {"kind": kind, "connection": connection, "platform": "p", "persona": name, "rank": 0, "at": at}
    store.put(Item(f"E#{number:026}", "ENTRY", body | {"facts": {"f": fact}}, index=(f"T#{name}", place)))
    return place


def filled(minutes: list[int]) -> tuple[Counting, list[str]]:
    """A store with one entry per minute given, under the personas in turn, and their places in order."""
    store = Counting()
    return store, sorted(file(store, NAMES[n % 3], n, minute) for n, minute in enumerate(minutes))


def places(items: tuple[Item, ...]) -> list[str]:
    return [item.index[1] for item in items if item.index]


Between = Callable[[int], None]


def walk(
    store: MemoryStore, wanted: Wanted, paging: Paging, way: str = "next", meanwhile: Between = lambda _: None
) -> tuple[list[list[str]], Any]:
    """The places of every page that way on, and the last page."""
    shown: list[list[str]] = []
    personas = [persona(name) for name in NAMES]
    while True:
        page = read_page(TimelineStore(store), personas, wanted, paging)
        shown.append(places(page.items))
        mark = page.next if way == "next" else page.previous
        if mark is None:
            return shown, page
        meanwhile(len(shown))
        paging = Paging(paging.limit, paging.newest_first, mark)


@given(
    st.lists(st.integers(0, 30), max_size=60),
    st.integers(1, 9),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=12),
)
@settings(deadline=None)
def test_what_is_filed_meanwhile_moves_nothing(
    minutes: list[int], limit: int, newest_first: bool, late: list[tuple[int, int]]
) -> None:
    store, whole = filled(minutes)

    def meanwhile(page: int) -> None:
        for number, (minute, name) in enumerate(late):
            if number % 3 == page % 3 and store.get(f"E#{1000 + number:026}", "ENTRY") is None:
                file(store, NAMES[name], 1000 + number, minute)

    shown, last = walk(store, Wanted(), Paging(limit, newest_first), meanwhile=meanwhile)
    found = [place for page in shown for place in page]
    assert found == sorted(set(found), reverse=newest_first), "in order, nothing twice"
    assert set(whole) <= set(found), "nothing left out"
    # And back, from the last page to the first, with all that is there by now.
    if len(shown) > 1:
        assert last.previous is not None
        back, _ = walk(store, Wanted(), Paging(limit, newest_first, last.previous), "previous")
        again = [place for page in reversed(back) for place in page] + shown[-1]
        now = sorted(item.index[1] for item in store.everything() if item.index)
        beyond = [one for one in now if (one >= shown[-1][0] if newest_first else one <= shown[-1][0])]
        assert [one for one in again if one in beyond or one in shown[-1]] == again
        assert set(beyond) <= set(again)


@pytest.mark.parametrize("newest_first", [True, False])
def test_previous_leads_back_through_the_same_pages(newest_first: bool) -> None:
    store, _ = filled(list(range(20)))
    forth, last = walk(store, Wanted(), Paging(5, newest_first))
    back, first = walk(store, Wanted(), Paging(5, newest_first, last.previous), "previous")
    assert [len(page) for page in forth] == [5, 5, 5, 5]
    assert [*reversed(back), forth[-1]] == forth
    assert first.next is not None


def test_the_first_page_has_nothing_before_it_and_the_last_nothing_after() -> None:
    store, _ = filled(list(range(4)))
    only = read_page(TimelineStore(store), [persona(name) for name in NAMES], Wanted(), Paging(4))
    assert (len(only.items), only.next, only.previous) == (4, None, None)


def test_whoever_comes_back_to_what_is_gone_finds_an_empty_page_that_leads_back() -> None:
    """Between two pages the customer was taken apart, and all the rest belongs to somebody else."""
    store, whole = filled(list(range(6)))
    everybody = [persona(name) for name in NAMES]
    first = read_page(TimelineStore(store), everybody, Wanted(), Paging(3))
    page = read_page(TimelineStore(store), [persona("z" * 26)], Wanted(), Paging(3, mark=first.next))
    assert (page.items, page.next) == ((), None)
    again = read_page(TimelineStore(store), everybody, Wanted(), Paging(3, mark=page.previous))
    assert places(again.items) == whole[:2:-1]


@pytest.mark.parametrize("filed", [100, 3_000])
def test_a_page_is_one_query_per_persona_however_much_there_is(filed: int) -> None:
    store = Counting()
    for number in range(filed):
        file(store, NAMES[number % 3], number, number % 1_440)
    paging = Paging(25)
    for _ in range(3):
        store.queries = 0
        page = read_page(TimelineStore(store), [persona(name) for name in NAMES], Wanted(), paging)
        assert (store.queries, len(page.items)) == (3, 25)
        paging = Paging(25, mark=page.next)


def test_of_a_persona_only_the_customers_periods_are_shown() -> None:
    store = Counting()
    whole = [file(store, NAMES[0], number, number) for number in range(10)]
    held = persona(NAMES[0], ("", "2026-11-20T00:02:00.000Z"), ("2026-11-20T00:05:00.000Z", "2026-11-20T00:08:00.000Z"))
    page = read_page(TimelineStore(store), [held], Wanted(), Paging(25, newest_first=False))
    assert places(page.items) == [*whole[:2], *whole[5:8]]
    assert store.queries == 2
    end = read_page(TimelineStore(store), [held], Wanted(until="2026-11-20T00:01:00.000Z"), Paging(25))
    assert (places(end.items), store.queries) == (whole[:1], 3), "a period outside costs nothing"


def test_an_entry_that_the_index_still_has_under_two_personas_is_one() -> None:
    store = Counting()
    place = file(store, NAMES[0], 1, 1)
    item = store.get(f"E#{1:026}", "ENTRY")
    assert item is not None
    store.put(Item("E#copy", "ENTRY", item.body, index=(f"T#{NAMES[1]}", place)))
    page = read_page(TimelineStore(store), [persona(name) for name in NAMES], Wanted(), Paging(25))
    assert places(page.items) == [place]


@given(st.lists(st.sampled_from(["message", "call", "record"]), max_size=80), st.integers(1, 7), st.booleans())
@settings(deadline=None)
def test_a_filtered_walk_shows_what_is_wanted_and_nothing_else(kinds: list[str], limit: int, newest: bool) -> None:
    store = Counting()
    filed = [(kind, file(store, NAMES[n % 2], n, n, kind)) for n, kind in enumerate(kinds)]
    shown, _ = walk(store, Wanted(kinds=frozenset({"call", "record"})), Paging(limit, newest))
    expected = [place for kind, place in filed if kind != "message"]
    assert [one for page in shown for one in page] == (expected[::-1] if newest else expected)


def test_a_rare_kind_makes_short_pages_that_lead_on_and_never_a_long_search() -> None:
    store = Counting()
    wanted = file(store, NAMES[0], 0, 0, "order")
    for number in range(1, 2 * MOST_LOOKED_AT + 50):
        file(store, NAMES[0], number, number)
    shown, _ = walk(store, Wanted(kinds=frozenset({"order"})), Paging(25))
    assert shown == [[], [], [wanted]]
    assert store.queries == 3 * len(NAMES)


class Short(MemoryStore):
    """As DynamoDB where entries are large: a page ends after a megabyte, with more to come."""

    def query_index(self, partition: str, **options: Any) -> Page:
        return super().query_index(partition, **options | {"limit": min(options["limit"], 2)})


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_that_the_store_cuts_short_leaves_nothing_out(newest_first: bool) -> None:
    store = Short()
    whole = sorted(file(store, NAMES[0 if number < 12 else 1], number, number) for number in range(15))
    shown, _ = walk(store, Wanted(), Paging(10, newest_first))
    assert [one for page in shown for one in page] == (whole[::-1] if newest_first else whole)


@given(st.lists(st.text("ab2#7z", min_size=4, max_size=4), min_size=2, max_size=9, unique=True))
def test_before_and_after_a_place_lie_next_to_it(found: list[str]) -> None:
    for one in found:
        for other in found:
            assert (other <= before(one)) == (other < one)
            assert (other >= after(one)) == (other > one)


def test_the_bounds_are_asked_of_dynamodb() -> None:
    asked: list[dict[str, Any]] = []

    def call(_operation: str, parameters: Any) -> dict[str, Any]:
        asked.append(parameters)
        return {"Items": []}

    held = persona(NAMES[0], ("2026-11-20T00:05:00.000Z", "~"))
    read_page(TimelineStore(DynamoStore(call, "t")), [held], Wanted(), Paging(25))
    (one,) = asked
    assert one["KeyConditionExpression"] == "ipk = :pk AND isk BETWEEN :low AND :high"
    assert one["ExpressionAttributeValues"][":low"] == {"S": "2026-11-20T00:05:00.000Z"}
    assert one["Limit"] == 26
