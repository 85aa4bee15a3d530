"""Salesforce for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from hub.delivery import Connection
from hub.memory import FakeClock
from infra.local.standins.accounts import new_accounts, public_key
from infra.local.standins.misbehaving import CrmStandin
from infra.local.standins.salesforce import Salesforce
from infra.local.standins.salesforce_records import full_id
from tests.contracts.client_account import ClientAccount

HOST = "kettle.my.salesforce.com"
ORGANIZATION = full_id("00DRK0000000077")
USER = "integration@kettle.example.com"
CONNECTION = Connection(
    "f" * 26,
    "salesforce",
    settings={
        "organization_id": ORGANIZATION,
        "client_id": "app-of-the-example",
        "username": USER,
        "login_url": f"https://{HOST}",
        "default_region": "JP",
        "sync": "both",
        "create_contacts": True,
        "log": ["call", "message", "note", "task"],
    },
)
PERSON = {
    "first_name": ("Aya", "Rin"),
    "last_name": ("Kobayashi", "Takagi"),
    "email": ("aya@example.com", "takagi@example.com"),
    "phone": ("+81300000001", "+81300000002"),
    "mobile": ("+819000000006", "+819000000007"),
    "title": ("Manager", "Director"),
    "street": ("1-2-3 Example", "4-5-6 Example"),
    "city": ("Kobe", "Osaka"),
    "region": ("Hyogo", "Osaka"),
    "postal_code": ("650-0000", "530-0000"),
    "country": ("Japan", "Germany"),
    "consent_email": ("denied", "unknown"),
}
WRITTEN = {
    "contact": PERSON,
    "lead": {
        **PERSON,
        "company": ("Kettle Works", "Kettle & Co."),
        "website": ("https://kettle.example.com", "https://works.example.com"),
    },
    "company": {
        "name": ("Kettle Works", "Kettle & Co."),
        "phone": ("+81300000003", "+81300000004"),
        "website": ("https://kettle.example.com", "https://works.example.com"),
        "city": ("Kobe", "Osaka"),
        "industry": ("Hospitality", "Retail"),
        "employees": ("12", "1200"),
    },
}
KINDS = {"contact": "Contact", "lead": "Lead", "company": "Account", "deal": "Opportunity", "ticket": "Case"}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, company, deal or ticket for each number."""
    if kind == "company":
        return {"Name": f"Company {number}", "Phone": f"+8130{number:08d}"}
    if kind == "deal":
        closing = {"StageName": "Proposal", "CloseDate": "2026-12-24"}
        return {"Name": f"Deal {number}", "Amount": 100 + number, **closing}
    if kind == "ticket":
        return {"Subject": f"Ticket {number}", "Priority": "High", "SuppliedEmail": f"person{number}@example.com"}
    company = {"Company": f"Company {number}"} if kind == "lead" else {}
    contact = {"Email": f"person{number}@example.com", "Phone": f"+8190{number:08d}"}
    return {"FirstName": "Person", "LastName": f"Number {number}", **contact, **company}


@cache
def _key() -> str:
    return new_accounts().salesforce_key


def account() -> ClientAccount:
    """An organization that is set up."""
    crm = Salesforce(
        f"https://{HOST}", "app-of-the-example", USER, public_key(_key()), ORGANIZATION, now=FakeClock().now
    )
    return ClientAccount(
        connector="salesforce",
        connection=CONNECTION,
        secrets={"private_key": _key()},
        host=HOST,
        crm=cast(CrmStandin, crm),  # mypy takes a dataclass's callable for a method, which cannot be set
        kinds=KINDS,
        sample=sample,
        written=WRITTEN,
    )
