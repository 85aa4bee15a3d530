"""Zoho CRM: notifications of a channel, with the channel's token in the body."""

from hub.connector import Connector
from hub.outbound import Limit, OAuth
from hub.schemes_body import JsonToken

TOKEN = JsonToken(("token",))
CENTRES = ("com", "eu", "in", "com.au", "jp", "com.cn", "sa", "ca", "uk")
# https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html (read November 2026)
LIMITS = (
    Limit("credits", 50_000, 86_400, setting="daily_credits"),
    Limit("at_one_time", 5, 0, setting="concurrent_calls"),
)
OAUTH = OAuth(
    token_url="https://accounts.zoho.{data_centre}/oauth/v2/token",  # noqa: S106 - an address
    authorize_url="https://accounts.zoho.{data_centre}/oauth/v2/auth",
    scopes=(
        "ZohoCRM.modules.ALL",
        "ZohoCRM.coql.READ",
        "ZohoCRM.users.READ",
        "ZohoCRM.settings.fields.ALL",
        "ZohoCRM.notifications.ALL",
        "ZohoSearch.securesearch.READ",
    ),
    scope_separator=",",
    prefix="Zoho-oauthtoken ",
    lasts_s=3600,
    ask={"access_type": "offline", "prompt": "consent"},
    instance="api_domain",
    defaults={"data_centre": "com"},
)

CONNECTOR = Connector(
    name="zoho",
    title="Zoho CRM",
    kinds=frozenset({"crm"}),
    signature="none: the channel's token in the body (`token`), taken out before the delivery is stored",
    verify=TOKEN.verify,
    sign=TOKEN.sign,
    sign_request=TOKEN.sign_request,
    without_credentials=TOKEN.without,
    mapping="connectors.zoho.webhook",
    client="connectors.zoho.client",
    quality="gold",
    effects={
        "CreateRecord": "A",
        "UpdateRecord": "A",
        "LogCall": "A",
        "CreateTask": "A",
        "LogMessage": "B",
        "AddNote": "B",
    },
    hosts=tuple(host.format(centre) for host in ("www.zohoapis.{}", "accounts.zoho.{}") for centre in CENTRES),
    limits=LIMITS,
    oauth=OAUTH,
    documents=(
        "https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html (read 2026-11)",
        "https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html (read 2026-11)",
        "https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html (read 2026-11)",
        "https://www.zoho.com/crm/developer/docs/api/v8/COQL-Limitations.html (read 2026-11)",
        "https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html (read 2026-11)",
    ),
    required_settings=("channel_ids",),
    deadline_s=10.0,
    retries="not documented; a channel ends after at most a week and must be renewed before",
    identity="module, operation, server_time and record id are the same",
    emits=(
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "deal.changed",
        "deal.deleted",
        "ticket.changed",
        "ticket.deleted",
        "activity.logged",
        "record.touched",
    ),
)
