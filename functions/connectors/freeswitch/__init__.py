"""FreeSWITCH: call records posted by mod_json_cdr, and events of its event socket forwarded by the bridge."""

from collections.abc import Mapping, Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request
from hub.schemes_bridge import BRIDGE
from hub.signatures import BASIC_AUTH

BATCH = b'{"bridge":'


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """The bridge's signature where there is one, else mod_json_cdr's user and password."""
    scheme = BRIDGE if BRIDGE.header in request.headers else BASIC_AUTH
    scheme.verify(request, secrets, connection, now)


def sign(request: Request, secret: bytes, now: float) -> Mapping[str, str]:
    """As the bridge or as mod_json_cdr does, by what is sent."""
    scheme = BRIDGE if request.body.startswith(BATCH) else BASIC_AUTH
    return scheme.sign(request, secret, now)


CONNECTOR = Connector(
    name="freeswitch",
    title="FreeSWITCH",
    kinds=frozenset({"telephony"}),
    signature="call records: HTTP basic auth; the bridge: HMAC-SHA256 over time and body (x-renkei-signature)",
    verify=verify,
    sign=sign,
    mapping="connectors.freeswitch.webhook",
    documents=(
        "https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_json_cdr_4653124/ (read 2026-11)",
        "https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Introduction/Event-System/Event-List_7143557/",
    ),
    deadline_s=10.0,
    retries="mod_json_cdr: `retries` times after `delay`, then a file in err-log-dir; the bridge: until accepted",
    identity="the channel's UUID and the step; with FreeSWITCH's time of the event where a step can come again",
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
        "call.voicemail_left",
    ),
)
