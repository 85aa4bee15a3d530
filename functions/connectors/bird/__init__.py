"""Bird (MessageBird): WhatsApp channels of the new platform, and conversations of the classic one."""

from collections.abc import Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request
from hub.schemes_jwt import MESSAGEBIRD
from hub.schemes_url import BIRD


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """Returns for a delivery signed as classic MessageBird does, where it has a JWT, else as the new platform does."""
    scheme = MESSAGEBIRD if MESSAGEBIRD.header in request.headers else BIRD
    scheme.verify(request, secrets, connection, now)


CONNECTOR = Connector(
    name="bird",
    title="Bird (MessageBird)",
    kinds=frozenset({"whatsapp"}),
    signature="MessageBird-Signature: HMAC-SHA256 over time, URL and the body's hash; classic: a JWT with both hashes",
    verify=verify,
    sign=BIRD.sign,
    stale_after_s=86_700.0,
    mapping="connectors.bird.webhook",
    documents=(
        "https://docs.bird.com/api/notifications-api/api-reference/webhooks/verifying-a-webhook",
        "https://docs.bird.com/api/notifications-api/api-reference/webhooks",
        "https://docs.bird.com/api/channels-api/message-status-and-interactions",
        "https://docs.bird.com/api/channels-api/supported-channels/programmable-whatsapp/receiving-messages",
        "https://developers.messagebird.com/docs/verify-http-requests",
    ),
    identity="Bird's message id, and for a status the status word",
    emits=("message.received", "message.echoed", "message.status_changed"),
    deadline_s=10.0,
    retries="at increasing intervals for 8 hours after any answer but 2xx, with the first timestamp",
)
