"""What every connector's client makes of a platform that is busy, broken, silent or no longer trusts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

import pytest

from hub.domain.sync import Change, NewRecord
from hub.errors import Reject, Retry
from tests.contracts.clients_desk import Desk, kinds, pairs, proven
from tests.contracts.clients_logged import LOGS
from tests.harness.platforms import LOST, UNREACHABLE

Of = Callable[[str], Desk]
WRITING = pytest.mark.parametrize(("connector", "kind"), pairs("writes"))
EVERY = pytest.mark.parametrize("connector", proven())
# Documented answers to a request that had been done already: there is one (412, 409), a field cannot be changed (400).
REPEATED = {400, 409, 412}
# What everybody who works for the connection can do about a token.
MENDED = re.compile(r"\b(token|key|credentials|connect)", re.IGNORECASE)


def _log(desk: Desk, contact: str) -> object:
    what = kinds(desk.account.connector, "logs")
    return LOGS[what[0]](desk.client, "reference-1", contact) if what else desk.read("contact", contact)


# What is asked of a platform about one contact that is there.
ASKED: Mapping[str, Callable[[Desk, str], object]] = {
    "read": lambda desk, contact: desk.read("contact", contact),
    "written": lambda desk, contact: desk.write("contact", contact, {"phone": "+81300000002"}),
    "created": lambda desk, _contact: desk.create("contact"),
    "listed": lambda desk, _contact: desk.listed("contact"),
    "logged": _log,
    "found": lambda desk, _contact: desk.client.find("contact", email="person1@example.com"),
}
ASKING = pytest.mark.parametrize("asked", sorted(ASKED))


def put_off(desk: Desk, asked: str) -> Retry:
    """The failure of what was asked."""
    (contact,) = desk.enter("contact", 1)
    return put_off_at(desk, asked, contact)


def put_off_at(desk: Desk, asked: str, contact: str) -> Retry:
    with pytest.raises(Retry) as failure:
        ASKED[asked](desk, contact)
    assert len(failure.value.reason.split()) >= 3
    return failure.value


@EVERY
@ASKING
def test_who_is_put_off_waits_at_least_as_long_as_the_platform_says(connector: str, asked: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.answering(429, {"Retry-After": "37"})
    assert 37 <= put_off(desk, asked).after_s <= 900


@EVERY
@ASKING
def test_a_token_that_is_refused_stops_the_work_and_says_how_to_mend_it(
    connector: str, asked: str, desk_of: Of
) -> None:
    desk = desk_of(connector)
    desk.answering(401)
    failure = put_off(desk, asked)
    assert failure.after_s >= 300
    assert MENDED.search(failure.reason), failure.reason


@EVERY
@ASKING
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_platform_that_is_broken_is_asked_again(connector: str, asked: str, status: int, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.answering(status)
    assert put_off(desk, asked).after_s <= 900


@EVERY
@ASKING
@pytest.mark.parametrize("trouble", [LOST, UNREACHABLE])
def test_a_platform_that_says_nothing_is_asked_again(connector: str, asked: str, trouble: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= REPEATED
    (contact,) = desk.enter("contact", 1)
    desk.trouble(lambda _call: trouble)
    assert put_off_at(desk, asked, contact).after_s <= 900


@EVERY
@ASKING
def test_a_page_of_a_proxy_in_place_of_the_platform_is_no_answer(connector: str, asked: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    (contact,) = desk.enter("contact", 1)
    desk.babbling()
    with pytest.raises((Retry, Reject)) as failure:
        ASKED[asked](desk, contact)
    assert "<html" not in failure.value.reason


@WRITING
def test_a_write_whose_answer_is_lost_is_there_once_it_is_repeated(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    (one,) = desk.enter(kind, 1)
    for number in (1, 2):
        desk.lose(number)
        values = desk.first(kind) if number == 1 else desk.second(kind)
        change = Change(id=one, fields=values)
        (outcome,) = desk.persist(partial(desk.client.write, kind, [change]))
        assert outcome.state == "written"
        one, lines = outcome.id, desk.map_of(kind)
        back = desk.fields(kind, one)
        assert [name for name, value in values.items() if not lines.same(name, value, back.get(name))] == []
        desk.trouble()


@WRITING
@pytest.mark.parametrize("lag_s", [0, 45])
def test_a_record_is_created_once_though_the_first_answer_was_lost(
    connector: str, kind: str, lag_s: int, desk_of: Of
) -> None:
    desk = desk_of(connector)
    desk.enter(kind, 1, 2)
    desk.account.crm.misbehaviour.search_lag_s = lag_s
    desk.expected |= REPEATED
    for number in (1, 2):
        desk.lose(1)
        fields = {**desk.identity(kind), **desk.first(kind)} if number == 1 else desk.third(kind)
        record = NewRecord(reference=f"reference-{number}", fields=fields)
        made = desk.persist(partial(desk.client.create, kind, record))
        desk.trouble()
        assert made.state == "written", made.reason
        desk.clock.time += 3_600
        assert desk.client.create(kind, record).id == made.id
        desk.clock.time += 3_600
        assert len(desk.listed(kind)) == 2 + number
