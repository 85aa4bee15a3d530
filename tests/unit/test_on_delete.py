"""What becomes of a customer's fields when a platform deletes a record: unlinked unless told otherwise, never a cascade."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.standins.salesforce_changes import Origin
from tests.harness.office import Office
from tests.harness.sending import Sending

EMAIL = "mio@example.com"


def office(**settings: Any) -> tuple[Office, str, str]:
    """One person whom Salesforce knows, and HubSpot, which alone knows the title, and tells it."""
    made = Office(**settings)
    here = made["salesforce"].enter(last_name="Kato", email=EMAIL)
    made.settle()
    there = made["hubspot"].enter(last_name="Kato", email=EMAIL, title="Buyer")
    made.settle()
    made.wait(600)
    return made, here, there


def title(made: Office, contact: str) -> str | None:
    found = made.customer("salesforce", contact)
    assert found is not None
    told = found.fields.get("title")
    return told["value"] if told else None


def fields(made: Office, contact: str) -> Any:
    """The customer's fields by one of HubSpot's contacts."""
    found = made.customer("hubspot", contact)
    assert found is not None
    return found.fields


def delete(made: Office, contact: str) -> None:
    made["hubspot"].standin.remove("contacts", contact)
    made.settle()


def privacy(made: Office, contact: str) -> None:
    """HubSpot says that the contact was deleted for good on the person's request."""
    body = [{"eventId": 1, "subscriptionId": 2, "portalId": 48000117, "appId": 7100042, "attemptNumber": 0,
             "occurredAt": int(made.world.clock.now() * 1000), "subscriptionType": "contact.privacyDeletion",
             "objectId": int(contact)}]  # fmt: skip
    made.world.deliver(Sending("privacy", "crm", made["hubspot"].connection.id, json.dumps(body).encode()))
    made.settle()


def test_a_deleted_record_is_unlinked_and_what_was_written_from_it_stays_where_it_was_written() -> None:
    made, here, there = office()
    delete(made, there)
    assert made["salesforce"].held(here, "title") == "Buyer"
    found = made.customer("salesforce", here)
    assert found is not None
    assert [one["id"] for one in found.records if not one["deleted"]] == [here]


def test_nothing_is_deleted_elsewhere() -> None:
    made, here, there = office()
    delete(made, there)
    assert made["salesforce"].standin.held("Contact", here) is not None
    assert not [
        one for one in made.platforms.standins["renkei.my.salesforce.com"].journal.calls if one["method"] == "DELETE"
    ]


@pytest.mark.parametrize(("on_delete", "left"), [("unlink", None), ("ignore", "Head buyer")])
def test_what_only_the_deleted_record_said_counts_where_that_is_the_setting(on_delete: str, left: str | None) -> None:
    made, here, there = office(on_delete=on_delete, sync="in")
    made["hubspot"].edit(there, title="Head buyer")
    made.settle()
    delete(made, there)
    assert title(made, here) == left


@pytest.mark.parametrize("on_delete", ["unlink", "ignore"])
def test_of_a_merge_the_platforms_own_outcome_counts_whatever_the_setting(on_delete: str) -> None:
    made, here, there = office(on_delete=on_delete, sync="in")
    made.wait(60)
    loser = made["hubspot"].enter(last_name="Kato", email="kato@example.com", title="Retired")
    made.settle()
    made["hubspot"].standin.merge("contacts", there, loser)  # type: ignore[attr-defined]
    made.settle()
    assert made["hubspot"].held(there, "title") == "Buyer"
    assert title(made, here) == "Buyer"


@pytest.mark.parametrize("on_delete", ["unlink", "ignore"])
def test_a_record_that_is_restored_speaks_again(on_delete: str) -> None:
    made, here, there = office(on_delete=on_delete, sync="in")
    salesforce: Any = made["salesforce"].standin
    made["salesforce"].edit(here, phone="+81312345678")
    made.settle()
    salesforce.remove("Contact", here)
    made.settle()
    assert ("phone" in fields(made, there)) == (on_delete == "ignore")
    made.wait(60)
    salesforce.organization.restore("Contact", here, Origin())
    made.settle()
    assert fields(made, there)["phone"]["value"] == "+81312345678"


@pytest.mark.parametrize("on_delete", ["unlink", "ignore"])
def test_a_deletion_for_privacy_is_honoured_whatever_the_setting(on_delete: str) -> None:
    made, here, there = office(on_delete=on_delete, sync="in")
    privacy(made, there)
    assert title(made, here) is None
    delete(made, there)
    assert title(made, here) is None
