"""WhatsApp Business Platform (Cloud API): webhooks signed with the Meta app's secret."""

import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from hub.connector import Connector
from hub.delivery import Request, Response
from hub.signatures import META

_CHALLENGE = re.compile(r"\A[A-Za-z0-9_]{1,256}\Z", re.ASCII)
_REFUSED = Response(403)


def handshake(request: Request, secrets: Mapping[str, str]) -> Response | None:
    """Echoes the challenge of a GET that knows the connection's verify token, 403 for any other GET; None for a POST."""
    if request.method != "GET":
        return None
    pairs = parse_qsl(request.query, keep_blank_values=True)
    asked = dict(pairs)
    challenge = asked.get("hub.challenge", "")
    genuine = len(asked) == len(pairs) and asked.get("hub.mode") == "subscribe" and _CHALLENGE.match(challenge)
    known = _same(asked.get("hub.verify_token", ""), secrets.get("verify_token", ""))
    return Response(200, challenge) if genuine and known else _REFUSED


def _same(given: str, token: str) -> bool:
    """Compared in constant time; without a token of ours nothing is the same."""
    same = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode("utf-8", "surrogatepass"))
    return same and bool(token)


CONNECTOR = Connector(
    name="whatsapp_cloud",
    title="WhatsApp Cloud API (Meta)",
    kinds=frozenset({"whatsapp"}),
    signature="X-Hub-Signature-256: HMAC-SHA256 with the app secret over the raw body",
    verify=META.verify,
    sign=META.sign,
    handshake=handshake,
    methods=frozenset({"GET", "POST"}),
    mapping="connectors.whatsapp_cloud.webhook",
    documents=(
        "https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components",
        "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
    ),
    secret_names=("verify_token",),
    deadline_s=20.0,
    retries="at once, then ever less often for up to 7 days, after any answer but 200",
    identity="the message's id, with the status or the change where it is about one; one item of a delivery at a time",
    emits=(
        "account.notice",
        "activity.logged",
        "call.answered",
        "call.ended",
        "call.recorded",
        "call.ringing",
        "call.started",
        "call.voicemail_left",
        "consent.changed",
        "contact.changed",
        "contact.deleted",
        "identity.changed",
        "message.echoed",
        "message.edited",
        "message.reacted",
        "message.received",
        "message.revoked",
        "message.status_changed",
        "order.changed",
        "template.changed",
    ),
)
