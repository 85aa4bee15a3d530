"""Freshsales for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from infra.local.standins.freshsales import Freshsales
from infra.local.standins.misbehaving import CrmStandin
from tests.contracts.client_account import ClientAccount

KEY = "key-of-the-example"
CONNECTION = Connection(
    "f" * 26, "freshsales", settings={"bundle_alias": "example", "default_region": "JP", "sync": "both"}
)
WRITTEN = {
    "contact": {
        "first_name": ("Aya", "Mai"),
        "last_name": ("Kobayashi", "Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "mobile": ("+819000000006", "+819000000007"),
        "owner": ("agent@example.com", "person@example.com"),
    },
    "company": {"name": ("Takagi", "Takagi & Co."), "employees": ("12", "13")},
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, account or deal for each number."""
    if kind == "company":
        return {"name": f"Company {number}"}
    if kind == "deal":
        return {"name": f"Deal {number}", "amount": 100 + number, "deal_stage_id": 71}
    mobile = f"+8190{number:08d}"
    return {"last_name": f"Person {number}", "emails": f"person{number}@example.com", "mobile_number": mobile}


def account() -> ClientAccount:
    """An account whose hour of requests is longer than any test."""
    return ClientAccount(
        connector="freshsales",
        connection=CONNECTION,
        secrets={"api_key": KEY},
        host="example.myfreshworks.com",
        crm=cast(CrmStandin, Freshsales(KEY, most_requests=100_000)),
        kinds={"contact": "contact", "company": "sales_account", "deal": "deal"},
        sample=sample,
        written=WRITTEN,
    )
