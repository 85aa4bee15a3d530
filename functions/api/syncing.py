"""Whether a connection is in agreement with its platform: what waits and why; paused and taken up; its account prepared."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from api import authorizing, connection_store
from api import connection_rules as rules
from api.caller import caller_of
from api.connection_models import AuthView, Closed
from api.job_models import DriftView, drift_of
from api.problems import Problem
from api.resource import Resource
from hub.connector import Connector
from hub.delivery import Connection
from hub.domain.events import instant
from hub.doubts import concerning
from hub.limits import rules_of
from hub.limits_ledger import Ledger
from hub.outgoing import client_for
from hub.reconciling import States
from hub.sync_state import BOTH, SyncState
from hub.wiring import Hub

router = Resource()
MOST_COUNTED = 1_000
Why = Annotated[str, Field(min_length=1, max_length=500)]


class Pause(Closed):
    """Why nothing shall be written to the platform, for whoever asks later."""

    why: Why


class Agreement(Closed):
    """That the plan may be carried out on the platform."""

    agreed: Literal[True]


class LimitView(BaseModel):
    """A limit of the platform: at most `most` in `per_s` seconds (0: at one time); `left` is what may be used now."""

    name: str
    most: int
    per_s: float
    left: int


class SyncView(BaseModel):
    """`mode` both: fields are written there, in: they are only read.

    `paused` says why nothing is written since `since`; `waiting` are the customers who wait for that (1,000 at most).
    `conflicts` are the fields that wait for a person because of what the connection says, or does not take (of the
    latest 1,000). `calls` open: the platform is asked; closed: it asked for a pause, or fails, until `calls_again_at`.
    """

    connection: str
    mode: Literal["in", "both"]
    paused: str | None
    since: str | None
    waiting: int
    conflicts: int
    auth: AuthView | None
    drift: DriftView
    calls: Literal["open", "closed"]
    calls_again_at: str | None
    limits: list[LimitView]


class SetUpPlan(BaseModel):
    """What a set-up would create on the platform, a sentence each; [] where nothing is missing."""

    plan: list[str]


class SetUpDone(BaseModel):
    """What was created on the platform."""

    done: list[str]


@router.get("/v1/connections/<connection_id>/sync", summary="Is it in agreement?", tags=["connections"])
def read_sync(connection_id: str) -> SyncView:
    """Whether fields are written to the platform, what waits and why, and how far its limits are used."""
    return _view(router.hub, connection_store.get(router.hub.connection_items, connection_id).connection)


@router.post("/v1/connections/<connection_id>/sync/pause", summary="Write no fields for now", tags=["connections"])
def pause_sync(connection_id: str, wanted: Annotated[Pause, Body()]) -> SyncView:
    """Nothing is written to the platform until it is resumed; what is to be written is kept. Reading goes on."""
    hub = router.hub
    connection = connection_store.get(hub.connection_items, connection_id).connection
    SyncState(hub.store).pause(connection_id, f"{wanted.why.rstrip('.')} ({_caller()})", _now(hub))
    return _view(hub, connection)


@router.post("/v1/connections/<connection_id>/sync/resume", summary="Write fields again", tags=["connections"])
def resume_sync(connection_id: str) -> SyncView:
    """Writing goes on; what waited is taken up within five minutes."""
    hub = router.hub
    connection = connection_store.get(hub.connection_items, connection_id).connection
    SyncState(hub.store).resume(connection_id, _now(hub))
    return _view(hub, connection)


@router.get("/v1/connections/<connection_id>/set-up", summary="What a set-up would create", tags=["connections"])
def plan_set_up(connection_id: str) -> SetUpPlan:
    """Reads the platform's account and says what is missing there; nothing is changed."""
    return SetUpPlan(plan=_client(router.hub, connection_id).plan_set_up())


@router.post("/v1/connections/<connection_id>/set-up", summary="Prepare the platform's account", tags=["connections"])
def set_up_connection(connection_id: str, _agreed: Annotated[Agreement, Body()]) -> SetUpDone:
    """Creates on the platform what the plan says (a field for our reference, webhooks …); safe to repeat."""
    hub = router.hub
    client = _client(hub, connection_id)
    planned = client.plan_set_up()
    client.set_up()
    SyncState(hub.store).agreed(connection_id, _caller(), planned, _now(hub))
    hub.telemetry.count("api.connection_set_up", 1)
    return SetUpDone(done=planned)


def _view(hub: Hub, connection: Connection) -> SyncView:
    state, now_ms = SyncState(hub.store), int(hub.clock.now() * 1000)
    connector, paused = rules.connector_of(connection.platform), state.paused(connection.id)
    calls = Ledger(hub.connection_items, hub.clock, f"LIMIT#{connection.id}").look()
    again_ms = max(calls.closed, calls.breaker.until)
    return SyncView(
        connection=connection.id,
        mode="both" if connection.settings.get("sync") == BOTH else "in",
        paused=f"{paused.why[:1].upper()}{paused.why[1:]}." if paused else None,
        since=paused.at if paused else None,
        waiting=sum(1 for _ in islice(state.due(connection.id), MOST_COUNTED)),
        conflicts=concerning(hub.store, connection.id, MOST_COUNTED),
        auth=authorizing.shown(hub, connection, connector),
        drift=drift_of(States(hub.store).get(connection.id)),
        calls="closed" if again_ms > now_ms else "open",
        calls_again_at=instant(again_ms) if again_ms > now_ms else None,
        limits=_limits(connector, connection, calls, now_ms),
    )


def _limits(connector: Connector, connection: Connection, calls: Any, now_ms: int) -> list[LimitView]:
    """Each budget once: several rules of a name share one."""
    found = {}
    for rule in reversed(rules_of(connector, connection)):
        tally = calls.tally(rule)
        tally.forget(rule, now_ms)
        free = rule.most - (sum(tally.slices.values()) if rule.per_ms else len(tally.slots))
        left = min(free, tally.left) if tally.left_until else free
        found[rule.name] = LimitView(name=rule.name, most=rule.most, per_s=rule.declared.per_s, left=max(left, 0))
    return list(reversed(found.values()))


def _client(hub: Hub, connection_id: str) -> Any:
    """The platform's client with the secrets as they are now; Problem 409 where it cannot be set up."""
    connection = connection_store.get(hub.connection_items, connection_id).connection
    connector = rules.connector_of(connection.platform)
    if connection.status != "active":
        raise Problem(409, "The connection is disabled.")
    hub.secrets.read(connection.id, fresh=True)
    client = client_for(hub, connection, connector) if connector.client else None
    if not hasattr(client, "set_up"):
        raise Problem(409, f"{connector.title} needs no set-up.")
    return client


def _caller() -> str:
    return caller_of(router.exchange.jwt)


def _now(hub: Hub) -> str:
    return instant(round(hub.clock.now() * 1000))
