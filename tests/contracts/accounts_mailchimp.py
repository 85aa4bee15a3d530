"""Mailchimp for the client contract suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hub.delivery import Connection
from infra.local.standins.mailchimp import Mailchimp
from infra.local.standins.misbehaving import CrmStandin
from tests.contracts.client_account import ClientAccount

KEY = "key0of0the0example-us21"
CONNECTION = Connection(
    "m" * 26,
    "mailchimp",
    settings={"list_ids": ["l1st0fexmp"], "default_region": "JP", "sync": "both", "log": ["note"]},
)
WRITTEN = {
    "contact": {
        "first_name": ("Aya", "Ai"),
        "last_name": ("Kobayashi", "Takagi"),
        "phone": ("+81300000001", "+819000000006"),
        "company": ("Kettles", "Kettles & Co."),
        "consent_email": ("granted", "denied"),
    }
}


def sample(_kind: str, number: int) -> Mapping[str, Any]:
    """Native values of another member for each number."""
    merges = {"FNAME": f"Person {number}", "LNAME": "Example", "PHONE": f"+8190{number:08d}"}
    return {"email_address": f"person{number}@example.com", "merge_fields": merges}


def account() -> ClientAccount:
    """An account with one audience."""
    return ClientAccount(
        connector="mailchimp",
        connection=CONNECTION,
        secrets={"api_key": KEY},
        host="us21.api.mailchimp.com",
        crm=cast(CrmStandin, Mailchimp(KEY)),
        kinds={"contact": "list_member"},
        sample=sample,
        written=WRITTEN,
    )
