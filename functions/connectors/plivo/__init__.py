"""Plivo: voice calls, SMS, MMS and WhatsApp, signed over URL, form and nonce."""

import re
from collections.abc import Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request, Response
from hub.errors import Unauthorized
from hub.schemes_hmac import Hmac
from hub.schemes_url import PLIVO_V3, PLIVO_V3_MAIN
from hub.signing import header

_ABOUT_CALLS = re.compile(rb"(?:^|&)(?:Call|ALeg|DialBLeg)U[Uu][Ii][Dd]=")
_MESSAGE = re.compile(rb"(?:^|&)MessageUUID=[^&]")


def url_and_nonce(request: Request, _signed_at: str) -> Sequence[bytes]:
    """What the older signature covers: the URL without its query, and the nonce. No body."""
    return (request.url.partition("?")[0].encode() + header(request, "x-plivo-signature-v2-nonce").encode(),)


# Plivo's page on messages (docs.plivo.com/docs/messaging/concepts/signature-validation, read 2026-11-22) names V2 alone,
# its page on voice (/docs/voice/xml/request/validation) V3, for the message URLs too.
PLIVO_V2 = Hmac("x-plivo-signature-v2", url_and_nonce, encoding="base64")


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """By V3 of the account or, beside it, of the main account; a message by V2 where the connection's settings say so."""
    if PLIVO_V3.header not in request.headers and _message_by_v2(request, connection):
        return PLIVO_V2.verify(request, secrets, connection, now)
    try:
        PLIVO_V3.verify(request, secrets, connection, now)
    except Unauthorized:
        if PLIVO_V3_MAIN.header not in request.headers:
            raise
        PLIVO_V3_MAIN.verify(request, secrets, connection, now)


def _message_by_v2(request: Request, connection: Connection) -> bool:
    wanted = connection.settings.get("message_signatures") == "v2" and PLIVO_V3_MAIN.header not in request.headers
    return wanted and bool(_MESSAGE.search(request.body)) and not _ABOUT_CALLS.search(request.body)


def acknowledge(request: Request, connection: Connection) -> Response:
    """Plivo XML where Plivo asks for it, an empty 200 to everything else."""
    from connectors.plivo.answers import answer

    return answer(request, connection)


CONNECTOR = Connector(
    name="plivo",
    title="Plivo",
    kinds=frozenset({"telephony", "whatsapp"}),
    signature="X-Plivo-Signature-V3 (or -Ma-V3): HMAC-SHA256 over URL, sorted form fields and nonce",
    verify=verify,
    sign=PLIVO_V3.sign,
    mapping="connectors.plivo.webhook",
    documents=(
        "https://www.plivo.com/docs/voice/xml/request/ (read 2026-11)",
        "https://www.plivo.com/docs/voice/xml/dial/ (read 2026-11)",
        "https://docs.plivo.com/docs/voice/xml/record (read 2026-11)",
        "https://docs.plivo.com/docs/voice/use-cases/dial-status-reporting (read 2026-11)",
        "https://plivo.com/docs/messaging/api/message/handling-incoming (read 2026-11)",
        "https://docs.plivo.com/docs/messaging/api/message/message-status-callbacks (read 2026-11)",
        "https://docs.plivo.com/docs/messaging/concepts/signature-validation (read 2026-11)",
    ),
    acknowledge=acknowledge,
    required_settings=("auth_id",),
    deadline_s=15.0,
    retries="once after a failed connection or time-out (rc=1), more by URL fragments (#rc=…&rt=…), then the fallback",
    identity="CallUUID and what happened to that leg; RecordingID; MessageUUID and status",
    emits=(
        "call.answered",
        "call.ended",
        "call.recorded",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "consent.changed",
        "message.received",
        "message.status_changed",
    ),
)
