"""Authorizing a connection: the link that a person opens, and what is known of its tokens."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel

from api import connection_rules as rules
from api import connection_store
from api import oauth_visits as visits
from api.caller import caller_of
from api.connection_models import AuthView
from api.oauth_pages import START, redirect_uri
from api.problems import Problem
from api.resource import Resource
from hub.connector import Connector
from hub.delivery import Connection
from hub.oauth_grant import Grant, flow_of
from hub.oauth_state import Lease
from hub.wiring import Hub

router = Resource()


class AuthorizationLink(BaseModel):
    """`url` is to be opened in a browser, once, until `until`; `redirect_uri` has to be entered in the platform's app."""

    url: str
    until: str
    redirect_uri: str


@router.post(
    "/v1/connections/<connection_id>/authorize", summary="A link to authorize the connection", tags=["connections"]
)
def authorize_connection(connection_id: str) -> AuthorizationLink:
    """Opened in a browser within 10 minutes, the link leads a person to the platform to say yes; it is good once."""
    hub = router.hub
    connection = connection_store.get(hub.connection_items, connection_id).connection
    connector = rules.connector_of(connection.platform)
    if connector.oauth is None or "authorization_code" not in connector.oauth.flows:
        raise Problem(409, f"{connector.title} is not authorized in a browser: enter its token among the secrets.")
    visit = visits.Visit(connection.id, connection.platform, caller_of(router.exchange.jwt))
    ticket = visits.new_text()
    visits.remember(hub, visits.OFFERED, ticket, visit)
    return AuthorizationLink(
        url=f"{hub.settings.public_url}{START}?ticket={ticket}",
        until=_rfc_3339(int(hub.clock.now()) + visits.LASTS_S) or "",
        redirect_uri=redirect_uri(hub),
    )


def shown(hub: Hub, connection: Connection, connector: Connector | None) -> AuthView | None:
    """What people see of the connection's tokens; None where nothing is written to the platform."""
    if connector is None or not connector.client:
        return None
    secrets = hub.secrets.read(connection.id)
    grant, state = Grant.of(secrets), Lease(hub.connection_items, hub.clock, connection.id).read()
    state = state.shown(hub.clock.now())
    return AuthView(
        state=state.state,
        sentence=f"{state.reason}." if state.reason else None,
        since=_rfc_3339(state.since if state.reason else None),
        flow=flow_of(connector.oauth, connection, secrets) or None,
        token_ends_at=_rfc_3339(grant.ends_at if grant else None),
        refresh_ends_at=_rfc_3339(grant.refresh_ends_at if grant else None),
    )


def _rfc_3339(unix_s: int | None) -> str | None:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if unix_s else None
