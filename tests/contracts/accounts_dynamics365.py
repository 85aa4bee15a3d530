"""Dynamics 365 for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from hub.memory import FakeClock
from infra.local.standins.dynamics import Dynamics
from infra.local.standins.dynamics_account import APPLICATION_USER
from infra.local.standins.misbehaving import CrmStandin
from tests.contracts.client_account import ClientAccount

HOST = "kettle.crm7.dynamics.com"
TOKEN = "token-of-the-example"
ORGANIZATION = "0b1ec7ed-0000-4000-8000-000000000077"
CONNECTION = Connection(
    "g" * 26,
    "dynamics365",
    settings={
        "organization_id": ORGANIZATION,
        "environment_url": f"https://{HOST}",
        "application_user": APPLICATION_USER,
        "default_region": "JP",
        "currency": "JPY",
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
    "website": ("https://kettle.example.com", "https://works.example.com"),
    "street": ("1-2-3 Example", "4-5-6 Example"),
    "city": ("Kobe", "Osaka"),
    "region": ("Hyogo", "Osaka"),
    "postal_code": ("650-0000", "530-0000"),
    "country": ("Japan", "Germany"),
    "consent_email": ("denied", "unknown"),
    "consent_call": ("denied", "unknown"),
}
WRITTEN = {
    "contact": PERSON,
    "lead": {**PERSON, "company": ("Kettle Works", "Kettle & Co.")},
    "company": {
        "name": ("Kettle Works", "Kettle & Co."),
        "phone": ("+81300000003", "+81300000004"),
        "website": ("https://kettle.example.com", "https://works.example.com"),
        "city": ("Kobe", "Osaka"),
        "employees": ("12", "1200"),
    },
}
KINDS = {"contact": "contact", "lead": "lead", "company": "account", "deal": "opportunity", "ticket": "incident"}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, company, deal or ticket for each number."""
    if kind == "company":
        return {"name": f"Company {number}", "telephone1": f"+8130{number:08d}"}
    if kind == "deal":
        return {"name": f"Deal {number}", "estimatedvalue": 100 + number, "estimatedclosedate": "2026-12-24"}
    if kind == "ticket":
        return {"title": f"Ticket {number}", "prioritycode": 1}
    contact = {"emailaddress1": f"person{number}@example.com", "telephone1": f"+8190{number:08d}"}
    return {"firstname": "Person", "lastname": f"Number {number}", **contact}


def account() -> ClientAccount:
    """An environment that is set up."""
    crm = Dynamics(f"https://{HOST}", TOKEN, ORGANIZATION, now=FakeClock().now)
    return ClientAccount(
        connector="dynamics365",
        connection=CONNECTION,
        secrets={"access_token": TOKEN},
        host=HOST,
        crm=cast(CrmStandin, crm),  # mypy takes a dataclass's callable for a method, which cannot be set
        kinds=KINDS,
        sample=sample,
        written=WRITTEN,
    )
