"""Zoho CRM for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from connectors.zoho.client import build
from connectors.zoho.watching import MODULES
from hub.delivery import Connection
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.misbehaving import CrmStandin
from infra.local.standins.zoho import Zoho
from tests.contracts.client_account import ClientAccount
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
HOST = "www.zohoapis.com"
CHANNEL = "1000000068100"
CONNECTION = Connection(
    "z" * 26, "zoho", settings={"channel_ids": [CHANNEL], "default_region": "JP", "sync": "both"}
)  # fmt: skip
PERSON = {
    "first_name": ("Aya", "Ayako"),
    "last_name": ("Kobayashi", "Takagi"),
    "email": ("aya@example.com", "takagi@example.com"),
    "phone": ("+81300000001", "+81300000002"),
    "mobile": ("+819000000006", "+819000000007"),
    "title": ("CEO", "CTO"),
    "city": ("Yokohama", "Kyoto"),
    "owner": ("mai@example.com", "hub@example.com"),
}
WRITTEN = {
    "contact": PERSON,
    "lead": {**PERSON, "company": ("Takagi", "Mori")},
    "company": {
        "name": ("Takagi", "Takagi & Co."),
        "phone": ("+81300000001", "+81300000002"),
        "website": ("https://takagi.example.com", "https://mori.example.com"),
        "employees": ("12", "13"),
    },
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person or record for each number."""
    if kind == "company":
        return {"Account_Name": f"Company {number}"}
    if kind == "deal":
        return {"Deal_Name": f"Deal {number}", "Stage": "Closed Won"}
    if kind == "ticket":
        return {"Subject": f"Case {number}", "Status": "New"}
    mail, phone = f"person{number}@example.com", f"+8190{number:08d}"
    return {"First_Name": "Person", "Last_Name": str(number), "Email": mail, "Mobile": phone}


def account() -> ClientAccount:
    """An organization that is set up, with an open channel."""
    crm, clock = Zoho(TOKEN), FakeClock()
    http = HttpClient(clock=clock, exchange=Platforms({HOST: crm.standin()}).exchange)
    build(CONNECTION, {"access_token": TOKEN}, http, clock).set_up()
    crm.channels.open(CHANNEL, "t0ken of the channel", MODULES)
    return ClientAccount(
        connector="zoho",
        connection=CONNECTION,
        secrets={"access_token": TOKEN},
        host=HOST,
        crm=cast(CrmStandin, crm),  # mypy takes a dataclass's callable for a method, which cannot be set
        kinds={"contact": "Contacts", "lead": "Leads", "company": "Accounts", "deal": "Deals", "ticket": "Cases"},
        sample=sample,
        written=WRITTEN,
    )
