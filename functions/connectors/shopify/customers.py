"""A customer as webhooks write them, flat: what the field map reads, wherever the row came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.delivery import Connection
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import at, text_at
from hub.rows import plain_fields

FIELDS: FieldMap = load(Path(__file__).with_name("fields.toml"))["customer"]
CONSENT: Mapping[str, str] = {"subscribed": "granted", "unsubscribed": "denied"}
NEVER_ASKED = "not_subscribed"
CHANNELS = {"consent_email": "email_marketing_consent", "consent_sms": "sms_marketing_consent"}
# the parts of an address, by webhooks and by the GraphQL API
ADDRESS = {"company": "company", "address1": "address1", "city": "city", "province": "province", "zip": "zip",
            "country_code": "countryCodeV2"}  # fmt: skip


def map_of(connection: Connection) -> FieldMap:
    """The field map of customers, with the connection's own lines."""
    return effective(connection, FIELDS)


def consent_of(state: str, connection: Connection) -> str | None:
    """Marketing consent in our words.

    Who was never asked has said nothing where consent from elsewhere may be written (`grant_consent`); otherwise it is
    unknown, and the more restrictive of the two counts everywhere.
    """
    if state == NEVER_ASKED and connection.settings.get("grant_consent") is True:
        return None
    return CONSENT.get(state, "unknown")


def flat(row: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """A webhook's customer with flat names: parts of the default address, tags as a list, consent in our words."""
    address = row.get("default_address")
    named: dict[str, Any] = {}
    if "default_address" in row:
        named = {f"default_address.{name}": at(address, name) for name in ADDRESS}
    shown: dict[str, Any] = plain_fields({**row, **named})
    if isinstance(row.get("tags"), str):
        shown["tags"] = [tag for one in row["tags"].split(",") if (tag := one.strip())]
    for name, channel in CHANNELS.items():
        if channel in row:
            shown[name] = consent_of(text_at(row[channel], "state") or NEVER_ASKED, connection)
    return shown
