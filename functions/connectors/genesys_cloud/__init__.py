"""Genesys Cloud: conversation detail events, transcripts and presence through its Amazon EventBridge integration."""

from hub.connector import Connector
from hub.schemes_trust import BY_CLOUD

CONNECTOR = Connector(
    name="genesys_cloud",
    title="Genesys Cloud",
    kinds=frozenset({"telephony"}),
    signature="none: EventBridge proves the partner event source, which names the organization",
    verify=BY_CLOUD.verify,
    sign=BY_CLOUD.sign,
    mapping="connectors.genesys_cloud.webhook",
    documents=(
        "https://help.mypurecloud.com/articles/about-the-amazon-eventbridge-integration/ (read 2026-11)",
        "https://developer.genesys.cloud/notificationsalerts/notifications/available-topics (read 2026-11)",
        "https://github.com/MyPureCloud/platform-client-sdk-python (models of the topics, read 2026-11)",
    ),
    required_settings=("organization_id",),
    event_source_prefix="aws.partner/genesys.com/",
    retries="by EventBridge; whether Genesys repeats an event is not documented",
    identity="metadata.CorrelationId, topicName and eventTime together",
    emits=(
        "agent.status_changed",
        "call.answered",
        "call.dequeued",
        "call.ended",
        "call.queued",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "call.transferred",
        "call.voicemail_left",
        "call.wrapped_up",
    ),
    sources=frozenset({"eventbridge"}),
)
