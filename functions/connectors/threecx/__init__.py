"""3CX: the PBX calls us through a CRM template: contact look-ups, and a report at the end of each call."""

from collections.abc import Mapping, Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request, Response
from hub.signatures import StaticToken

HEADER, QUERY = StaticToken(header="x-renkei-token"), StaticToken(query="token")
# What the look-up of the template in the README reads: nobody is shown, the call goes on.
NO_CONTACTS = '{"contacts":[]}'


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """By the header; by the query only where there is no header, for templates that cannot set one."""
    scheme = HEADER if HEADER.header in request.headers or "token=" not in request.url else QUERY
    scheme.verify(request, secrets, connection, now)


def sign(request: Request, secret: bytes, now: float) -> Mapping[str, str]:
    """As the template in the README does."""
    return HEADER.sign(request, secret, now)


def acknowledge(_request: Request, _connection: Connection) -> Response:
    """An empty list of contacts: a look-up reads it, a report does not care."""
    return Response(200, NO_CONTACTS, "application/json")


CONNECTOR = Connector(
    name="threecx",
    title="3CX",
    kinds=frozenset({"telephony"}),
    signature="none: a secret in the header x-renkei-token (or in the query, token=), over TLS",
    verify=verify,
    sign=sign,
    token_in_query="token",  # noqa: S106 (the parameter's name)
    mapping="connectors.threecx.webhook",
    documents=("https://www.3cx.com/docs/server-side-crm-template-xml-description/ (read 2026-11)",),
    acknowledge=acknowledge,
    deadline_s=5.0,
    retries="none is documented: a report that fails is lost",
    identity="agent, number and start of the call: 3CX gives no call id to a template",
    emits=("call.answered", "call.ended", "call.recorded", "call.started", "call.transcribed"),
)
