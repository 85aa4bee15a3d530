"""Intercom: notifications of webhook topics, signed with the app's client secret."""

from hub.connector import Connector
from hub.schemes_hmac import INTERCOM

CONNECTOR = Connector(
    name="intercom",
    title="Intercom",
    kinds=frozenset({"crm"}),
    signature="X-Hub-Signature: sha1= and hex of HMAC-SHA1 with the app's client secret over the raw body",
    verify=INTERCOM.verify,
    sign=INTERCOM.sign,
    mapping="connectors.intercom.webhook",
    documents=(
        "https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models (read 2026-11)",
        "https://developers.intercom.com/docs/webhooks (read 2026-11)",
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
