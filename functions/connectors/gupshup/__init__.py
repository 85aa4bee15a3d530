"""Gupshup: WhatsApp events in its own form (v2) or as Meta's payload (v3), proven by a token in the URL."""

from hub.connector import Connector
from hub.signatures import PATH_TOKEN

CONNECTOR = Connector(
    name="gupshup",
    title="Gupshup",
    kinds=frozenset({"whatsapp"}),
    signature="none: a secret as the last segment of the URL, and the app's name or id in the delivery",
    verify=PATH_TOKEN.verify,
    token_in_path=True,
    mapping="connectors.gupshup.webhook",
    documents=(
        "https://docs.gupshup.io/docs/inbound-messages",
        "https://docs.gupshup.io/docs/types-of-payload",
        "https://docs.gupshup.io/docs/interactive",
        "https://docs.gupshup.io/docs/subscriptions-and-notifications",
        "https://docs.gupshup.io/docs/user-event",
        "https://partner-docs.gupshup.io/docs/events.md",
        "https://partner-docs.gupshup.io/docs/v3-message-events",
        "https://partner-docs.gupshup.io/docs/pmp-events-1.md",
    ),
    identity="the message's id, and for a status the status word; for other news app, type and Gupshup's time",
    emits=(
        *("message.received", "message.echoed", "message.edited", "message.revoked", "message.reacted"),
        *("message.status_changed", "identity.changed", "consent.changed", "template.changed", "account.notice"),
    ),
    deadline_s=10.0,
    retries="not documented; events arrive some 5 seconds late by design",
)
