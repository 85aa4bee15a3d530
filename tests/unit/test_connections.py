"""Connections and their secrets: found, remembered for a while, and never a spoilt secret among them."""

from __future__ import annotations

from typing import Any

import pytest

from hub.connections import (
    StoredConnections,
    connection_of,
    item_of,
    named_secrets,
    signing_secrets,
    source_item,
)
from hub.delivery import Connection
from hub.errors import Retry
from hub.memory import FakeClock, MemoryStore
from hub.ports import Item
from hub.remembered import MAX_ENTRIES, Remembered

ONE = Connection("a" * 26, "twilio", "Head office", "active", {"account_sid": "AC1"}, "2026-11-22T19:00:00Z")
NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z


class Table(MemoryStore):
    """Counts reads; fails while `down`."""

    reads = 0
    down = False

    def get(self, pk: str, sk: str) -> Item | None:
        self.reads += 1
        if self.down:
            raise Retry("throttled")
        return super().get(pk, sk)


@pytest.fixture
def table() -> Table:
    table = Table()
    table.put(item_of(ONE))
    return table


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


def test_a_connection_comes_back_from_its_item() -> None:
    assert connection_of(item_of(ONE)) == ONE
    assert item_of(ONE, version=4).version == 4


def test_a_connection_is_read_once_a_minute(table: Table, clock: FakeClock) -> None:
    connections = StoredConnections(table, clock)
    assert [connections.get(ONE.id) for _ in range(3)] == [ONE] * 3
    assert table.reads == 1
    clock.sleep(60)
    connections.get(ONE.id)
    assert table.reads == 2


def test_a_change_is_seen_after_a_minute(table: Table, clock: FakeClock) -> None:
    connections = StoredConnections(table, clock)
    connections.get(ONE.id)
    changed = Connection(ONE.id, "twilio", status="disabled")
    table.put(item_of(changed, version=1))
    clock.sleep(60)
    assert connections.get(ONE.id) == changed


def test_a_new_connection_is_found_within_seconds_though_it_was_asked_for_before(
    table: Table, clock: FakeClock
) -> None:
    connections = StoredConnections(table, clock)
    new = Connection("b" * 26, "hubspot")
    assert connections.get(new.id) is None
    table.put(item_of(new))
    clock.sleep(5)
    assert connections.get(new.id) == new


def test_while_the_table_cannot_be_read_a_connection_is_served_for_15_minutes(table: Table, clock: FakeClock) -> None:
    connections = StoredConnections(table, clock)
    connections.get(ONE.id)
    table.down = True
    clock.sleep(899)
    assert connections.get(ONE.id) == ONE
    clock.sleep(1)
    with pytest.raises(Retry):
        connections.get(ONE.id)


def test_a_connection_never_read_is_not_called_unknown_while_the_table_cannot_be_read(
    table: Table, clock: FakeClock
) -> None:
    table.down = True
    with pytest.raises(Retry):
        StoredConnections(table, clock).get(ONE.id)


def test_the_connection_of_an_event_source_is_found(table: Table, clock: FakeClock) -> None:
    table.put(source_item("aws.partner/salesforce.com/1/2", ONE.id))
    connections = StoredConnections(table, clock)
    assert connections.by_event_source("aws.partner/salesforce.com/1/2") == ONE
    assert connections.by_event_source("aws.partner/salesforce.com/1/3") is None
    assert connections.by_event_source("") is None


def test_all_connections_are_listed_by_id_over_all_pages(clock: FakeClock) -> None:
    table = MemoryStore()
    expected = [Connection(f"{number:026}", "twilio") for number in range(250)]
    for one in reversed(expected):
        table.put(item_of(one))
    table.put(source_item("somewhere", expected[0].id))
    assert StoredConnections(table, clock).all() == expected


def test_what_is_remembered_is_bounded(clock: FakeClock) -> None:
    reads: list[str] = []

    def read(key: str) -> str:
        reads.append(key)
        return key

    remembered: Remembered[str] = Remembered(clock, lambda _value: 60.0)
    for number in range(MAX_ENTRIES + 1):
        remembered.get(str(number), read)
    remembered.get(str(MAX_ENTRIES), read)
    assert len(reads) == MAX_ENTRIES + 1
    remembered.get("0", read)
    assert reads[-1] == "0"


def signing(*ends: str | None) -> dict[str, Any]:
    return {"signing": [{"id": str(n), "value": f"v{n}", "not_after": end} for n, end in enumerate(ends)]}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((None,), [b"v0"]),
        (("2026-09-21T14:13:21Z", None), [b"v1", b"v0"]),
        (("2026-09-21T14:13:20Z", None), [b"v1"]),
        (("2026-09-21T23:13:21+09:00",), [b"v0"]),
        (("2026-09-21T14:13:21",), [b"v0"]),
        (("2026-09-21T14:13:19.999Z",), []),
        (("soon",), []),
        (("",), []),
        ((), []),
        (("2027-01-01T00:00:00Z",) * 6 + (None,), [b"v6", b"v0", b"v1", b"v2", b"v3"]),
    ],
)
def test_the_signing_secrets_are_those_that_have_not_ended(ends: tuple[str | None, ...], expected: list[bytes]) -> None:
    assert signing_secrets(signing(*ends), NOW) == expected


def test_an_empty_secret_is_none() -> None:
    assert signing_secrets({"signing": [{"id": "1", "value": "", "not_after": None}, {"id": "2"}]}, NOW) == []


def test_named_secrets_are_all_but_the_signing_ones() -> None:
    assert named_secrets({**signing(None), "access_token": "t", "odd": 5}) == {"access_token": "t"}
