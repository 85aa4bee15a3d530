"""Twilio: voice calls, SMS and WhatsApp, signed with the account's auth token or a shared key."""

from connectors.twilio.signature import SCHEME
from hub.connector import Connector
from hub.delivery import Connection, Request, Response


def acknowledge(request: Request, connection: Connection) -> Response:
    """Call instructions where Twilio asks for them, an empty <Response/> to a message, 204 to everything else."""
    from connectors.twilio.answers import answer

    return answer(request, connection)


CONNECTOR = Connector(
    name="twilio",
    title="Twilio",
    kinds=frozenset({"telephony", "whatsapp"}),
    signature="X-Twilio-Signature: HMAC-SHA1 (shared keys: SHA-256) over URL and form fields, or the JSON body's hash",
    verify=SCHEME.verify,
    sign=SCHEME.sign,
    mapping="connectors.twilio.webhook",
    documents=(
        "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
        "https://www.twilio.com/docs/voice/twiml",
        "https://www.twilio.com/docs/voice/api/call-resource",
        "https://www.twilio.com/docs/messaging/guides/webhook-request",
        "https://www.twilio.com/docs/taskrouter/api/event/reference",
        "https://www.twilio.com/docs/events/event-types/taskrouter/reservation",
        "https://www.twilio.com/docs/voice/twiml/transcription",
    ),
    acknowledge=acknowledge,
    keep_headers=frozenset({"content-type"}),
    required_settings=("account_sid",),
    deadline_s=10.0,
    retries="a failing voice or message URL is followed by its fallback URL; status callbacks are not repeated",
    identity="the call's, message's or recording's Sid with its status and SequenceNumber; the event's own Sid in TaskRouter",
    emits=(
        "agent.status_changed",
        "call.answered",
        "call.dequeued",
        "call.ended",
        "call.held",
        "call.queued",
        "call.recorded",
        "call.resumed",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "call.transferred",
        "call.wrapped_up",
        "consent.changed",
        "message.received",
        "message.status_changed",
    ),
)
