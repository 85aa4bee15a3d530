"""Dynamics 365 (Dataverse): execution contexts of registered steps, with a key in a header; rows over its Web API."""

from hub.connector import Connector
from hub.outbound import Limit, OAuth
from hub.signatures import StaticToken

KEY = StaticToken(header="x-renkei-key")

CONNECTOR = Connector(
    name="dynamics365",
    title="Dynamics 365 (Dataverse)",
    kinds=frozenset({"crm"}),
    signature="none: a secret in the header X-Renkei-Key (webhook authentication HttpHeader)",
    verify=KEY.verify,
    sign=KEY.sign,
    mapping="connectors.dynamics365.webhook",
    client="connectors.dynamics365.client",
    quality="gold",
    effects={
        "CreateRecord": "A",
        "UpdateRecord": "A",
        "LogCall": "A",
        "LogMessage": "A",
        "AddNote": "A",
        "CreateTask": "A",
    },
    hosts=("*.dynamics.com",),
    secret_names=("client_secret",),
    documents=(
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-webhooks (read 2026-11)",
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/register-web-hook (read 2026-11)",
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/overview (read 2026-11)",
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/api-limits (read 2026-11)",
    ),
    keep_headers=frozenset({"x-ms-dynamics-msg-size-exceeded"}),
    required_settings=("organization_id",),
    # An application user, by client credentials of Entra:
    # https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow (read 2026-11)
    oauth=OAuth(
        token_url="https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token",  # noqa: S106 - an address
        flows=("client_credentials",),
        scopes=("{environment_url}/.default",),
        lasts_s=3600,
    ),
    deadline_s=60.0,
    retries="once, and only after an answer of 502, 503 or 504; whatever else fails is lost and stays as a failed system job",
    identity="OperationId, CorrelationId, message and record are the same",
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
    # Service protection, per user and web server; besides 1,200 s of work in 300 s, which only the platform can count.
    limits=(
        Limit("requests", 6000, 300.0, setting="requests_per_300_s"),
        Limit("at once", 52, 0, setting="requests_at_once"),
    ),
)
