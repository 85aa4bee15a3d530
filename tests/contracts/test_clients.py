"""Every connector's client keeps the promises of `SyncClient` on its platform's stand-in: reading and writing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.domain.events import RecordChangedData
from hub.domain.sync import Change, NewRecord
from tests.contracts.clients_desk import Desk, kinds, pairs, proven, wanted
from tests.contracts.clients_facts import ADDRESS_ONCE, BROKEN, MANY, NAMELESS, READ, WRITTEN
from tests.contracts.clients_judged import fields_of

Of = Callable[[str], Desk]
READING = pytest.mark.parametrize(("connector", "kind"), pairs("reads"))
WRITING = pytest.mark.parametrize(("connector", "kind"), pairs("writes"))


def plain(kind: str, desk: Desk) -> str:
    """A field that holds any text."""
    return next(name for name in ("last_name", "name") if name in desk.account.written[kind])


def test_every_connector_with_a_client_brings_an_account_on_a_stand_in() -> None:
    assert proven() == wanted()
    assert len(wanted()) >= 11
    assert READ.keys() == WRITTEN.keys() == set(wanted())


@pytest.mark.parametrize("connector", proven())
def test_what_is_written_can_be_read_and_has_fields_to_be_tried_by(connector: str) -> None:
    account = Desk.of(connector).account
    assert set(kinds(connector, "writes")) <= set(kinds(connector, "reads")) <= account.kinds.keys()
    assert set(kinds(connector, "lists")) <= set(kinds(connector, "reads"))
    assert account.written.keys() == set(kinds(connector, "writes"))


@READING
def test_what_people_entered_is_read(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    one, other = desk.enter(kind, 1, 2)
    first, second = desk.read(kind, one, other)
    assert (first.record.object, first.record.id, second.record.id) == (kind, one, other)
    assert first.model_dump(exclude={"record"}) != second.model_dump(exclude={"record"})
    texts = [first.model_dump_json(), second.model_dump_json()]
    if kind in ("contact", "lead"):
        assert ["person1@example.com" in text for text in texts] == [True, False]
        assert fields_of(first)["email"] == "person1@example.com"
        assert "+819000000001" in (fields_of(first).get("phone"), fields_of(first).get("mobile"))
    elif kind == "company":
        assert fields_of(first)["name"] == "Company 1"
    else:
        assert isinstance(first, RecordChangedData) is False


@READING
def test_many_are_read_in_the_platforms_batch_form(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    ids = desk.enter(kind, *range(MANY))
    desk.calls.clear()
    found = desk.client.read(kind, [*ids, *ids[:7]])
    assert sorted(one.record.id for one in found) == sorted(ids)
    if kind in ("contact", "lead", "company"):
        assert len(desk.calls) <= READ[connector].most(MANY)


@READING
def test_what_is_deleted_is_read_as_gone_and_its_neighbours_are_read(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    one, other = desk.enter(kind, 1, 2)
    desk.account.crm.remove(desk.native(kind), one)
    assert [found.change for found in desk.read(kind, one, other)] == ["deleted", "changed"]


@WRITING
def test_what_is_written_is_read_back(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    (one,) = desk.enter(kind, 1)
    for values in (desk.first(kind), desk.second(kind)):
        outcome = desk.write(kind, one, values)
        assert outcome.state == "written", outcome.reason
        one = outcome.id
        back, lines = desk.fields(kind, one), desk.map_of(kind)
        wrong = [name for name, value in values.items() if not lines.same(name, value, back.get(name))]
        assert wrong == []


@WRITING
def test_what_is_read_and_written_back_changes_nothing(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    (one,) = desk.enter(kind, 1)
    one = desk.write(kind, one, desk.first(kind)).id
    before, read = desk.held(kind, one), desk.fields(kind, one)
    same = {name: value for name, value in read.items() if name in desk.map_of(kind).writable and value is not None}
    assert same.keys() >= desk.first(kind).keys()
    assert desk.write(kind, one, same).state == "written"
    assert desk.held(kind, one) == before
    assert desk.fields(kind, one) == read


@WRITING
def test_a_write_changes_the_given_field_alone(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    (one,) = desk.enter(kind, 1)
    one = desk.write(kind, one, desk.first(kind)).id
    for name, value in desk.second(kind).items():
        before = desk.fields(kind, one)
        one = desk.write(kind, one, {name: value}).id
        after = desk.fields(kind, one)
        changed = {field for field in before.keys() | after.keys() if before.get(field) != after.get(field)}
        names = {"name", "first_name", "last_name"}
        assert name in changed
        assert changed == {name} or (name in names and changed <= names)


@WRITING
def test_an_emptied_field_is_empty_or_refused_by_its_name(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    lines = desk.map_of(kind).rules
    (one,) = desk.enter(kind, 1)
    for name in [name for name in desk.first(kind) if not lines[name].required]:
        one = desk.write(kind, one, desk.first(kind)).id
        outcome = desk.write(kind, one, {name: None})
        if outcome.state == "refused":
            assert (outcome.fields, bool(outcome.reason)) == ((name,), True)
        else:
            assert outcome.state == "written"
            assert desk.fields(kind, outcome.id).get(name) in (None, "unknown"), name


@WRITING
def test_many_are_written_in_the_platforms_batch_form(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    ids = desk.enter(kind, *range(MANY))
    field = plain(kind, desk)
    desk.calls.clear()
    outcomes = desk.client.write(kind, [Change(id=one, fields={field: f"Renamed {n}"}) for n, one in enumerate(ids)])
    assert [(one.state, one.id) for one in outcomes] == [("written", one) for one in ids]
    assert len(desk.calls) <= WRITTEN[connector].most(MANY)
    assert [desk.fields(kind, ids[n])[field] for n in (0, MANY - 1)] == ["Renamed 0", f"Renamed {MANY - 1}"]


@WRITING
def test_nothing_is_sent_where_nothing_is_to_be_written(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    assert desk.client.write(kind, []) == []
    assert desk.client.read(kind, []) == []
    assert desk.calls == []


@pytest.mark.parametrize(("connector", "kind"), sorted(BROKEN))
def test_one_that_is_refused_stops_no_other_and_names_our_field(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= {400, 422}
    ids, field, broken = desk.enter(kind, 1, 2, 3), plain(kind, desk), BROKEN[connector, kind]
    before = desk.held(kind, ids[1])
    fine = [Change(id=one, fields={field: "Fine"}) for one in ids]
    outcomes = desk.client.write(kind, [fine[0], Change(id=ids[1], fields=broken), fine[2]])
    assert [one.state for one in outcomes] == ["written", "refused", "written"]
    assert outcomes[1].fields == (() if connector in NAMELESS else tuple(broken))
    assert len(outcomes[1].reason.split()) > 3
    assert desk.held(kind, ids[1]) == before
    assert [desk.fields(kind, one)[field] for one in (ids[0], ids[2])] == ["Fine", "Fine"]


@WRITING
def test_one_that_is_gone_stops_no_other_and_is_not_created(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    one, other = desk.enter(kind, 1, 2)
    desk.account.crm.remove(desk.native(kind), one)
    field = plain(kind, desk)
    outcomes = desk.client.write(kind, [Change(id=found, fields={field: "Fine"}) for found in (one, other)])
    assert [found.state for found in outcomes] == ["gone", "written"]
    assert desk.held(kind, one) is None or desk.read(kind, one)[0].change == "deleted"
    assert desk.fields(kind, other)[field] == "Fine"


@WRITING
def test_one_that_changed_since_it_was_read_is_stale_and_left_as_it_is(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected.add(412)
    one, other = desk.enter(kind, 1, 2)
    versions = [found.version for found in desk.read(kind, one, other) if isinstance(found, RecordChangedData)]
    assert all(versions)
    desk.clock.time += 60
    desk.edit(kind, one, 77)
    held, field = desk.held(kind, one), plain(kind, desk)
    changes = [
        Change(id=found, fields={field: "Late"}, version=at) for found, at in zip((one, other), versions, strict=True)
    ]
    outcomes = desk.client.write(kind, changes)
    assert [found.state for found in outcomes] == ["stale", "written"]
    assert desk.held(kind, one) == held
    (again,) = desk.read(kind, one)
    assert isinstance(again, RecordChangedData) and again.version != versions[0]
    assert desk.write(kind, one, {field: "Later"}, again.version).state == "written"


@WRITING
def test_a_new_record_holds_what_was_given_and_is_there_once(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    made = desk.create(kind)
    assert (made.state, bool(made.id)) == ("written", True), made.reason
    assert desk.create(kind).id == made.id
    back, lines = desk.fields(kind, made.id), desk.map_of(kind)
    assert [name for name, value in desk.first(kind).items() if not lines.same(name, value, back.get(name))] == []
    assert desk.listed(kind) == [made.id]


@WRITING
def test_under_the_same_reference_the_record_is_changed(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    made, (field, value) = desk.create(kind), list(desk.second(kind).items())[-1]
    given = {**desk.identity(kind), field: value}
    again = desk.client.create(kind, NewRecord(reference="reference-1", fields=given))
    assert (again.state, again.id) == ("written", made.id)
    assert desk.map_of(kind).same(field, desk.fields(kind, made.id)[field], value)


@pytest.mark.parametrize(("connector", "kind"), [pair for pair in pairs("writes") if pair[1] != "company"])
def test_an_address_of_another_is_refused_by_its_name_or_both_have_it(connector: str, kind: str, desk_of: Of) -> None:
    desk = desk_of(connector)
    desk.expected |= {400, 409, 422}
    one, other = desk.enter(kind, 1, 2)
    theirs, before = desk.fields(kind, other)["email"], desk.held(kind, one)
    outcome = desk.write(kind, one, {"email": theirs})
    if connector in ADDRESS_ONCE:
        left_out = "email" not in desk.map_of(kind).writable
        assert (outcome.state, outcome.fields) == (("written", ()) if left_out else ("refused", ("email",)))
        assert desk.held(kind, one) == before
    else:
        assert (outcome.state, desk.fields(kind, one)["email"]) == ("written", theirs)
    new = {**desk.identity(kind), **desk.first(kind), "email": theirs}
    made = desk.client.create(kind, NewRecord(reference="reference-1", fields=new))
    assert (made.state, made.fields) in (("written", ()), ("refused", ("email",)))
    assert (made.id in ("", other)) == (connector in ADDRESS_ONCE)
