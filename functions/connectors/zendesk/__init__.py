"""Zendesk: event webhooks, webhooks of triggers with our body, EventBridge while there is any; records over its API."""

from hub.connector import Connector
from hub.outbound import Limit, OAuth
from hub.schemes_zendesk import ZENDESK

# https://developer.zendesk.com/api-reference/introduction/rate-limits/ (read November 2026): 200 a minute is the
# smallest plan's. Searches have 2,500 a minute of their own, which no plan's total reaches.
LIMITS = (
    Limit("requests", 200, 60, setting="requests_in_60_s", remaining="ratelimit-remaining", resets="ratelimit-reset"),
    Limit("exports", 10, 60, applies=r"^GET /api/v2/incremental/"),
    Limit("ticket updates", 100, 60, applies=r"^PUT /api/v2/tickets/"),
)
OAUTH = OAuth(
    token_url="https://{subdomain}.zendesk.com/oauth/tokens",  # noqa: S106 - an address
    authorize_url="https://{subdomain}.zendesk.com/oauth/authorizations/new",
    scopes=("read", "write"),
    lasts_s=0,
    pkce=True,
)

CONNECTOR = Connector(
    name="zendesk",
    title="Zendesk",
    kinds=frozenset({"crm"}),
    signature="X-Zendesk-Webhook-Signature: base64 of HMAC-SHA256 over the signed time and the raw body",
    verify=ZENDESK.verify,
    sign=ZENDESK.sign,
    mapping="connectors.zendesk.webhook",
    client="connectors.zendesk.client",
    quality="gold",
    effects={
        "CreateRecord": "A",
        "UpdateRecord": "A",
        "LogCall": "B",
        "LogMessage": "B",
        "AddNote": "B",
        "CreateTask": "B",
    },
    hosts=("*.zendesk.com",),
    secret_names=("api_token", "api_user"),
    limits=LIMITS,
    oauth=OAUTH,
    documents=(
        "https://developer.zendesk.com/documentation/webhooks/verifying/ (read 2026-11)",
        "https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/ (read 2026-11)",
        "https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events (read 2026-11)",
        "https://developer.zendesk.com/api-reference/amazon-eventbridge/introduction (read 2026-11)",
        "https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/ (read 2026-11)",
        "https://developer.zendesk.com/api-reference/introduction/rate-limits/ (read 2026-11)",
    ),
    keep_headers=frozenset({"content-type", "x-zendesk-account-id"}),
    required_settings=("account_id",),
    event_source_prefix="aws.partner/zendesk.com/",
    deadline_s=10.0,
    retries="a few attempts after 409, 429, 503 and silence; a circuit breaker stops a webhook with too many errors",
    identity="event webhooks: id is the same; EventBridge: the sequence's id and position; triggers: the same body",
    emits=(
        "ticket.changed",
        "ticket.deleted",
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "record.touched",
        "account.notice",
    ),
    sources=frozenset({"webhook", "eventbridge"}),
)
