"""Amazon Connect: contact events and rules over EventBridge, records over Kinesis, a flow's call over either or HTTP."""

from hub.connector import Connector
from hub.signatures import StaticToken

# Only for what a flow's own function passes on over HTTP; EventBridge and Kinesis are proven by AWS.
KEY = StaticToken(header="x-renkei-key")

CONNECTOR = Connector(
    name="amazon_connect",
    title="Amazon Connect",
    kinds=frozenset({"telephony"}),
    signature="none: EventBridge and Kinesis prove the source; a flow's function sends a secret in X-Renkei-Key",
    verify=KEY.verify,
    sign=KEY.sign,
    mapping="connectors.amazon_connect.webhook",
    documents=(
        "https://docs.aws.amazon.com/connect/latest/adminguide/contact-events.html (read 2026-11)",
        "https://docs.aws.amazon.com/connect/latest/adminguide/ctr-data-model.html (read 2026-11)",
        "https://docs.aws.amazon.com/connect/latest/adminguide/agent-event-stream-model.html (read 2026-11)",
        "https://docs.aws.amazon.com/connect/latest/adminguide/about-contact-states.html (read 2026-11)",
        "https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html (read 2026-11)",
        "https://docs.aws.amazon.com/connect/latest/adminguide/contact-lens-rules-eventbridge-event.html (read 2026-11)",
    ),
    required_settings=("instance_id",),
    event_source_prefix=("aws.connect", "arn:aws"),
    deadline_s=8.0,
    retries="EventBridge: best effort; Kinesis: at least once, for as long as the stream keeps it; a flow: by its block",
    identity="EventBridge's id; a contact record's ContactId and LastUpdateTimestamp; an agent event's EventId;"
    " a transcript's segment ids; of a flow's call every byte",
    emits=(
        "account.notice",
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
        "call.voicemail_left",
        "call.wrapped_up",
    ),
    sources=frozenset({"webhook", "eventbridge", "kinesis"}),
)
