"""Standard Webhooks: any sender in that format, with a declared map from its JSON to our events."""

from collections.abc import Mapping
from typing import Any

from hub.connector import Connector
from hub.schemes_listed import STANDARD_WEBHOOKS, key_pair


def check_settings(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the map, each as `place: sentence`."""
    from hub.declared_map import compiled

    return compiled(values.get("map"))[1] if values.get("map") else []


CONNECTOR = Connector(
    name="standard_webhooks",
    title="Standard Webhooks (any sender)",
    kinds=frozenset({"crm"}),
    signature="webhook-signature: v1, base64 of HMAC-SHA256 over webhook-id, webhook-timestamp and the raw body",
    verify=STANDARD_WEBHOOKS.verify,
    sign=STANDARD_WEBHOOKS.sign,
    key_pair=key_pair,
    keep_headers=frozenset({"webhook-id"}),
    mapping="connectors.standard_webhooks.webhook",
    documents=(
        "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read 2026-11)",
    ),
    required_settings=("map",),
    check_settings=check_settings,
    deadline_s=15.0,
    retries="as the sender does; the specification asks for a schedule over several days, and for 410 to stop it",
    identity="webhook-id, which a sender keeps for every attempt; without it the bytes of the body",
    emits=(
        *("contact.changed", "contact.deleted", "company.changed", "company.deleted", "deal.changed", "deal.deleted"),
        *("ticket.changed", "ticket.deleted", "order.changed", "activity.logged", "form.submitted"),
        *("consent.changed", "privacy.deletion_requested", "privacy.data_requested"),
    ),
)
