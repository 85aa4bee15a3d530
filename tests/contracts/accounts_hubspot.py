"""HubSpot for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from connectors.hubspot.client import build
from hub.delivery import Connection
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.misbehaving import CrmStandin
from tests.contracts.client_account import ClientAccount
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
HOST = "api.hubapi.com"
APP_ID = 7_100_042
CONNECTION = Connection(
    "h" * 26,
    "hubspot",
    settings={"portal_id": "48000117", "app_id": str(APP_ID), "default_region": "JP", "sync": "both"},
)
WRITTEN = {
    "contact": {
        "first_name": ("Aya", "Rin"),
        "last_name": ("Kobayashi", "Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "phone": ("+81300000001", "+81300000002"),
        "mobile": ("+819000000006", "+819000000007"),
        "title": ("Manager", "Director"),
        "company": ("Kettle Works", "Kettle & Co."),
        "lifecycle": ("lead", "customer"),
        "language": ("ja", "en"),
        "website": ("https://kettle.example.com", "https://works.example.com"),
        "street": ("1-2-3 Example", "4-5-6 Example"),
        "city": ("Kobe", "Osaka"),
        "region": ("Hyogo", "Osaka"),
        "postal_code": ("650-0000", "530-0000"),
        "country": ("Japan", "Germany"),
        "owner": ("mika.sales@example.com", "jon.support@example.com"),
    },
    "company": {
        "name": ("Kettle Works", "Kettle & Co."),
        "domain": ("kettle.example.com", "works.example.com"),
        "phone": ("+81300000003", "+81300000004"),
        "website": ("https://kettle.example.com", "https://works.example.com"),
        "city": ("Kobe", "Osaka"),
        "employees": ("12", "1200"),
        "owner": ("mika.sales@example.com", "jon.support@example.com"),
    },
}
DEAL = {"dealstage": "contractsent", "pipeline": "default", "deal_currency_code": "JPY"}
TICKET = {"hs_pipeline": "0", "hs_pipeline_stage": "2", "hs_ticket_priority": "HIGH"}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, company, deal or ticket for each number."""
    if kind == "company":
        return {"name": f"Company {number}", "domain": f"company{number}.example.com"}
    if kind == "deal":
        return DEAL | {"dealname": f"Deal {number}", "amount": str(100 + number)}
    if kind == "ticket":
        return TICKET | {"subject": f"Ticket {number}"}
    return {
        "firstname": "Person",
        "lastname": f"Number {number}",
        "email": f"person{number}@example.com",
        "phone": f"+8190{number:08d}",
    }


def account() -> ClientAccount:
    """An account that is set up."""
    crm, clock = HubSpot(TOKEN, app_id=APP_ID), FakeClock()
    http = HttpClient(clock=clock, exchange=Platforms({HOST: crm.standin()}).exchange)
    build(CONNECTION, {"access_token": TOKEN}, http, clock).set_up()
    return ClientAccount(
        connector="hubspot",
        connection=CONNECTION,
        secrets={"access_token": TOKEN},
        host=HOST,
        crm=cast(CrmStandin, crm),  # mypy takes a dataclass's callable for a method, which cannot be set
        kinds={"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"},
        sample=sample,
        written=WRITTEN,
    )
