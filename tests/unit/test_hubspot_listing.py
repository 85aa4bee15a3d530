"""Whole objects and what changed since: complete beyond HubSpot's caps, resumable, blind for no change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.hubspot.listing import LAG_S, MOST_FOUND
from hub.domain.events import instant
from hub.domain.sync import Slice
from hub.errors import Reject
from infra.local.standins.misbehaving import Misbehaviour
from tests.unit.hubspot_account import Account

KINDS = {"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}


def entered(account: Account, kind: str, number: int) -> list[str]:
    required = {"company": "name", "deal": "dealname", "ticket": "subject", "contact": "lastname"}[kind]
    more = {"hs_pipeline_stage": "1"} if kind == "ticket" else {}
    return [account.crm.enter(KINDS[kind], {required: str(one), **more}) for one in range(number)]


def slices(account: Account, kind: str, since: str | None = None) -> Iterator[Slice]:
    cursor = None
    while True:
        page = account.client.page(kind, since, cursor)
        yield page
        cursor = page.next
        if cursor is None:
            return


def ids(pages: list[Slice]) -> list[str]:
    return [one.record.id for page in pages for one in page.found]


def now(account: Account) -> str:
    return instant(round(account.clock.now() * 1000))


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_record_is_listed_once_in_pages_with_their_number(kind: str) -> None:
    account = Account()
    made = entered(account, kind, 130)
    pages = list(slices(account, kind))
    assert ids(pages) == made
    assert [page.total for page in pages] == [130] + [None] * (len(pages) - 1)
    assert len(pages) > 1


def test_a_page_can_be_asked_for_again() -> None:
    account = Account()
    entered(account, "contact", 60)
    cursor = account.client.page("contact", None, None).next
    first, second = (account.client.page("contact", None, cursor) for _ in range(2))
    assert first == second


def test_only_what_changed_since_is_listed_and_each_field_has_its_own_time() -> None:
    account = Account()
    made = entered(account, "contact", 3)
    account.clock.sleep(LAG_S + 60)
    since = now(account)
    account.clock.sleep(60)
    account.crm.edit("contacts", made[1], {"jobtitle": "Manager"})
    pages = list(slices(account, "contact", since))
    assert ids(pages) == [made[1]]
    found = pages[0].found[0]
    assert {claim.precision for claim in found.claims} == {"field"}  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["company", "deal"])
def test_other_kinds_are_searched_by_their_own_time_of_change(kind: str) -> None:
    account = Account()
    entered(account, kind, 2)
    account.clock.sleep(LAG_S + 60)
    since = now(account)
    made = entered(account, kind, 1)
    assert ids(list(slices(account, kind, since))) == made


def test_more_changes_than_a_search_gives_are_listed_without_paging_a_search() -> None:
    account = Account()
    made = entered(account, "deal", 2 * MOST_FOUND + 1)
    pages = list(slices(account, "deal", "2026-01-01T00:00:00.000Z"))
    assert ids(pages) == made
    searches = [call["body"] for call in account.calls if call["path"].endswith("/search")]
    assert {body["after"] for body in searches} == {"0"}


def test_whoever_changes_during_the_listing_does_not_push_another_out() -> None:
    account = Account()
    made = entered(account, "deal", MOST_FOUND + 50)
    first = account.client.page("deal", "2026-01-01T00:00:00.000Z", None)
    for one in made[:MOST_FOUND]:
        account.clock.sleep(1)
        account.crm.edit("deals", one, {"amount": "1"})
    second = account.client.page("deal", "2026-01-01T00:00:00.000Z", first.next)
    assert set(ids([first, second])) == set(made)


def test_a_change_that_the_index_did_not_show_yet_is_given_by_the_next_listing() -> None:
    account = Account(misbehaviour=Misbehaviour(search_lag_s=LAG_S - 1))
    [aya] = entered(account, "contact", 1)
    account.clock.sleep(LAG_S)
    account.crm.edit("contacts", aya, {"jobtitle": "Manager"})
    account.clock.sleep(1)
    began = now(account)
    assert ids(list(slices(account, "contact", began))) == []
    account.clock.sleep(LAG_S)
    assert ids(list(slices(account, "contact", began))) == [aya]


def test_what_was_deleted_since_is_told_and_what_went_before_is_not() -> None:
    account = Account()
    old, kept, new = entered(account, "contact", 3)
    account.crm.remove("contacts", old)
    account.clock.sleep(LAG_S + 60)
    since = now(account)
    account.crm.remove("contacts", new)
    pages = list(slices(account, "contact", since))
    assert [one for page in pages for one in page.deleted] == [new]
    assert kept not in ids(pages)


@pytest.mark.parametrize(("since", "cursor"), [(None, "search/5"), (None, "bin"), ("2026-01-01T00:00:00Z", "nowhere")])
def test_a_cursor_from_elsewhere_is_rejected(since: str | None, cursor: str) -> None:
    with pytest.raises(Reject, match="cursor"):
        Account().client.page("contact", since, cursor)


def test_kinds_that_hubspot_does_not_have_are_rejected() -> None:
    account = Account()
    with pytest.raises(Reject, match="order records are not listed"):
        account.client.page("order", None, None)
    with pytest.raises(Reject, match="order records are not read"):
        account.client.read("order", ["1"])
    with pytest.raises(Reject, match="no order records"):
        account.client.describe("order")


def test_fields_are_described_with_their_types_options_and_whether_they_can_be_written() -> None:
    account = Account()
    found = {one.name: one for one in account.client.describe("contact")}
    assert (found["email"].type, found["email"].unique, found["email"].custom) == ("text", True, False)
    assert ("customer", "Customer") in found["lifecyclestage"].options
    assert (found["lifecyclestage"].type, found["hs_email_optout"].writable) == ("picklist", False)
    assert (found["renkei_id"].custom, found["renkei_id"].unique, found["renkei_id"].writable) == (True, True, True)
