"""Intercom for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from infra.local.standins.intercom import Intercom
from infra.local.standins.misbehaving import CrmStandin
from tests.contracts.client_account import ClientAccount

TOKEN = "token-of-the-example"
CONNECTION = Connection(
    "i" * 26,
    "intercom",
    settings={"app_id": "rnk1abcd", "default_region": "JP", "sync": "both", "ticket_type_id": "53"},
)
WRITTEN = {
    "contact": {
        "name": ("Aya Kobayashi", "Aya Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "phone": ("+81300000001", "+819000000006"),
        "owner": ("agent@example.com", "person@example.com"),
    },
    "company": {
        "name": ("Takagi", "Takagi & Co."),
        "website": ("https://takagi.example.com", "https://example.com"),
        "employees": ("12", "13"),
    },
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, company or ticket for each number."""
    if kind == "company":
        return {"name": f"Company {number}", "company_id": f"own-{number}"}
    if kind == "ticket":
        return {"ticket_attributes": {"_default_title_": f"Ticket {number}"}}
    return {"name": f"Person {number}", "email": f"person{number}@example.com", "phone": f"+8190{number:08d}"}


def account() -> ClientAccount:
    """A workspace whose days begin nine hours before those of UTC."""
    return ClientAccount(
        connector="intercom",
        connection=CONNECTION,
        secrets={"access_token": TOKEN},
        host="api.intercom.io",
        crm=cast(CrmStandin, Intercom(TOKEN)),
        kinds={"contact": "contact", "company": "company", "ticket": "ticket"},
        sample=sample,
        written=WRITTEN,
    )
