"""Pipedrive for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from connectors.pipedrive.client import build
from hub.delivery import Connection
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.misbehaving import CrmStandin
from infra.local.standins.pipedrive import Pipedrive
from tests.contracts.client_account import ClientAccount
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
HOST = "api.pipedrive.com"
CONNECTION = Connection(
    "p" * 26, "pipedrive", settings={"company_id": "7700123", "default_region": "JP", "sync": "both"}
)  # fmt: skip
WRITTEN = {
    "contact": {
        "name": ("Aya Kobayashi", "Aya Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "phone": ("+81300000001", "+81300000002"),
        "mobile": ("+819000000006", "+819000000007"),
        "owner": ("mai@example.com", "hub@example.com"),
    },
    "company": {"name": ("Takagi", "Takagi & Co."), "owner": ("mai@example.com", "hub@example.com")},
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, organization or deal for each number."""
    if kind == "company":
        return {"name": f"Company {number}"}
    if kind == "deal":
        return {"title": f"Deal {number}", "value": 100 + number}
    mail = {"value": f"person{number}@example.com", "primary": True, "label": "work"}
    phone = {"value": f"+8190{number:08d}", "primary": True, "label": "mobile"}
    return {"name": f"Person {number}", "emails": [mail], "phones": [phone]}


def account() -> ClientAccount:
    """A company that is set up."""
    crm, clock = Pipedrive(TOKEN), FakeClock()
    http = HttpClient(clock=clock, exchange=Platforms({HOST: crm.standin()}).exchange)
    build(CONNECTION, {"api_token": TOKEN}, http, clock).set_up()
    return ClientAccount(
        connector="pipedrive",
        connection=CONNECTION,
        secrets={"api_token": TOKEN},
        host=HOST,
        crm=cast(CrmStandin, crm),  # mypy takes a dataclass's callable for a method, which cannot be set
        kinds={"contact": "person", "company": "organization", "deal": "deal"},
        sample=sample,
        written=WRITTEN,
    )
