"""Zendesk for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from infra.local.standins.misbehaving import CrmStandin
from infra.local.standins.zendesk import Zendesk
from tests.contracts.client_account import ClientAccount

TOKEN = "token-of-the-example"
CONNECTION = Connection(
    "z" * 26,
    "zendesk",
    settings={
        "account_id": "7712345",
        "subdomain": "example",
        "default_region": "JP",
        "sync": "both",
        "log": ["call", "message", "note", "task"],
    },
)
WRITTEN = {
    "contact": {
        "name": ("Aya Kobayashi", "Aya Takagi"),
        "email": ("aya@example.com", "takagi@example.com"),
        "phone": ("+81300000001", "+819000000006"),
        "tags": ("kettle; vip", "kettle"),
    },
    "company": {"name": ("Takagi", "Takagi & Co.")},
}


def sample(kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another person, organization or ticket for each number."""
    if kind == "company":
        return {"name": f"Company {number}"}
    if kind == "ticket":
        return {"subject": f"Ticket {number}", "status": "open"}
    return {"name": f"Person {number}", "email": f"person{number}@example.com", "phone": f"+8190{number:08d}"}


def account() -> ClientAccount:
    """An account whose exports show at once what changed, so that no clock has to be moved."""
    return ClientAccount(
        connector="zendesk",
        connection=CONNECTION,
        secrets={"api_token": TOKEN, "api_user": "agent@example.com"},
        host="example.zendesk.com",
        crm=cast(CrmStandin, Zendesk(TOKEN, export_lag_s=0)),
        kinds={"contact": "user", "company": "organization", "ticket": "ticket"},
        sample=sample,
        written=WRITTEN,
    )
