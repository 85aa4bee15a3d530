"""Message events become conversations: once each, in any order, and only those that say something new."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pytest

from hub.conversation_view import ConversationView, conversation
from hub.conversations import conversations_of
from hub.memory import MemoryStore, memory_hub
from hub.ports import Item
from hub.wiring import Hub
from tests.unit.test_sync_customers import CHAT, PHONE, customer, event, message, run

BUSINESS = {"channel": "whatsapp", "customer": {"identifiers": [CHAT]}}


def answer(number: int, at: str, text: str = "Of course", **more: Any) -> dict[str, Any]:
    data = BUSINESS | {"message_id": f"w{number}", "direction": "outbound", "text": text} | more
    return event("message.echoed", number, at, data)


def change(number: int, of: int, at: str, kind: str, **data: Any) -> dict[str, Any]:
    return event(f"message.{kind}", number, at, BUSINESS | {"message_id": f"w{of}", **data})


STORY = [
    message(1, "09:00:00", PHONE, CHAT, text="Are you open?"),
    message(2, "09:01:00", CHAT, text="Hello?"),
    answer(3, "09:02:00"),
    message(4, "09:03:00", CHAT, text="And tomorow?"),
    change(5, 4, "09:04:00", "edited", text="And tomorrow?"),
    change(6, 3, "09:05:00", "status_changed", status="read"),
]


def talks(hub: Hub, identifier: dict[str, str] = CHAT) -> list[ConversationView]:
    return [conversation(one) for one in conversations_of(customer(hub, identifier))]


def items(hub: Hub) -> list[tuple[str, int]]:
    return [(item.sk, item.version) for item in hub.store.everything() if item.sk.startswith("CONV#")]  # type: ignore[attr-defined]


def test_a_story_ends_as_one_conversation() -> None:
    (talk,) = talks(run(STORY), PHONE)
    assert (talk.connection, talk.channel, talk.state, talk.name) == ("wa", "whatsapp", "open", "Hanako")
    assert talk.last_inbound is not None
    assert talk.last_outbound is not None
    assert (talk.last_inbound.text, talk.last_outbound.text) == ("And tomorrow?", "Of course")
    assert (talk.unread, talk.unread_more) == (3, False)
    assert talk.waiting_since == talk.last_activity_at == "2026-11-20T09:03:00.000Z"
    assert talk.window_until == "2026-11-21T09:03:00.000Z"


def test_every_order_of_the_story_with_copies_ends_the_same() -> None:
    expected = talks(run(STORY))
    for order in itertools.permutations(STORY):
        copies = Random(str(order)).choices(STORY, k=2)
        assert talks(run([*order, *copies])) == expected


def test_a_plain_status_and_a_copy_write_no_conversation() -> None:
    hub = run(STORY)
    before = items(hub)
    run([change(9, 3, "09:06:00", "status_changed", status="played"), STORY[0], STORY[4]], hub)
    assert items(hub) == before


@pytest.mark.parametrize("more", [{"origin": "history"}, {"group_id": "g1"}])
def test_history_and_groups_open_no_conversation(more: dict[str, str]) -> None:
    one = message(1, "09:00:00", CHAT)
    assert items(run([one | {"data": one["data"] | more}])) == []


def test_an_answer_from_the_platforms_own_app_tells_that_the_messages_were_read() -> None:
    (talk,) = talks(run([*STORY[:2], answer(3, "09:02:00", origin="echo"), STORY[3]]))
    assert talk.unread == 1


def test_a_window_that_the_platform_tells_of_is_known_before_the_message_is() -> None:
    until = "2026-11-23T09:02:30.000Z"
    status = change(7, 3, "09:02:30", "status_changed", status="sent", window_until=until)
    assert [one.window_until for one in talks(run([status, *STORY]))] == [until]
    assert talks(run([message(8, "09:00:00", PHONE), status]), PHONE)[0].window_until == "2026-11-21T09:00:00.000Z"


def test_a_message_from_the_future_was_sent_when_it_was_received_whichever_copy_comes_first() -> None:
    first = message(1, "09:00:00", CHAT) | {"time": "2026-11-20T15:00:00.000Z"}
    again = first | {"received": "2026-11-20T09:30:00.000Z"}
    expected = "2026-11-20T09:00:00.500Z"
    for order in ([first, again], [again, first], [again, first, again]):
        (talk,) = talks(run(order))
        assert (talk.last_activity_at, talk.waiting_since, talk.unread) == (expected, expected, 1)


def test_what_is_filed_under_two_personas_is_one_conversation() -> None:
    apart = [message(1, "09:00:00", PHONE), message(2, "09:01:00", CHAT)]
    (talk,) = talks(run([*apart, message(3, "09:02:00", PHONE, CHAT)]))
    assert (talk.unread, talk.waiting_since) == (3, "2026-11-20T09:00:00.000Z")


def test_a_picture_without_words_is_said_to_be_one() -> None:
    one = message(1, "09:00:00", CHAT)
    (talk,) = talks(run([one | {"data": one["data"] | {"text": None, "content": "image"}}]))
    assert talk.last_inbound is not None
    assert talk.last_inbound.text == "[image]"


class Counting(MemoryStore):
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.everything_asked: list[str] = []

    @property
    def asked(self) -> list[str]:
        return [one[:3] for one in self.everything_asked if one.endswith("CONV")]

    def get(self, pk: str, sk: str) -> Item | None:
        self.everything_asked.append(f"get {sk.partition('#')[0]}")
        return super().get(pk, sk)

    def put(self, item: Item) -> None:
        self.everything_asked.append(f"put {item.sk.partition('#')[0]}")
        super().put(item)


def test_a_message_costs_its_conversation_one_read_and_one_write_and_a_status_nothing() -> None:
    store = Counting()
    hub = run(STORY[:1], memory_hub(store=store))
    assert store.asked == ["get", "put"]
    run(STORY[1:3], hub)
    assert store.asked == ["get", "put"] * 3
    run([STORY[5]], hub)
    assert store.asked == ["get", "put"] * 3


def renamed(one: dict[str, Any], name: str) -> dict[str, Any]:
    return one | {"data": one["data"] | {"customer": one["data"]["customer"] | {"name": name}}}


def known(hub: Hub) -> list[tuple[str, str, Any]]:
    """What is stored of who the customer is."""
    kept = ("NODE", "EDGE#", "REC#")
    return [(one.pk, one.sk, one.body) for one in hub.store.everything() if one.sk.startswith(kept)]  # type: ignore[attr-defined]


def test_what_messages_tell_of_who_wrote_them_is_the_same_in_any_order() -> None:
    told = [
        message(1, "09:00:00", PHONE, CHAT),
        message(2, "09:01:00", PHONE, CHAT),
        message(3, "09:01:00", CHAT, PHONE),
        renamed(message(4, "09:02:00", PHONE, CHAT), "Hana"),
        message(5, "09:03:00", CHAT),
    ]
    expected = known(run(told))
    assert sum(sk.startswith("EDGE#") for _, sk, _ in expected) == 2
    for order in itertools.permutations(told):
        assert known(run([*order, order[0]])) == expected


def test_a_message_that_tells_nothing_new_of_who_wrote_it_reads_its_conversation_only() -> None:
    store = Counting()
    hub = run([message(1, "09:00:00", PHONE, CHAT)], memory_hub(store=store))
    store.everything_asked.clear()
    run([message(2, "09:01:00", PHONE, CHAT)], hub)
    assert store.everything_asked == ["get CONV", "put ENTRY", "put CONV"]
