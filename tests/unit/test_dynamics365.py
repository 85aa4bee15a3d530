"""Dynamics 365: what its execution contexts become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.dynamics365 import CONNECTOR
from connectors.dynamics365.context import moment
from hub.delivery import Connection, Delivery
from hub.domain.events import DealData, Mapped, RecordChangedData
from hub.errors import Quarantine

ORGANIZATION = "0b1ec7ed-0000-4000-8000-000000000a11"
RECORD = "5a1e5f00-0000-4000-8000-0000000000c1"
CONNECTION = Connection("d" * 26, "dynamics365", settings={"organization_id": ORGANIZATION, "default_region": "JP"})


def context(message: str, table: str, columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    attributes = [{"key": key, "value": value} for key, value in columns.items()]
    return {
        "MessageName": message,
        "PrimaryEntityName": table,
        "PrimaryEntityId": RECORD,
        "OrganizationId": ORGANIZATION,
        "OperationId": "0be2a710-0000-4000-8000-000000000001",
        "CorrelationId": "c0221a70-0000-4000-8000-000000000001",
        "OperationCreatedOn": "/Date(1795348002000+0000)/",
        "InputParameters": [{"key": "Target", "value": {"Attributes": attributes, "Id": RECORD, "LogicalName": table}}],
    } | more


def mapped(body: Any, headers: dict[str, str] | None = None) -> Mapped:
    delivery = Delivery(
        CONNECTION.id,
        "dynamics365",
        "crm",
        "2026-11-22T12:00:00.000Z",
        json.dumps(body).encode(),
        headers=headers or {},
    )
    return CONNECTOR.map_delivery(delivery, CONNECTION)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/Date(1795348001000)/", "2026-11-22T11:46:41.000Z"),
        ("/Date(1795348001000+0000)/", "2026-11-22T11:46:41.000Z"),
        ("/Date(1795322801000-0700)/", "2026-11-21T21:46:41.000Z"),
        ("/Date(1795380401000+0930)/", "2026-11-23T06:16:41.000Z"),
        ("2026-11-22T11:46:41Z", "2026-11-22T11:46:41.000Z"),
        ("/Date(-1)/", None),
        ("/Date(x)/", None),
        ("/Date(999999999999999)/", None),
    ],
)
def test_a_date_with_an_offset_is_a_wall_clock(written: str, read: str | None) -> None:
    assert moment(written) == read


def test_the_offset_of_microsofts_own_example_puts_the_operation_after_the_change_that_caused_it() -> None:
    assert moment("/Date(1506384247000)/") == "2017-09-26T00:04:07.000Z"
    assert moment("/Date(1506409448000-0700)/") == "2017-09-26T00:04:08.000Z"


def test_a_repetition_is_the_same_event_and_another_operation_is_another() -> None:
    first = mapped(context("Update", "account", {"name": "高木商店"})).events[0]
    again = mapped(context("Update", "account", {"name": "高木商店"})).events[0]
    other = mapped(context("Update", "account", {"name": "高木商店"}, OperationId="other")).events[0]
    assert first.id == again.id != other.id


def test_a_deletion_needs_nothing_but_the_id_even_where_the_message_was_too_large() -> None:
    found = mapped(context("Delete", "contact", {}, InputParameters=None), {"x-ms-dynamics-msg-size-exceeded": "1"})
    assert [event.type for event in found.events] == ["contact.deleted"]


def test_an_organization_in_braces_and_capitals_is_the_same_one() -> None:
    settings = {"organization_id": "{" + ORGANIZATION.upper() + "}"}
    delivery = Delivery(
        CONNECTION.id,
        "dynamics365",
        "crm",
        "2026-11-22T12:00:00.000Z",
        json.dumps(context("Delete", "lead", {})).encode(),
    )
    assert CONNECTOR.map_delivery(delivery, Connection(CONNECTION.id, "dynamics365", settings=settings)).events


def test_a_context_without_organization_is_refused_where_one_is_expected() -> None:
    with pytest.raises(Quarantine, match="another organization"):
        mapped(context("Delete", "contact", {}, OrganizationId=None))


def test_a_currency_is_only_said_beside_an_amount() -> None:
    named = Connection(CONNECTION.id, "dynamics365", settings={"currency": "jpy"})
    body = json.dumps(context("Update", "opportunity", {"name": "秋の見積り"})).encode()
    found = CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "dynamics365", "crm", "2026-11-22T12:00:00.000Z", body), named
    )
    data = found.events[0].body()
    assert isinstance(data, DealData)
    assert (data.amount, data.currency, data.title) == (None, None, "秋の見積り")


def test_an_account_is_told_by_its_id_and_by_its_name_where_that_comes_along_and_an_emptied_lookup_as_empty() -> None:
    def claims(value: Any) -> dict[str, str | None]:
        data = mapped(context("Update", "contact", {"parentcustomerid": value})).events[0].body()
        assert isinstance(data, RecordChangedData)
        return {claim.field: claim.value for claim in data.claims}

    account = {"Id": "5a1e5f00-0000-4000-8000-0000000000a1", "LogicalName": "account"}
    company_ref = f"company:{account['Id']}"
    assert claims({**account, "Name": None}) == {"company_ref": company_ref}
    assert claims({**account, "Name": "高木商店"}) == {"company": "高木商店", "company_ref": company_ref}
    assert claims({**account, "LogicalName": "contact", "Name": None}) == {"company_ref": None}
    assert claims(None) == {"company": None, "company_ref": None}


def test_changes_by_the_application_user_are_told_with_the_hint_that_they_are_ours() -> None:
    ours = Connection(
        CONNECTION.id, "dynamics365", settings={**CONNECTION.settings, "application_user": RECORD.upper()}
    )

    def told(user: str) -> bool | None:
        body = json.dumps(context("Update", "contact", {"jobtitle": "x"}, InitiatingUserId=user)).encode()
        delivery = Delivery(ours.id, "dynamics365", "crm", "2026-11-22T12:00:00.000Z", body)
        data = CONNECTOR.map_delivery(delivery, ours).events[0].body()
        assert isinstance(data, RecordChangedData)
        return data.ours

    assert told(RECORD)
    assert not told(ORGANIZATION)


def test_a_number_that_cannot_be_compared_is_kept_as_it_was_written() -> None:
    data = mapped(context("Create", "phonecall", {"phonenumber": "内線 12"})).events[0].data
    assert data["customer"] == {"raw_phone": "内線 12"}


def test_a_row_that_is_named_twice_is_one_event_with_the_later_values() -> None:
    def row(**columns: Any) -> dict[str, Any]:
        attributes = [{"key": key, "value": value} for key, value in columns.items()]
        return {"Attributes": attributes, "Id": RECORD, "LogicalName": "account"}

    rows = [row(name="高木商店", telephone1="03-0000-0031"), row(name="高木商会")]
    body = context("UpdateMultiple", "account", {}, InputParameters=[{"key": "Targets", "value": {"Entities": rows}}])
    (event,) = mapped(body).events
    assert [claim["value"] for claim in event.data["claims"]] == ["高木商会", "03-0000-0031"]
