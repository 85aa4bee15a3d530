"""A connection's own line of the field map: read, written, listed and told of by every connector, and only with the line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import connectors
from hub.domain.events import Event, RecordChangedData
from hub.domain.sync import Change, Found, SyncClient
from hub.field_checks import wrong_lines
from hub.fields import load
from hub.http import HttpClient
from hub.memory import FakeClock
from tests.contracts.own_fields import OURS, OWN, WITHOUT, OwnAccount
from tests.harness.platforms import Platforms

EVERY = pytest.mark.parametrize("connector", sorted(OWN))


def value(found: Found) -> str | None:
    assert isinstance(found, RecordChangedData)
    return next((one.value for one in found.claims if one.field == OURS), None)


def read(client: SyncClient, record_id: str) -> str | None:
    return value(client.read("contact", [record_id])[0])


def listed(client: SyncClient, record_id: str) -> str | None:
    cursor = None
    while True:
        page = client.page("contact", None, cursor)
        for one in page.found:
            if one.record.id == record_id:
                return value(one)
        cursor = page.next
        assert cursor, "the list lacks the contact"


def told(events: list[Event]) -> list[str | None]:
    changed = [RecordChangedData.model_validate(one.data) for one in events if one.type == "contact.changed"]
    return [found for one in changed if (found := value(one)) is not None]


def touched(events: list[Event]) -> bool:
    return any(event.type == "record.touched" for event in events)


def test_every_connector_with_a_client_for_contacts_is_here() -> None:
    accounts = {path.stem.removeprefix("accounts_") for path in Path(__file__).parent.glob("accounts_*.py")}
    assert accounts == OWN.keys() | set(WITHOUT)


@EVERY
def test_the_field_is_described_and_its_line_is_taken(connector: str) -> None:
    here = OwnAccount.of(connector)
    here.enter(here.own.values[0])
    described = here.client(mapped=False).describe("contact")
    base = load(Path(next(iter(connectors.__path__))) / connector / "fields.toml")[here.native]
    assert wrong_lines(base, {OURS: here.name}, described) == []
    assert next(one for one in described if one.name == here.name).custom
    assert wrong_lines(base, {OURS: "no_such_field_anywhere"}, described) == [(OURS, "The platform has no such field.")]


@EVERY
def test_with_the_line_it_is_read_listed_and_written(connector: str) -> None:
    here = OwnAccount.of(connector)
    first, second, _third = here.own.values
    contact, client = here.enter(first), here.client()
    assert read(client, contact) == first
    assert listed(client, contact) == first
    [outcome] = client.write("contact", [Change(id=contact, fields={OURS: second})])
    assert outcome.state == "written", outcome.reason
    assert read(here.client(), contact) == second
    assert listed(here.client(), contact) == second


@EVERY
def test_what_people_change_in_it_is_told_of(connector: str) -> None:
    here = OwnAccount.of(connector)
    first, _second, third = here.own.values
    contact = here.enter(first)
    here.account.crm.hooks.clear()
    here.account.crm.edit(here.account.kinds["contact"], contact, here.filled(third))
    events = here.events(here.account.crm.hooks)
    assert told(events) == ([third] if here.own.carried else [])
    assert here.own.carried or touched(events)
    assert read(here.client(), contact) == third


@EVERY
def test_without_the_line_it_is_neither_read_nor_written_nor_told(connector: str) -> None:
    here = OwnAccount.of(connector)
    first, second, third = here.own.values
    contact, client = here.enter(first), here.client(mapped=False)
    assert read(client, contact) is None
    assert listed(client, contact) is None
    client.write("contact", [Change(id=contact, fields={OURS: second})])
    assert read(here.client(), contact) == first
    here.account.crm.hooks.clear()
    here.account.crm.edit(here.account.kinds["contact"], contact, here.filled(third))
    assert told(here.events(here.account.crm.hooks, mapped=False)) == []


@pytest.mark.parametrize("connector", WITHOUT)
def test_a_platform_that_cannot_carry_it_describes_no_such_field_and_refuses_the_line(connector: str) -> None:
    account = import_module(f"tests.contracts.accounts_{connector}").account()
    http = HttpClient(FakeClock(), exchange=Platforms({account.host: account.crm.standin()}).exchange)
    module = import_module(f"connectors.{connector}.client")
    client = module.build(account.connection, account.secrets, http, FakeClock())
    described = client.describe("contact")
    assert [one.name for one in described if one.custom] == []
    base = load(Path(next(iter(connectors.__path__))) / connector / "fields.toml")[account.kinds["contact"]]
    refused = [(OURS, "The platform has no such field.")]
    assert wrong_lines(base, {OURS: "metafields.custom.tier"}, described) == refused
