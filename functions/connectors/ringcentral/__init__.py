"""RingCentral: notifications of a webhook subscription, with a static validation token in a header."""

import re
from collections.abc import Mapping

from hub.connector import Connector
from hub.delivery import Request, Response
from hub.signatures import StaticToken

TOKEN = StaticToken("validation-token")
_ECHOED = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)


def handshake(request: Request, _secrets: Mapping[str, str]) -> Response | None:
    """The token of an empty request, given back in the answer's header: RingCentral asks so when a subscription is
    made. Nothing is signed and nothing of ours is told. Deliveries carry the header too, but are never empty.
    """
    token = request.headers.get("validation-token", "")
    if request.method != "POST" or request.body.strip() not in (b"", b"{}") or not _ECHOED.fullmatch(token):
        return None
    return Response(200, "", "application/json", {"validation-token": token})


CONNECTOR = Connector(
    name="ringcentral",
    title="RingCentral",
    kinds=frozenset({"telephony"}),
    signature="none: the subscription's validation token in the header Validation-Token",
    verify=TOKEN.verify,
    sign=TOKEN.sign,
    sign_request=TOKEN.sign_request,
    handshake=handshake,
    mapping="connectors.ringcentral.webhook",
    documents=(
        "https://developers.ringcentral.com/guide/notifications/webhooks/receiving (read 2026-11)",
        "https://developers.ringcentral.com/guide/voice/call-log/telephony-session (read 2026-11)",
        "https://developers.ringcentral.com/guide/notifications/event-filters/voicemail-message (read 2026-11)",
        "https://developers.ringcentral.com/guide/notifications/event-filters/instant-message (read 2026-11)",
    ),
    required_settings=("account_id",),
    deadline_s=3.0,
    retries="not confirmed; after lasting failure the subscription is Blacklisted: delete it and make it anew",
    identity="of a call: session, party, sequence and status; of all else: the id of what it is about and its time",
    emits=(
        "account.notice",
        "agent.status_changed",
        "call.answered",
        "call.ended",
        "call.held",
        "call.recorded",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "call.transferred",
        "call.voicemail_left",
        "consent.changed",
        "message.echoed",
        "message.received",
    ),
)
