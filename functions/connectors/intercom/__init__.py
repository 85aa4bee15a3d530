"""Intercom: notifications signed with the app's client secret, records over its REST API (version 2.16)."""

from hub.connector import Connector
from hub.outbound import Limit, OAuth
from hub.schemes_hmac import INTERCOM

# 1,000 a minute, given out in windows of ten seconds; apps of the larger plans have ten times as many.
LIMITS = (
    Limit(
        "requests",
        166,
        10,
        setting="requests_in_10_s",
        remaining="x-ratelimit-remaining",
        resets="x-ratelimit-reset",
        resets_as="unix",
    ),
)
OAUTH = OAuth(
    token_url="https://api.intercom.io/auth/eagle/token",  # noqa: S106 - an address
    authorize_url="https://app.intercom.com/oauth",
    lasts_s=0,
)

CONNECTOR = Connector(
    name="intercom",
    title="Intercom",
    kinds=frozenset({"crm"}),
    signature="X-Hub-Signature: sha1= and hex of HMAC-SHA1 with the app's client secret over the raw body",
    verify=INTERCOM.verify,
    sign=INTERCOM.sign,
    mapping="connectors.intercom.webhook",
    client="connectors.intercom.client",
    quality="gold",
    effects={"CreateRecord": "B", "UpdateRecord": "A", "AddNote": "B", "CreateTask": "B"},
    hosts=("api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io"),
    secret_names=("access_token",),
    limits=LIMITS,
    oauth=OAUTH,
    documents=(
        "https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models (read 2026-11)",
        "https://developers.intercom.com/docs/webhooks (read 2026-11)",
        "https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting (read 2026-11)",
    ),
    required_settings=("app_id",),
    deadline_s=5.0,
    retries="once after a minute; a thousand errors in 15 minutes pause the webhook for 15 minutes, seven days suspend it",
    identity="id (notif_…) is the same over the attempts",
    emits=(
        "ticket.changed",
        "ticket.deleted",
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "consent.changed",
        "record.touched",
    ),
)
