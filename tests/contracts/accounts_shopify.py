"""Shopify for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from hub.memory import FakeClock
from infra.local.standins.misbehaving import CrmStandin
from infra.local.standins.shopify import Shopify
from tests.contracts.client_account import ClientAccount

TOKEN = "token-of-the-example"
CONNECTION = Connection(
    "s" * 26,
    "shopify",
    settings={
        "shop_domain": "kettles.myshopify.com",
        "default_region": "JP",
        "sync": "both",
        "all_orders": True,
        "grant_consent": True,
    },
)
WRITTEN = {
    "contact": {
        "first_name": ("Aya", "Ai"),
        "last_name": ("Kobayashi", "Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "phone": ("+81300000001", "+819000000006"),
    }
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another customer or order for each number."""
    if kind == "order":
        return {"name": f"#{number}", "currencyCode": "JPY", "displayFinancialStatus": "PAID", "tags": []}
    return {
        "firstName": f"Person {number}",
        "lastName": "Example",
        "email": f"person{number}@example.com",
        "phone": f"+8190{number:08d}",
    }


def account() -> ClientAccount:
    """A shop whose app may see all orders."""
    return ClientAccount(
        connector="shopify",
        connection=CONNECTION,
        secrets={"access_token": TOKEN},
        host="kettles.myshopify.com",
        crm=cast(CrmStandin, Shopify(TOKEN, now=FakeClock().now, points=1_000_000)),
        kinds={"contact": "customer", "order": "order"},
        sample=sample,
        written=WRITTEN,
    )
