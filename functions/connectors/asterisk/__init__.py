"""Asterisk: events of its manager interface (AMI) or REST interface (ARI), forwarded by the bridge beside the PBX."""

from hub.connector import Connector
from hub.schemes_bridge import BRIDGE

CONNECTOR = Connector(
    name="asterisk",
    title="Asterisk",
    kinds=frozenset({"telephony"}),
    signature="the bridge's: HMAC-SHA256 over time and body (x-renkei-signature, x-renkei-timestamp, 300 s)",
    verify=BRIDGE.verify,
    sign=BRIDGE.sign,
    mapping="connectors.asterisk.webhook",
    documents=(
        "https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/ (read 2026-11)",
        "https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Asterisk_REST_Data_Models/ (read 2026-11)",
    ),
    deadline_s=15.0,
    retries="the bridge repeats a batch, byte for byte, until it is accepted",
    identity="the channel's unique id and the step; with Asterisk's time, or the bridge's number, where a step can come again",
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
        "call.transferred",
    ),
)
