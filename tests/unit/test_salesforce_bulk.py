"""All records of a large Salesforce object by a query job: waited for, fetched set by set, given up for queries."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.salesforce.bulk import Place, QueryJobs
from hub.domain.events import DealData, RecordChangedData
from hub.domain.sync import Found, Slice
from hub.errors import Reject, Retry
from infra.local.standins.server import Call
from tests.unit.salesforce_organization import Organization, answering

LARGE = 3


def organization(many: int = 5, **settings: Any) -> tuple[Organization, list[str]]:
    found = Organization(**{"bulk_from": LARGE, **settings})
    return found, [found.contact(Email=f"p{number}@example.com") for number in range(many)]


def everything(here: Organization, kind: str = "contact", cursor: str | None = None) -> list[Found]:
    """All pages, waiting as a job does."""
    found: list[Found] = []
    for _ in range(100):
        try:
            page = here.client.page(kind, None, cursor)
        except Retry as wait:
            here.clock.sleep(wait.after_s)
            continue
        found, cursor = [*found, *page.found], page.next
        if cursor is None:
            return found
    raise AssertionError("the list has no end")


def ids(found: list[Found]) -> list[str]:
    return [one.record.id for one in found]


def paths(here: Organization) -> list[str]:
    return [call.path.rsplit("/v67.0", 1)[-1] for call in here.calls if "/v67.0" in call.path]


def test_a_large_object_comes_from_one_job_which_is_waited_for() -> None:
    here, people = organization()
    first = here.client.page("contact", None, None)
    assert (first.found, first.total) == ((), 5)
    with pytest.raises(Retry, match="gathering") as waits:
        here.client.page("contact", None, first.next)
    assert waits.value.after_s == 20
    here.clock.sleep(30)
    page = here.client.page("contact", None, first.next)
    assert (sorted(ids(list(page.found))), page.next) == (people, None)
    assert sum(path == "/jobs/query" for path in paths(here)) == 1


def test_few_records_and_what_changed_since_a_time_come_from_queries() -> None:
    here, people = organization(many=LARGE - 1)
    assert ids(everything(here)) == people
    here.contact()
    here.client.page("contact", "2026-01-01T00:00:00.000Z", None)
    never, others = organization(bulk_from=0)
    assert ids(everything(never)) == others
    assert not any("jobs" in path for path in paths(here) + paths(never))


def test_sets_are_fetched_by_their_locators_and_again_after_a_lost_answer() -> None:
    here, people = organization()
    jobs = QueryJobs(here.client.api.session, rows=2)
    place = jobs.begin("SELECT Id, Email FROM Contact")
    here.clock.sleep(60)
    rows, second = jobs.rows_at(place, ["Id", "Email"], frozenset())
    assert second
    again = [jobs.rows_at(second, ["Id", "Email"], frozenset()) for _ in range(2)]
    assert again[0] == again[1]
    last, nothing = jobs.rows_at(again[0][1] or second, ["Id", "Email"], frozenset())
    assert [row["Id"] for row in (*rows, *again[0][0], *last)] == people
    assert nothing is None
    assert Place.of(second.cursor()) == second


def test_a_job_says_of_every_record_what_queries_say() -> None:
    company = {"Name": "Kettle Works", "NumberOfEmployees": 12, "Phone": "03-0000-0001", "BillingStreet": 'a "b"\nc, d'}
    told = []
    for least in (1, 0):
        here = Organization(bulk_from=least)
        account = here.salesforce.enter("Account", company)
        here.contact(AccountId=account, FirstName=" Aya", HasOptedOutOfEmail=True, OwnerId="005RK0000000002AAA")
        here.contact(HasOptedOutOfEmail=False, MailingCity="神戸")
        deal = {"Name": "Tea", "StageName": "Closed Won", "CloseDate": "2026-12-01", "Amount": 1200.5}
        here.salesforce.enter("Opportunity", deal)
        told.append([everything(here, kind) for kind in ("company", "contact", "deal")])
    assert told[0] == told[1]
    [deal_told] = told[0][2]
    assert isinstance(deal_told, DealData) and (deal_told.status, deal_told.amount) == ("won", "1200.5")
    consents = [
        {claim.field: claim.value for claim in one.claims}["consent_email"]
        for one in told[0][1]
        if isinstance(one, RecordChangedData)
    ]
    assert consents == ["denied", "unknown"]


def stopped(here: Organization) -> None:
    for job in here.salesforce.jobs.known.values():
        job.state = "Failed"


def forgotten(here: Organization) -> None:
    here.salesforce.jobs.known.clear()


def of_another_version(here: Organization) -> None:
    for job in here.salesforce.jobs.known.values():
        job.version = "v66.0"


def without_a_column(here: Organization) -> None:
    for job in here.salesforce.jobs.known.values():
        job.fields.pop()


@pytest.mark.parametrize("trouble", [stopped, forgotten, of_another_version, without_a_column])
def test_a_job_that_gives_nothing_is_given_up_for_queries(trouble: Any) -> None:
    here, people = organization()
    first = here.client.page("contact", None, None)
    here.clock.sleep(60)
    trouble(here)
    assert ids(everything(here, cursor=first.next)) == people


def test_an_organization_without_the_bulk_api_is_listed_by_queries_at_once() -> None:
    here, people = organization()
    here.salesforce.jobs.allowed = False
    assert ids(everything(here)) == people


def test_a_passing_trouble_of_a_job_is_waited_for_and_nothing_is_given_up() -> None:
    here, people = organization()
    first = here.client.page("contact", None, None)
    here.clock.sleep(60)
    planned = [503]

    def trouble(call: Call) -> int | str | None:
        return planned.pop() if planned and call.path.endswith("/results") else None

    here.trouble = trouble
    assert ids(everything(here, cursor=first.next)) == people
    assert not planned
    assert sum("/jobs/query/" in path for path in paths(here)) >= 2
    assert sum(path.startswith("/query") for path in paths(here)) == 1  # how many there are


@pytest.mark.parametrize("cursor", ["bulk|", "bulk|750|x", "bulk|750RK0000000001AAA|../../sobjects", "bulk|a/b|"])
def test_a_place_that_is_none_is_rejected_and_never_becomes_part_of_an_address(cursor: str) -> None:
    client, http = answering()
    with pytest.raises(Reject, match="begin it anew"):
        client.page("contact", None, cursor)
    assert http.calls == []


def test_a_place_of_a_job_is_none_of_a_list_since_a_time() -> None:
    here, _people = organization()
    first: Slice = here.client.page("contact", None, None)
    with pytest.raises(Reject, match="begin it anew"):
        here.client.page("contact", "2026-01-01T00:00:00.000Z", first.next)
