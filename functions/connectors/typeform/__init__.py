"""Typeform: responses to forms, signed."""

from hub.connector import Connector
from hub.schemes_hmac import TYPEFORM

CONNECTOR = Connector(
    name="typeform",
    title="Typeform",
    kinds=frozenset({"crm"}),
    signature="Typeform-Signature: sha256= and base64 of HMAC-SHA256 with the webhook's secret over the raw body",
    verify=TYPEFORM.verify,
    sign=TYPEFORM.sign,
    mapping="connectors.typeform.webhook",
    documents=(
        "https://www.typeform.com/developers/webhooks/example-payload/ (read 2026-11)",
        "https://www.typeform.com/developers/webhooks/secure-your-webhooks/ (read 2026-11)",
    ),
    deadline_s=30.0,
    retries="said to be every 2 to 3 minutes for 10 hours after 429, 408, 503 and 423; not confirmed",
    identity="the response's token and the kind of event are the same",
    emits=("form.submitted",),
)
