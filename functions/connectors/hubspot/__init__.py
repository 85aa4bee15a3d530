"""HubSpot: webhooks signed with the app's client secret (v3), records and activities over its CRM API."""

from hub.connector import Connector
from hub.signatures import HUBSPOT_V3

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
    ),
    quality="silver",
    effects={"UpsertContact": "A", "LogCall": "A", "LogMessage": "A"},
    hosts=("api.hubapi.com",),
    secret_names=("access_token",),
    required_settings=("portal_id",),
    deadline_s=5.0,
    retries="up to 10 times in 24 hours, jittered, after any failure, timeout or answer of 4xx or 5xx",
    identity="per change: portal, subscription, record, eventId, occurredAt and what changed; eventId alone is not unique",
    emits=("deal.deleted", "privacy.deletion_requested", "record.touched", "ticket.deleted"),
)
