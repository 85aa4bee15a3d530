"""Stripe: snapshot events of version 1 and thin events of version 2, signed with the endpoint's secret."""

import re

from hub.connector import Connector
from hub.schemes_listed import STRIPE

# With it a payment could be completed in the customer's place; mapping needs none of it.
_CLIENT_SECRET = re.compile(rb'("client_secret"\s*:\s*")(?:[^"\\]|\\.)*')


def without_client_secrets(body: bytes) -> bytes:
    """The event with empty client secrets, which payment and setup intents and checkouts hold."""
    return _CLIENT_SECRET.sub(rb"\1", body)


CONNECTOR = Connector(
    name="stripe",
    title="Stripe",
    kinds=frozenset({"crm"}),
    signature="Stripe-Signature: t=…,v1=…: hex of HMAC-SHA256 with the endpoint's secret over time, full stop and raw body",
    verify=STRIPE.verify,
    sign=STRIPE.sign,
    mapping="connectors.stripe.webhook",
    documents=(
        "https://docs.stripe.com/webhooks (read 2026-11)",
        "https://docs.stripe.com/api/events/types (read 2026-11)",
        "https://docs.stripe.com/event-destinations (read 2026-11)",
        "https://docs.stripe.com/currencies (read 2026-11)",
    ),
    without_credentials=without_client_secrets,
    deadline_s=10.0,
    retries="for up to three days, with growing pauses, after any answer but 2xx",
    identity="id (evt_…) is the same",
    emits=("contact.changed", "contact.deleted", "order.changed", "order.deleted", "record.touched", "account.notice"),
)
