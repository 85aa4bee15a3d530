"""Aircall: webhooks with a static token in the body."""

from hub.connector import Connector
from hub.schemes_body import JsonToken

TOKEN = JsonToken(("token",))

CONNECTOR = Connector(
    name="aircall",
    title="Aircall",
    kinds=frozenset({"telephony"}),
    signature="none: the webhook's token in the body (`token`), taken out before the delivery is stored",
    verify=TOKEN.verify,
    sign=TOKEN.sign,
    sign_request=TOKEN.sign_request,
    without_credentials=TOKEN.without,
    mapping="connectors.aircall.webhook",
    documents=(
        "https://developer.aircall.io/api-references/#webhooks (read 2026-11)",
        "https://developer.aircall.io/docs/webhooks-overview (read 2026-11)",
    ),
    deadline_s=5.0,
    retries="said to be up to 50 times (another page says 10), then the webhook is disabled; a twelve-hour window to "
    "re-enable itself",
    identity="event, resource id and the envelope's time are the same",
    emits=(
        "account.notice",
        "agent.status_changed",
        "call.answered",
        "call.ended",
        "call.held",
        "call.queued",
        "call.recorded",
        "call.resumed",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "call.transferred",
        "call.voicemail_left",
        "call.wrapped_up",
        "contact.changed",
        "contact.deleted",
        "message.echoed",
        "message.received",
        "message.status_changed",
    ),
)
