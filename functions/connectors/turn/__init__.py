"""Turn.io: the value of Meta's WhatsApp payload without its envelope, signed per webhook."""

from hub.connector import Connector
from hub.schemes_hmac import TURN

CONNECTOR = Connector(
    name="turn",
    title="Turn.io",
    kinds=frozenset({"whatsapp"}),
    signature="X-Turn-Hook-Signature: base64 of HMAC-SHA256 with the webhook's secret over the raw body",
    verify=TURN.verify,
    sign=TURN.sign,
    mapping="connectors.turn.webhook",
    documents=(
        "https://whatsapp.turn.io/docs/api/webhooks",
        "https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components",
    ),
    keep_headers=frozenset({"x-turn-hook-subscription", "x-whatsapp-id"}),
    identity="the message's id (for our own messages from the header X-WhatsApp-Id), and for a status the status word",
    emits=(
        *("message.received", "message.echoed", "message.edited", "message.revoked", "message.reacted"),
        *("message.status_changed", "identity.changed", "account.notice", "call.voicemail_left", "consent.changed"),
    ),
    deadline_s=10.0,
    retries="not documented; the page asks receivers to expect a message id twice",
)
