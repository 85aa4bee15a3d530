"""What every connector's client knows of the account itself: fields, owners, whom a phone belongs to, how it is set up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.errors import Reject
from tests.contracts.clients_desk import Desk, kinds, pairs, proven
from tests.contracts.clients_judged import changes_of

Of = Callable[[str], Desk]
EVERY = pytest.mark.parametrize("connector", proven())
WRITING = pytest.mark.parametrize(("connector", "kind"), pairs("writes"))
OTHER = ("contact", "lead", "company", "deal", "ticket", "order")
# Platforms that find nobody by phone: WooCommerce and Mailchimp have no such search.
BY_ADDRESS_ALONE = frozenset({"woocommerce", "mailchimp"})
# What the client writes beyond what is kept in step: a ticket's status, behind Zendesk's own lock.
ALSO_WRITTEN = {("zendesk", "ticket")}
# Fields of the map that the platform's list of fields does not name: a list (`emails`), what the stand-in's list leaves
# out, and our word for a member's status.
UNDESCRIBED = {"freshsales": {"email"}, "intercom": {"owner_id", "size"}, "mailchimp": {"consent"}}


@WRITING
def test_fields_are_described_with_a_name_each_and_the_written_ones_among_them(
    connector: str, kind: str, desk_of: Of
) -> None:
    desk = desk_of(connector)
    described = desk.client.describe(kind)
    names = [one.name for one in described]
    assert len(names) == len(set(names))
    assert all(name.strip() for name in names)
    writable = {one.name for one in described if one.writable}
    rules = desk.map_of(kind).rules
    heads = {rules[name].theirs.partition(".")[0] for name in desk.first(kind)}
    assert heads - {name.partition(".")[0] for name in writable} <= UNDESCRIBED.get(connector, set())


@EVERY
def test_an_owner_who_is_read_is_one_of_the_owners(connector: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    owners = desk.client.owners()
    assert len({one.id for one in owners}) == len(owners)
    addresses = {one.email for one in owners}
    for kind in kinds(connector, "writes"):
        read = desk.fields(kind, desk.enter(kind, 1)[0])
        assert read.get("owner") in addresses | {None}
        assert set(desk.account.written[kind].get("owner", ())) <= addresses


@WRITING
def test_an_owner_whom_the_platform_does_not_know_is_refused_or_left_out(
    connector: str, kind: str, desk_of: Of
) -> None:
    desk = desk_of(connector)
    if "owner" not in desk.map_of(kind).writable:
        return
    (one,) = desk.enter(kind, 1)
    before = desk.held(kind, one)
    outcome = desk.write(kind, one, {"owner": "nobody@example.org"})
    assert (outcome.state, outcome.fields) in (("refused", ("owner",)), ("written", ()))
    assert desk.held(kind, one) == before


@EVERY
def test_people_are_found_by_their_address_and_phone_and_no_others(connector: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    one, _other = desk.enter("contact", 1, 2)
    assert desk.client.find("contact", email="person1@example.com") == [one]
    assert desk.client.find("contact", email="Person1@Example.com") == [one]
    by_phone = desk.client.find("contact", phone="+819000000001")
    assert by_phone == ([] if connector in BY_ADDRESS_ALONE else [one])
    assert desk.client.find("contact", email="nobody@example.com") == []
    assert desk.client.find("contact", phone="+819000009999") == []
    desk.calls.clear()
    assert desk.client.find("contact") == []
    assert desk.calls == []


@EVERY
def test_what_is_missing_is_planned_without_changing_anything_and_set_up_once(connector: str) -> None:
    desk = Desk.untouched(connector)
    planned = desk.client.plan_set_up()
    assert planned == desk.client.plan_set_up()
    assert all(len(sentence.split()) > 3 for sentence in planned)
    assert changes_of(desk.calls) == []
    desk.client.set_up()
    assert bool(changes_of(desk.calls)) == bool(planned)
    desk.calls.clear()
    assert desk.client.plan_set_up() == []
    desk.client.set_up()
    assert changes_of(desk.calls) == []
    assert desk.refused() == []


@EVERY
def test_kinds_that_the_client_does_not_have_are_rejected_in_a_sentence_and_nothing_is_asked(
    connector: str, desk_of: Of
) -> None:
    desk = desk_of(connector)
    for kind in set(OTHER) - set(kinds(connector, "reads")):
        for attempt in (
            lambda kind=kind: desk.client.read(kind, ["1"]),
            lambda kind=kind: desk.client.page(kind, None, None),
        ):
            with pytest.raises(Reject) as refused:
                attempt()
            assert len(refused.value.reason.split()) >= 4
    for kind in set(OTHER) - set(kinds(connector, "writes")):
        if (connector, kind) in ALSO_WRITTEN:
            continue
        with pytest.raises(Reject) as refused:
            desk.client.write(kind, [])
        assert len(refused.value.reason.split()) >= 4
    assert desk.calls == []


@EVERY
def test_an_id_from_elsewhere_is_of_nobody_and_never_becomes_part_of_an_address(connector: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= {400, 422}
    for odd in ("../../admin", "1?expand=all", "1 or 1=1", "%2e%2e/owners", "1'"):
        assert [found.change for found in desk.client.read("contact", [odd])] == ["deleted"]
        outcome = desk.write("contact", odd, {"phone": "+81300000002"})
        assert outcome.state in ("gone", "refused")
