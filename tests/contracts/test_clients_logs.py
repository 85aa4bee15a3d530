"""Every connector's client logs each call, message, note and task once, moves it, and takes it back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from hub import connector as registry
from hub.errors import Reject, Retry
from tests.contracts.clients_desk import Desk, kinds, pairs, proven
from tests.contracts.clients_logged import COMMANDS, HELD, LOGS, PUT_AWAY, UNMOVED, UNTAKEN

Of = Callable[[str], Desk]
LOGGING = pytest.mark.parametrize(("connector", "what"), pairs("logs"))
MOVING = pytest.mark.parametrize(("connector", "what"), [pair for pair in pairs("logs") if pair not in UNMOVED])
# Documented answers to a repetition: there is one already (412, 409), a field cannot be changed later (400).
REPEATED = {400, 409, 412}


def held(desk: Desk) -> int:
    return HELD[desk.account.connector](desk.account.crm)


@LOGGING
def test_what_is_logged_is_there_once_however_often_it_is_said(connector: str, what: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= REPEATED
    contact, _other = desk.enter("contact", 1, 2)
    logged = LOGS[what](desk.client, "reference-1", contact)
    assert held(desk) == 1
    desk.clock.time += 3_600
    assert LOGS[what](desk.client, "reference-1", contact) == logged
    assert held(desk) == 1
    assert LOGS[what](desk.client, "reference-2", contact) != logged
    assert held(desk) == 2


@LOGGING
def test_an_answer_that_is_lost_makes_no_second_one(connector: str, what: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= REPEATED
    (contact,) = desk.enter("contact", 1)
    LOGS[what](desk.client, "reference-0", contact)
    for number in range(1, 4):
        desk.lose(number)
        logged = desk.persist(partial(LOGS[what], desk.client, f"reference-{number}", contact))
        assert LOGS[what](desk.client, f"reference-{number}", contact) == logged
        assert held(desk) == number + 1


@MOVING
def test_a_log_is_moved_and_taken_back_more_than_once_without_harm(connector: str, what: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= REPEATED
    contact, other = desk.enter("contact", 1, 2)
    logged = LOGS[what](desk.client, "reference-1", contact)
    for _ in range(2):
        desk.client.move_log(what, logged, contact, other)
        assert held(desk) == 1
    for _ in range(2):
        desk.client.take_log(what, logged)
        assert held(desk) == 0


@pytest.mark.parametrize(("connector", "what"), sorted(UNMOVED))
def test_what_the_platform_cannot_move_is_left_to_people(connector: str, what: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    contact, other = desk.enter("contact", 1, 2)
    logged = LOGS[what](desk.client, "reference-1", contact)
    with pytest.raises(Reject, match="inbox"):
        desk.client.move_log(what, logged, contact, other)
    if (connector, what) in UNTAKEN:
        with pytest.raises(Reject, match="delete it in the inbox"):
            desk.client.take_log(what, logged)
    else:
        desk.client.take_log(what, logged)
        desk.client.take_log(what, logged)
    assert held(desk) == ((connector, what) in UNTAKEN)


@pytest.mark.parametrize("connector", proven())
def test_the_manifest_gives_the_class_of_what_the_client_does_and_of_nothing_else(connector: str) -> None:
    records = {"CreateRecord", "UpdateRecord"} if kinds(connector, "writes") else set()
    logged = {COMMANDS[what] for what in kinds(connector, "logs")}
    assert registry.load(connector).effects.keys() == records | logged


@pytest.mark.parametrize("connector", proven())
def test_what_a_platform_has_no_place_for_is_rejected_in_a_sentence(connector: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    (contact,) = desk.enter("contact", 1)
    for what in LOGS.keys() - set(kinds(connector, "logs")):
        desk.calls.clear()
        with pytest.raises(Reject) as refused:
            LOGS[what](desk.client, "reference-1", contact)
        assert len(refused.value.reason.split()) > 5
        assert desk.calls == []


@pytest.mark.parametrize(("connector", "what"), [pair for pair in pairs("logs") if pair[0] not in PUT_AWAY])
def test_a_log_of_a_contact_that_is_gone_is_rejected_or_put_off(connector: str, what: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= {400, 422}
    contact, other = desk.enter("contact", 1, 2)
    desk.account.crm.remove(desk.native("contact"), contact)
    with pytest.raises((Reject, Retry)) as refused:
        LOGS[what](desk.client, "reference-1", contact)
    assert len(refused.value.reason.split()) > 3
    LOGS[what](desk.client, "reference-2", other)
