"""Telnyx: Call Control and TeXML calls, SMS and MMS, signed with Ed25519."""

from hub.connector import Connector
from hub.delivery import Connection, Request, Response
from hub.schemes_ed25519 import TELNYX, key_pair


def acknowledge(request: Request, connection: Connection) -> Response:
    """TeXML where Telnyx asks for it, an empty 200 to everything else."""
    from connectors.telnyx.answers import answer

    return answer(request, connection)


CONNECTOR = Connector(
    name="telnyx",
    title="Telnyx",
    kinds=frozenset({"telephony", "whatsapp"}),
    signature="telnyx-signature-ed25519: Ed25519 over time and body; the connection keeps Telnyx's public key",
    verify=TELNYX.verify,
    sign=TELNYX.sign,
    key_pair=key_pair,
    needs=("cryptography",),
    mapping="connectors.telnyx.webhook",
    documents=(
        "https://developers.telnyx.com/docs/voice/programmable-voice/receiving-webhooks (read 2026-11)",
        "https://developers.telnyx.com/docs/voice/programmable-voice/voice-api-webhooks.md (read 2026-11)",
        "https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks (read 2026-11)",
        "https://developers.telnyx.com/api-reference/callbacks/inbound-message (read 2026-11)",
        "https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out (read 2026-11)",
        "https://developers.telnyx.com/docs/voice/programmable-voice/texml-verbs/dial (read 2026-11)",
        "https://developers.telnyx.com/docs/voice/programmable-voice/texml-verbs/hangup (read 2026-11)",
        "https://developers.telnyx.com/docs/voice/programmable-voice/texml-verbs/recording (read 2026-11)",
    ),
    acknowledge=acknowledge,
    deadline_s=2.0,
    retries="up to 3 attempts for each of two URLs (its reference), or 5 over 1 h 21 min (its guide), without a 2xx",
    identity="the event's id; of TeXML CallSid, status and sequence number, or RecordingSid and status",
    emits=(
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
        "consent.changed",
        "message.received",
        "message.status_changed",
    ),
)
