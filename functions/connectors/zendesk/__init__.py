"""Zendesk: event webhooks, webhooks of triggers with our body, and events over EventBridge, while there are any."""

from hub.connector import Connector
from hub.schemes_zendesk import ZENDESK

CONNECTOR = Connector(
    name="zendesk",
    title="Zendesk",
    kinds=frozenset({"crm"}),
    signature="X-Zendesk-Webhook-Signature: base64 of HMAC-SHA256 over the signed time and the raw body",
    verify=ZENDESK.verify,
    sign=ZENDESK.sign,
    mapping="connectors.zendesk.webhook",
    documents=(
        "https://developer.zendesk.com/documentation/webhooks/verifying/ (read 2026-11)",
        "https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/ (read 2026-11)",
        "https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events (read 2026-11)",
        "https://developer.zendesk.com/api-reference/amazon-eventbridge/introduction (read 2026-11)",
    ),
    keep_headers=frozenset({"content-type", "x-zendesk-account-id"}),
    required_settings=("account_id",),
    event_source_prefix="aws.partner/zendesk.com/",
    deadline_s=10.0,
    retries="a few attempts after 409, 429, 503 and silence; a circuit breaker stops a webhook with too many errors",
    identity="event webhooks: id is the same; EventBridge: the sequence's id and position; triggers: the same body",
    emits=(
        "ticket.changed",
        "ticket.deleted",
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "record.touched",
        "account.notice",
    ),
    sources=frozenset({"webhook", "eventbridge"}),
)
