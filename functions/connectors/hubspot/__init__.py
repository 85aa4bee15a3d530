"""HubSpot: webhooks signed with the app's client secret (v3), records and activities over its CRM API."""

from collections.abc import Mapping
from typing import Any

from hub.connector import Connector
from hub.outbound import Limit, OAuth
from hub.signatures import HUBSPOT_V3


def of_another_portal(answer: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """A sentence where a token is another account's: each answer names its `hub_id` (changelog of 2025-08)."""
    given, own = answer.get("hub_id"), settings.get("portal_id")
    if given is None or not own or str(given) == str(own):
        return ""
    return "authorize it in the HubSpot account whose id is the setting portal_id"


CONNECTOR = Connector(
    name="hubspot",
    title="HubSpot",
    kinds=frozenset({"crm"}),
    signature="v3: HMAC-SHA256 with the app's client secret over method, URL, body and time",
    verify=HUBSPOT_V3.verify,
    sign=HUBSPOT_V3.sign,
    mapping="connectors.hubspot.webhook",
    client="connectors.hubspot.client",
    documents=(
        "https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests",
        "https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide",
        "https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm (read 2026-11)",
        "https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read 2026-11)",
    ),
    quality="gold",
    effects={
        "CreateRecord": "A",
        "UpdateRecord": "A",
        "LogCall": "A",
        "LogMessage": "A",
        "AddNote": "A",
        "CreateTask": "A",
    },
    hosts=("api.hubapi.com",),
    secret_names=("access_token",),
    required_settings=("portal_id",),
    deadline_s=5.0,
    retries="up to 10 times in 24 hours, jittered, after any failure, timeout or answer of 4xx or 5xx",
    identity="per change: portal, subscription, record, eventId, occurredAt and what changed; eventId alone is not unique",
    emits=("deal.deleted", "privacy.deletion_requested", "record.touched", "ticket.deleted"),
    # The smallest that any account has; answers to searches do not say what is left.
    limits=(
        Limit(
            "requests",
            100,
            10.0,
            setting="requests_per_10_s",
            remaining="x-hubspot-ratelimit-remaining",
        ),
        Limit("searches", 5, 1.0, applies=r"POST /crm/objects/[^/]+/[^/]+/search", setting="searches_per_s"),
        Limit(
            "day",
            250_000,
            86_400.0,
            setting="requests_per_day",
            remaining="x-hubspot-ratelimit-daily-remaining",
        ),
    ),
    oauth=OAuth(
        token_url="https://api.hubapi.com/oauth/2026-09/token",  # noqa: S106 - an address
        authorize_url="https://app.hubspot.com/oauth/authorize",
        scopes=(
            "crm.objects.contacts.read",
            "crm.objects.contacts.write",
            "crm.objects.companies.read",
            "crm.objects.companies.write",
            "crm.objects.deals.read",
            "crm.objects.owners.read",
            "crm.schemas.contacts.read",
            "crm.schemas.contacts.write",
            "crm.schemas.companies.read",
            "crm.schemas.companies.write",
            "tickets",
        ),
        complaint=of_another_portal,
    ),
)
