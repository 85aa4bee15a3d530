"""What the client makes of HubSpot's records: times of single fields, authors, owners, deals and tickets by name."""

from __future__ import annotations

import pytest

from hub.domain.events import DealData, TicketData
from infra.local.standins.hubspot_account import AUTOMATION
from infra.local.standins.misbehaving import Misbehaviour
from tests.unit.hubspot_account import Account

AYA = {"firstname": "Aya", "lastname": "Kobayashi", "email": "Aya@Example.com", "phone": "090-0000-0006"}


def test_each_field_has_the_time_at_which_it_was_set_and_an_emptied_one_is_told() -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA)
    made = account.claims("contact", aya)["phone"]
    account.clock.sleep(60)
    account.crm.edit("contacts", aya, {"lastname": "Takagi", "phone": ""})
    found = account.claims("contact", aya)
    assert (found["last_name"].value, found["name"].value) == ("Takagi", "Aya Takagi")
    assert found["phone"].value is None
    assert found["first_name"].at == made.at < found["phone"].at == found["name"].at
    assert {claim.precision for claim in found.values()} == {"field"}


def test_a_change_is_ours_only_where_the_newest_author_is_our_app() -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA)
    assert (account.record("contact", aya).ours, account.record("contact", aya).actor) == (False, "user:8700001")
    account.clock.sleep(1)
    account.crm.account.update(account.crm.records.of("contacts")[aya], {"city": "Kobe"}, account.crm.account.author())
    assert (account.record("contact", aya).ours, account.record("contact", aya).actor) == (True, "app:7100042")
    account.clock.sleep(1)
    account.crm.account.update(account.crm.records.of("contacts")[aya], {"city": "Osaka"}, AUTOMATION)
    assert (account.record("contact", aya).ours, account.record("contact", aya).actor) == (False, "automation_platform")


def test_without_the_setting_app_id_nothing_is_taken_for_ours() -> None:
    account = Account(settings={"app_id": None})
    aya = account.crm.account.create("contacts", AYA, account.crm.account.author()).id
    assert account.record("contact", aya).ours is None


def test_what_the_api_wrote_in_a_users_name_is_not_ours() -> None:
    account = Account(misbehaviour=Misbehaviour(echo_as="user"))
    aya = account.crm.account.create("contacts", AYA, account.crm.account.author()).id
    assert account.record("contact", aya).ours is False


def test_an_owner_is_an_address_and_owners_are_asked_for_once_and_only_if_there_is_one() -> None:
    account = Account()
    without = account.crm.enter("contacts", AYA)
    account.record("contact", without)
    asked = [call["path"] for call in account.calls]
    assert not any("/owners/" in path for path in asked)
    owned = [account.crm.enter("contacts", {"lastname": str(n), "hubspot_owner_id": "7700001"}) for n in range(2)]
    assert {account.claims("contact", one)["owner"].value for one in owned} == {"mika.sales@example.com"}
    assert sum("/owners/" in call["path"] for call in account.calls) == 1
    assert [one.name for one in account.client.owners()] == ["Mika Endo", "Jon Reed"]


def test_owners_of_several_pages_are_all_read() -> None:
    account = Account()
    account.crm.directory.owners = tuple((str(n), f"user{n}@example.com", "User", str(n)) for n in range(1, 502))
    assert len(account.client.owners()) == 501


@pytest.mark.parametrize(("opted_out", "consent"), [("true", "denied"), ("false", "unknown")])
def test_an_opt_out_is_a_consent_denied_and_no_opt_out_grants_nothing(opted_out: str, consent: str) -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA | {"hs_email_optout": opted_out})
    assert account.claims("contact", aya)["consent_email"].value == consent


def test_a_contact_names_its_own_company() -> None:
    account = Account()
    aya, works = account.crm.enter("contacts", AYA), account.crm.enter("companies", {"name": "Kettle Works"})
    account.crm.link("contacts", aya, "companies", works)
    assert account.claims("contact", aya)["company_ref"].value == f"company:{works}"


def test_a_company_is_read_with_the_times_of_its_fields_and_no_persons_identifiers() -> None:
    account = Account()
    works = account.crm.enter("companies", {"name": "Kettle Works", "phone": "078-000-0001", "numberofemployees": "12"})
    found = account.record("company", works)
    assert {claim.field: claim.value for claim in found.claims} == {
        "name": "Kettle Works",
        "phone": "078-000-0001",
        "employees": "12",
    }
    assert [one.kind for one in found.identifiers] == ["record"]


