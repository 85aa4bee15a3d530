"""Connections: create, read, change, rotate secrets, disable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from api import authorizing, connection_secrets, connection_store
from api import connection_rules as rules
from api.connection_models import (
    ConnectionChange,
    ConnectionDraft,
    ConnectionList,
    ConnectionView,
    SecretsChange,
)
from api.connection_store import Stored
from api.paging import Cursor, Limit, Seal
from api.problems import unusable
from api.resource import Resource
from hub.connections import CONNECTION, connection_of
from hub.connector import Connector, load
from hub.delivery import Connection
from hub.oauth_state import Lease
from hub.wiring import Hub

router = Resource()


@router.post("/v1/connections", summary="Create a connection", tags=["connections"], status_code=201)
def create_connection(
    draft: Annotated[ConnectionDraft, Body()],
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)] = None,
) -> ConnectionView:
    """Creates a connection and says which URLs to enter on the platform; with an Idempotency-Key, once."""
    hub = router.hub
    connector = rules.connector_of(draft.platform)
    rules.check_settings(connector, draft.settings, hub.settings)
    connection = _new(hub, draft, idempotency_key)
    found = connection_store.find(hub.connection_items, connection.id)
    if found:
        return _view(hub, connection_store.require_same(found, connection))
    stored = _secrets_of(hub, connector, draft)
    connection_store.claim_source(hub.connection_items, connection)
    hub.secrets.write(connection.id, stored)
    connection_store.create(hub.connection_items, connection)
    hub.telemetry.count("api.connection_created", platform=connector.name)
    return _view(hub, Stored(connection, 1))


@router.get("/v1/connections", summary="All connections", tags=["connections"])
def list_connections(limit: Limit = 25, cursor: Cursor = None) -> ConnectionList:
    """The connections by id, with what may be shown of their secrets."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), "connections")
    page = hub.connection_items.query_index(CONNECTION, limit=limit, start=seal.open(cursor), newest_first=False)
    views = [_view(hub, Stored(connection_of(item), item.version)) for item in page.items]
    return ConnectionList(connections=views, next=seal.close(page.next_key))


@router.get("/v1/connections/<connection_id>", summary="One connection", tags=["connections"])
def read_connection(connection_id: str) -> ConnectionView:
    """The connection, with what may be shown of its secrets."""
    hub = router.hub
    return _view(hub, connection_store.get(hub.connection_items, connection_id), fresh=True)


@router.patch("/v1/connections/<connection_id>", summary="Change name or settings", tags=["connections"])
def change_connection(connection_id: str, change: Annotated[ConnectionChange, Body()]) -> ConnectionView:
    """Changes what is given and leaves the rest; in force everywhere within a minute."""
    hub = router.hub

    def step(before: Connection) -> Connection:
        settings = {**before.settings, **change.settings}
        kept = {name: value for name, value in settings.items() if value is not None}
        rules.check_settings(rules.connector_of(before.platform), kept, hub.settings)
        return replace(before, name=change.name or before.name, settings=kept)

    return _changed(
        hub, "connection_changed", connection_store.change(hub.connection_items, connection_id, step, change.version)
    )


@router.post("/v1/connections/<connection_id>/secrets", summary="Rotate or replace secrets", tags=["connections"])
def change_secrets(connection_id: str, change: Annotated[SecretsChange, Body()]) -> ConnectionView:
    """A new signing secret with an overlap, or new named secrets; in force everywhere within minutes."""
    hub = router.hub
    found = connection_store.get(hub.connection_items, connection_id)
    with Lease(hub.connection_items, hub.clock, connection_id).held():  # a worker may be writing new tokens there
        before = hub.secrets.read(connection_id, fresh=True)
        after = _changed_secrets(hub, rules.connector_of(found.connection.platform), before, change)
        if after != before:
            found = connection_store.touch(hub.connection_items, found)  # of two at the same time only one goes on
            hub.secrets.write(connection_id, after)
    return _changed(hub, "secrets_changed", found)


@router.post("/v1/connections/<connection_id>/disable", summary="Refuse its deliveries", tags=["connections"])
def disable_connection(connection_id: str) -> ConnectionView:
    """Switches the connection off: deliveries are refused and nothing is written to the platform."""
    return _switch(router.hub, connection_id, "disabled")


@router.post("/v1/connections/<connection_id>/enable", summary="Accept its deliveries again", tags=["connections"])
def enable_connection(connection_id: str) -> ConnectionView:
    """Switches the connection on."""
    return _switch(router.hub, connection_id, "active")


def _new(hub: Hub, draft: ConnectionDraft, key: str | None) -> Connection:
    now = hub.clock.now()
    return Connection(
        id=connection_store.repeatable_id(hub.secrets.hash_key(), key) if key else connection_store.new_id(now),
        platform=draft.platform,
        name=draft.name,
        settings=dict(draft.settings),
        created_at=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _secrets_of(hub: Hub, connector: Connector, draft: ConnectionDraft) -> dict[str, Any]:
    named = {name: secret for name, secret in draft.secrets.items() if name != rules.SIGNING}
    stored: dict[str, Any] = {**rules.check_named(connector, named)}
    if rules.SIGNING not in draft.secrets:
        return stored
    value = rules.check_signing(connector, draft.secrets[rules.SIGNING])
    return connection_secrets.rotated(stored, value, hub.clock.now(), 0)


def _changed_secrets(
    hub: Hub, connector: Connector, before: Mapping[str, Any], change: SecretsChange
) -> dict[str, Any]:
    if change.signing is None and not change.named:
        raise unusable("signing", "Give a signing secret or named ones.")
    after = {**before, **rules.check_named(connector, change.named)}
    if change.signing is None:
        return after
    value = rules.check_signing(connector, change.signing)
    return connection_secrets.rotated(after, value, hub.clock.now(), change.overlap_s)


def _switch(hub: Hub, connection_id: str, status: str) -> ConnectionView:
    after = connection_store.change(hub.connection_items, connection_id, lambda one: replace(one, status=status))
    return _changed(hub, f"connection_{status}", after)


def _changed(hub: Hub, what: str, stored: Stored) -> ConnectionView:
    hub.telemetry.count(f"api.{what}", platform=stored.connection.platform)
    return _view(hub, stored)


def _view(hub: Hub, stored: Stored, *, fresh: bool = False) -> ConnectionView:
    connection = stored.connection
    secrets = hub.secrets.read(connection.id, fresh=fresh)
    connector = _loaded(connection.platform)
    return ConnectionView(
        id=connection.id,
        platform=connection.platform,
        name=connection.name,
        status=connection.status,
        settings=dict(connection.settings),
        created_at=connection.created_at,
        version=stored.version,
        webhooks=_webhooks(hub, connector, connection) if connector else {},
        secrets=connection_secrets.shown(connector, secrets, hub.clock.now()),
        auth=authorizing.shown(hub, connection, connector),
    )


def _loaded(platform: str) -> Connector | None:
    try:
        return load(platform)
    except KeyError:  # a connector that this deployment no longer ships
        return None


def _webhooks(hub: Hub, connector: Connector, connection: Connection) -> dict[str, str]:
    """By kind; where the signing secret is part of the URL, its place is marked."""
    base = connection.settings.get("public_url") or hub.settings.public_url
    token = "/<signing secret>" if connector.token_in_path else ""
    return {kind: f"{base}/webhooks/{kind}/{connection.id}{token}" for kind in sorted(connector.kinds)}
