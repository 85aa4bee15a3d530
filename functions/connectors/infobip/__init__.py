"""Infobip: WhatsApp messages and reports in batches, proven by basic auth or a static bearer token."""

from collections.abc import Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request
from hub.signatures import BASIC_AUTH, StaticToken

BEARER = StaticToken("authorization", prefix="Bearer ")


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """Returns where the Authorization header holds one of `secrets`, as `user:password` or as a bearer token."""
    bearer = request.headers.get("authorization", "").startswith(BEARER.prefix)
    (BEARER if bearer else BASIC_AUTH).verify(request, secrets, connection, now)


CONNECTOR = Connector(
    name="infobip",
    title="Infobip",
    kinds=frozenset({"whatsapp"}),
    signature="none: basic auth, or a static bearer token, in the Authorization header",
    verify=verify,
    sign=BASIC_AUTH.sign,
    mapping="connectors.infobip.webhook",
    documents=(
        "https://www.infobip.com/docs/whatsapp/message-types-and-templates/inbound-messages",
        "https://infobip.com/docs/api/channels/whatsapp/whatsapp-message-status-reports/receive-whatsapp-seen-reports",
        "https://infobip.com/docs/api/platform/subscriptions-api",
        "https://infobip.com/docs/api/platform/subscriptions-api/create-profile",
    ),
    identity="Infobip's message id, and for a report the kind of report",
    emits=("message.received", "message.revoked", "message.status_changed"),
    deadline_s=10.0,
    retries="not documented in public",
)
