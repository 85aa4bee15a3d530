"""WooCommerce for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from infra.local.standins.misbehaving import CrmStandin
from infra.local.standins.woocommerce import WooCommerce
from tests.contracts.client_account import ClientAccount

KEY, SECRET = "key-of-the-example", "secret-of-the-example"
CONNECTION = Connection(
    "w" * 26, "woocommerce", settings={"site_url": "https://kettles.example", "default_region": "JP", "sync": "both"}
)
WRITTEN = {
    "contact": {
        "first_name": ("Aya", "Ai"),
        "last_name": ("Kobayashi", "Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "phone": ("+81300000001", "+819000000006"),
        "company": ("Kettles", "Kettles & Co."),
        "city": ("Kyoto", "Tokyo"),
    }
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another account or order for each number."""
    if kind == "order":
        return {"number": str(number), "status": "processing", "total": "3778", "customer_id": 0}
    billing = {"phone": f"+8190{number:08d}", "company": f"Company {number}"}
    return {"email": f"person{number}@example.com", "first_name": f"Person {number}", "billing": billing}


def account() -> ClientAccount:
    """A shop."""
    return ClientAccount(
        connector="woocommerce",
        connection=CONNECTION,
        secrets={"consumer_key": KEY, "consumer_secret": SECRET},
        host="kettles.example",
        crm=cast(CrmStandin, WooCommerce(KEY, SECRET)),
        kinds={"contact": "customer", "order": "order"},
        sample=sample,
        written=WRITTEN,
    )
