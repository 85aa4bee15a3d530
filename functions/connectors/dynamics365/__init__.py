"""Dynamics 365 (Dataverse): execution contexts of registered steps, with a key in a header."""

from hub.connector import Connector
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
    documents=(
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-webhooks (read 2026-11)",
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/register-web-hook (read 2026-11)",
    ),
    keep_headers=frozenset({"x-ms-dynamics-msg-size-exceeded"}),
    required_settings=("organization_id",),
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
)
