"""Vonage: voice calls, SMS, MMS and WhatsApp, signed by a JWT with the hash of the body."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hub.connector import Connector
from hub.delivery import Connection, Request, Response
from hub.errors import Unauthorized
from hub.schemes_jwt import VONAGE

JTI = "x-vonage-jti"
_WITHOUT_HASH = replace(VONAGE, hash_of_nothing=False)


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """As the shared scheme does; the token of a GET, which has no body, may leave the body's hash out."""
    try:
        VONAGE.verify(request, secrets, connection, now)
    except Unauthorized as error:
        if request.method != "GET" or request.body or error.reason != "wrong_signature":
            raise
        _WITHOUT_HASH.verify(request, secrets, connection, now)


def remember(request: Request) -> Mapping[str, str]:
    """The token's `jti`: it names an event whose body holds no time."""
    return {JTI: VONAGE.claim(request, "jti")}


def acknowledge(request: Request, connection: Connection) -> Response:
    """A call control object (NCCO) where Vonage asks for one, 204 to everything else."""
    from connectors.vonage.answers import answer

    return answer(request, connection)


CONNECTOR = Connector(
    name="vonage",
    title="Vonage",
    kinds=frozenset({"telephony", "whatsapp"}),
    signature="Authorization: Bearer JWT (HS256, signature secret) with the SHA-256 of the body; no query is signed",
    verify=verify,
    sign=VONAGE.sign,
    mapping="connectors.vonage.webhook",
    documents=(
        "https://developer.vonage.com/en/voice/voice-api/webhook-reference (read 2026-11)",
        "https://developer.vonage.com/en/voice/voice-api/ncco-reference (read 2026-11)",
        "https://developer.vonage.com/en/getting-started/concepts/webhooks (read 2026-11)",
        "https://developer.vonage.com/en/messages/concepts/whatsapp/wa-status-callbacks (read 2026-11)",
        "https://developer.vonage.com/en/messages/guides/handling-whatsapp-usernames-and-bsuids (read 2026-11)",
    ),
    acknowledge=acknowledge,
    methods=frozenset({"GET", "POST"}),
    remember=remember,
    required_settings=("api_key",),
    deadline_s=5.0,
    retries="an answer URL is asked twice, then the fallback URL twice; messages are repeated until a 2xx, for 24 hours",
    identity="uuid, status and timestamp of a voice event; message_uuid and status; else the token's jti",
    emits=(
        "call.answered",
        "call.ended",
        "call.recorded",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "call.transferred",
        "message.reacted",
        "message.received",
        "message.status_changed",
    ),
)
