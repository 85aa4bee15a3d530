"""Pipedrive: webhooks of version 2 and 1, with a user and a password (HTTP basic auth)."""

from hub.connector import Connector
from hub.signatures import BASIC_AUTH

CONNECTOR = Connector(
    name="pipedrive",
    title="Pipedrive",
    kinds=frozenset({"crm"}),
    signature="none: HTTP basic auth, the secret being `user:password`",
    verify=BASIC_AUTH.verify,
    sign=BASIC_AUTH.sign,
    mapping="connectors.pipedrive.webhook",
    documents=(
        "https://pipedrive.readme.io/docs/guide-for-webhooks-v2 (read 2026-11)",
        "https://pipedrive.readme.io/docs/webhooks-v2-migration-guide (read 2026-11)",
        "https://pipedrive.readme.io/docs/guide-for-webhooks (read 2026-11)",
    ),
    required_settings=("company_id",),
    deadline_s=10.0,
    retries="after 3, 30 and 150 seconds, after any answer but 2xx and after 10 seconds of silence; ten failures in a row "
    "stop everything for 30 minutes, three days without success delete the webhook",
    identity="version 2: meta.id is the same; version 1: object, id, action and time are",
    emits=(
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "deal.changed",
        "deal.deleted",
        "activity.logged",
    ),
)