def test_a_merged_contact_is_gone_and_brings_the_survivor_with_every_address() -> None:
    account = Account()
    kept = account.crm.enter("contacts", AYA)
    lost = account.crm.enter("contacts", {"email": "aya.k@example.com", "jobtitle": "Manager"})
    survivor = account.crm.merge("contacts", kept, lost, third_id=True)
    found = {one.record.id: one for one in account.client.read("contact", [lost])}
    assert {name: one.change for name, one in found.items()} == {survivor: "changed", lost: "deleted"}
    again = account.record("contact", survivor)
    assert {one.value for one in again.identifiers if one.kind == "email"} == {"aya@example.com", "aya.k@example.com"}
    assert {claim.field: claim.value for claim in again.claims}["title"] == "Manager"


def test_the_version_stays_where_only_something_unseen_changes_and_moves_with_a_mapped_field() -> None:
    account = Account()
    account.crm.schema.kinds["contacts"]["internal_score"] = "number"
    aya = account.crm.enter("contacts", AYA)
    first = account.record("contact", aya).version
    account.clock.sleep(1)
    account.crm.edit("contacts", aya, {"internal_score": "3"})
    assert account.record("contact", aya).version == first
    account.crm.edit("contacts", aya, {"city": "Kobe"})
    assert account.record("contact", aya).version != first


# Deals and tickets.


def deal(account: Account, **values: str) -> DealData:
    common = {"dealname": "Ten kettles", "dealstage": "contractsent", "pipeline": "default"}
    made = account.crm.enter("deals", common | values)
    found = account.client.read("deal", [made])[0]
    assert isinstance(found, DealData)
    return found


def test_a_deal_is_told_in_the_words_that_people_see() -> None:
    found = deal(
        Account(), amount="120000.50", deal_currency_code="JPY", closedate="2026-12-24T00:00:00Z", hubspot_owner_id="7700002"
    )  # fmt: skip
    assert (found.title, found.amount, found.currency, found.close_date) == (
        "Ten kettles",
        "120000.50",
        "JPY",
        "2026-12-24",
    )
    assert (found.stage, found.pipeline, found.native_status) == ("Contract sent", "Sales Pipeline", "contractsent")
    assert (found.status, found.probability, found.owner) == ("open", "90", "jon.support@example.com")


@pytest.mark.parametrize(("stage", "status", "probability"), [("closedwon", "won", "100"), ("closedlost", "lost", "0")])
def test_a_closed_deal_is_won_or_lost(stage: str, status: str, probability: str) -> None:
    found = deal(Account(), dealstage=stage)
    assert (found.status, found.probability) == (status, probability)


def test_deals_concern_the_contacts_and_the_company_that_they_are_associated_with() -> None:
    account = Account()
    people = [account.crm.enter("contacts", {"lastname": name}) for name in ("Endo", "Reed")]
    works = account.crm.enter("companies", {"name": "Kettle Works"})
    made = account.crm.enter("deals", {"dealname": "Ten kettles"})
    alone = account.crm.enter("deals", {"dealname": "None"})
    for one in people:
        account.crm.link("deals", made, "contacts", one)
    account.crm.link("deals", made, "companies", works)
    found = account.client.read("deal", [made, alone])
    assert isinstance(found[0], DealData) and isinstance(found[1], DealData)
    assert [one.id for one in found[0].contacts] == people
    assert found[0].company is not None and found[0].company.id == works
    assert (found[1].contacts, found[1].company, found[1].status) == ((), None, "unknown")


def test_a_ticket_is_told_in_the_words_that_people_see() -> None:
    account = Account()
    values = {"subject": "Broken", "content": "The lid.", "hs_pipeline": "0", "hs_pipeline_stage": "4"}
    made = account.crm.enter("tickets", values | {"hs_ticket_priority": "HIGH", "source_type": "PHONE"})
    found = account.client.read("ticket", [made])[0]
    assert isinstance(found, TicketData)
    assert (found.title, found.description, found.status) == ("Broken", "The lid.", "closed")
    assert (found.native_status, found.queue, found.priority, found.channel) == (
        "Closed",
        "Support Pipeline",
        "high",
        "phone",
    )


def test_a_deal_that_is_gone_is_deleted_and_pipelines_are_asked_for_once() -> None:
    account = Account()
    kept, lost = (account.crm.enter("deals", {"dealname": name}) for name in ("a", "b"))
    account.crm.remove("deals", lost)
    assert {one.record.id: one.change for one in account.client.read("deal", [kept, lost])} == {
        kept: "changed",
        lost: "deleted",
    }
    account.client.read("deal", [kept])
    assert sum("/pipelines/" in call["path"] for call in account.calls) == 1
