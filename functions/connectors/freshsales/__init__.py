"""Freshsales: webhooks of workflows with the body that our page gives the administrator; records over its API."""

from collections.abc import Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request
from hub.errors import Quarantine
from hub.outbound import Limit
from hub.schemes_body import FormToken, JsonToken
from hub.signatures import StaticToken

KEY = StaticToken(header="x-renkei-key")
JSON_TOKEN, FORM_TOKEN = JsonToken(("token",)), FormToken("token")


def _in_body(body: bytes) -> JsonToken | FormToken:
    return JSON_TOKEN if body.lstrip()[:1] == b"{" else FORM_TOKEN


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """The secret in the header where there is one, else in the body's field `token`; raises Unauthorized."""
    scheme = KEY if KEY.header in request.headers else _in_body(request.body)
    scheme.verify(request, secrets, connection, now)


def without_token(body: bytes) -> bytes:
    """The body without the secret, where it was sent there; as received where it cannot be read."""
    try:
        return _in_body(body).without(body)
    except Quarantine:
        return body


CONNECTOR = Connector(
    name="freshsales",
    title="Freshsales",
    kinds=frozenset({"crm"}),
    signature="none: a secret in the header X-Renkei-Key, or in the body (`token`), taken out before the delivery is stored",
    verify=verify,
    sign=KEY.sign,
    without_credentials=without_token,
    mapping="connectors.freshsales.webhook",
    client="connectors.freshsales.client",
    quality="silver",
    effects={
        "CreateRecord": "A",
        "UpdateRecord": "A",
        "LogCall": "B",
        "LogMessage": "B",
        "AddNote": "B",
        "CreateTask": "B",
    },
    hosts=("*.myfreshworks.com",),
    secret_names=("api_key",),
    limits=(Limit("requests", 1_000, 3600, setting="requests_in_1_h"),),
    documents=(
        "https://crmsupport.freshworks.com/support/solutions/articles/50000002418-how-to-use-workflows-with-webhooks-in-freshworks-crm- (read 2026-11)",
        "https://developers.freshworks.com/crm/api/ (read 2026-11)",
    ),
    deadline_s=10.0,
    retries="not documented",
    identity="object, event, id and updated_at are the same",
    emits=(
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "deal.changed",
        "deal.deleted",
        "record.touched",
    ),
)
