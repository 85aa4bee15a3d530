"""360dialog: Meta's WhatsApp payload passed through, proven by a header that the connection made up."""

from hub.connector import Connector
from hub.signatures import StaticToken

TOKEN = StaticToken("authorization", prefix="Bearer ")

CONNECTOR = Connector(
    name="dialog360",
    title="360dialog",
    kinds=frozenset({"whatsapp"}),
    signature="none of its own: a static token in the Authorization header, set together with the webhook",
    verify=TOKEN.verify,
    sign=TOKEN.sign,
    mapping="connectors.dialog360.webhook",
    documents=(
        "https://docs.360dialog.com/docs/hub/webhook-url.md",
        "https://docs.360dialog.com/partner/messaging/receiving-messages-via-webhook",
        "https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components",
    ),
    identity="Meta's message id, and for a status the status word; a repeated delivery has the same bytes",
    emits=(
        *("message.received", "message.echoed", "message.edited", "message.revoked", "message.reacted"),
        *("message.status_changed", "identity.changed", "consent.changed", "contact.changed", "contact.deleted"),
        *("call.started", "call.ringing", "call.answered", "call.ended", "call.recorded", "call.voicemail_left"),
        *("activity.logged", "order.changed", "template.changed", "account.notice"),
    ),
    deadline_s=20.0,
    retries="for up to 7 days with exponential backoff, after any answer but 200",
)
