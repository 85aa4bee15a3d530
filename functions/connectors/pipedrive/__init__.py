"""Pipedrive: webhooks of version 2 and 1, with a user and a password (HTTP basic auth)."""

from hub.connector import Connector
from hub.outbound import Limit, OAuth
from hub.signatures import BASIC_AUTH

DAY_S = 86_400


def _tokens(what: str, cost: int) -> Limit:
    """A share of the one budget of a day: 30,000 tokens by seat and by the plan's factor."""
    return Limit("tokens", 30_000, DAY_S, applies=what, cost=cost, setting="daily_tokens")


LIMITS = (
    Limit(
        "requests",
        20,
        2,
        setting="requests_in_2_s",
        remaining="x-ratelimit-remaining",
        resets="x-ratelimit-reset",
    ),
    Limit("searches", 10, 2, applies=r"^GET .*[sS]earch"),
    # https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting (read November 2026)
    _tokens(r"^GET /api/v2/.*[sS]earch", 20),
    _tokens(r"^GET /api/v2/\w+/\d+$", 1),
    _tokens(r"^GET /api/v2/\w+$", 10),
    _tokens(r"^DELETE /api/v2/", 3),
    _tokens(r"^(POST|PATCH) /api/v2/", 5),
    _tokens(r"^GET /v1/", 20),
    _tokens(r"^DELETE /v1/", 6),
    _tokens(r"^(POST|PUT) /v1/", 10),
)
OAUTH = OAuth(
    token_url="https://oauth.pipedrive.com/oauth/token",  # noqa: S106 - an address
    authorize_url="https://oauth.pipedrive.com/oauth/authorize",
    client_auth="basic",
    lasts_s=3600,
    instance="api_domain",
    refresh_lasts_s=60 * DAY_S,
)

CONNECTOR = Connector(
    name="pipedrive",
    title="Pipedrive",
    kinds=frozenset({"crm"}),
    signature="none: HTTP basic auth, the secret being `user:password`",
    verify=BASIC_AUTH.verify,
    sign=BASIC_AUTH.sign,
    mapping="connectors.pipedrive.webhook",
    client="connectors.pipedrive.client",
    quality="gold",
    effects={
        "CreateRecord": "B",
        "UpdateRecord": "A",
        "LogCall": "B",
        "LogMessage": "B",
        "AddNote": "B",
        "CreateTask": "B",
    },
    hosts=("api.pipedrive.com", "*.pipedrive.com"),
    secret_names=("api_token",),
    limits=LIMITS,
    oauth=OAUTH,
    documents=(
        "https://pipedrive.readme.io/docs/guide-for-webhooks-v2 (read 2026-11)",
        "https://pipedrive.readme.io/docs/webhooks-v2-migration-guide (read 2026-11)",
        "https://pipedrive.readme.io/docs/guide-for-webhooks (read 2026-11)",
        "https://pipedrive.readme.io/docs/pipedrive-api-v2-migration-guide (read 2026-11)",
        "https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting (read 2026-11)",
    ),
    required_settings=("company_id",),
    deadline_s=10.0,
    retries="after 3, 30 and 150 seconds, after any answer but 2xx and after 10 seconds of silence; ten failures in a row "
    "stop everything for 30 minutes, three days without success delete the webhook",
    identity="version 2: meta.id is the same; version 1: object, id, action and time are",
    emits=(
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "deal.changed",
        "deal.deleted",
        "activity.logged",
        "record.touched",
    ),
)
