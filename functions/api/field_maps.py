"""Field maps of connections: what is in force and where each line comes from; lines of one's own, tried, then in force."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

import connectors
from api import connection_rules, connection_store, field_trials
from api import field_map_models as shapes
from api.caller import caller_of
from api.field_map_models import Activation, MapDraft, MapList, MapPreview, MapView, NativeFields, Trial, VersionList
from api.problems import Problem, not_found
from api.resource import Resource
from hub import fields
from hub.decisions import Decision
from hub.delivery import Connection
from hub.field_checks import wrong_lines
from hub.field_overrides import Lines, effective, in_force, with_lines
from hub.field_rules import is_our_name
from hub.field_versions import MapVersions
from hub.fields import FieldMap

router = Resource()
_BASE = "/v1/connections/<connection_id>/field-maps"


@router.get(_BASE, summary="The field maps in force", tags=["field maps"])
def list_field_maps(connection_id: str) -> MapList:
    """How the platform's fields and ours follow each other, line by line."""
    connection = _connection(connection_id)
    return MapList(maps=[_view(connection, one) for one in _maps(connection).values()])


@router.get(f"{_BASE}/<native>/fields", summary="The platform's fields", tags=["field maps"])
def list_native_fields(connection_id: str, native: str) -> NativeFields:
    """The fields that the platform has there now, custom ones too, as its metadata describes them."""
    connection = _connection(connection_id)
    base = _map(connection, native)
    client = field_trials.client_of(router.hub, connection)
    return field_trials.described(client.describe(base.our_object), effective(connection, base))


@router.put(f"{_BASE}/<native>", summary="Save lines of one's own", tags=["field maps"])
def save_field_map(connection_id: str, native: str, draft: Annotated[MapDraft, Body()]) -> VersionList:
    """Saves a version, which is not yet in force; refused with a sentence for each line that cannot be used."""
    connection = _connection(connection_id)
    base = _map(connection, native)
    lines = draft.said()
    _require_usable(connection, base, lines)
    versions = MapVersions(router.hub.connection_items)
    saved = versions.save(connection_id, native, lines, _decision(draft.why))
    router.hub.telemetry.count("api.field_map_saved", platform=connection.platform)
    return VersionList(versions=[shapes.version(saved, _number(connection, native))])


@router.get(f"{_BASE}/<native>/versions", summary="The saved versions", tags=["field maps"])
def list_versions(connection_id: str, native: str) -> VersionList:
    """The last hundred versions, the latest first."""
    connection = _connection(connection_id)
    _map(connection, native)
    found = MapVersions(router.hub.connection_items).versions(connection_id, native)
    return VersionList(versions=[shapes.version(one, _number(connection, native)) for one in found])


@router.post(f"{_BASE}/<native>/activate", summary="Put a version in force", tags=["field maps"])
def activate_field_map(connection_id: str, native: str, wanted: Annotated[Activation, Body()]) -> MapView:
    """Puts a version in force, an older one to roll back, 0 for the connector's lines alone; within a minute everywhere."""
    hub = router.hub
    connection = _connection(connection_id)
    base = _map(connection, native)
    versions = MapVersions(hub.connection_items)
    if wanted.version:
        _require_fitting(base, field_trials.lines_of(versions, connection_id, native, wanted.version))
    after = versions.activate(connection_id, native, wanted.version, _decision(wanted.why))
    hub.telemetry.count("api.field_map_activated", platform=connection.platform)
    return _view(after, base)


@router.post(f"{_BASE}/<native>/preview", summary="Try a version on a record", tags=["field maps"])
def preview_field_map(connection_id: str, native: str, trial: Annotated[Trial, Body()]) -> MapPreview:
    """Reads a real record by the map in force and by the version, and says what would be written; nothing is sent."""
    connection = _connection(connection_id)
    base = _map(connection, native)
    versions = MapVersions(router.hub.connection_items)
    number = _latest(connection_id, native) if trial.version is None else trial.version
    lines = field_trials.lines_of(versions, connection_id, native, number) if number else None
    return field_trials.tried(
        field_trials.Trying(router.hub, connection, with_lines(connection, native, number, lines), base, number),
        trial.record,
    )


def _connection(connection_id: str) -> Connection:
    return connection_store.get(router.hub.connection_items, connection_id).connection


def _maps(connection: Connection) -> Mapping[str, FieldMap]:
    connector = connection_rules.connector_of(connection.platform)
    path = Path(next(iter(connectors.__path__))) / connector.name / "fields.toml"
    return fields.load(path) if path.exists() else {}


def _map(connection: Connection, native: str) -> FieldMap:
    found = _maps(connection).get(native)
    if found is None:
        raise not_found("field map")
    return found


def _view(connection: Connection, base: FieldMap) -> MapView:
    number, own = in_force(connection, base.native_object) or (0, {})
    made = effective(connection, base)
    fits = not number or made is not base
    return MapView(
        native_object=base.native_object,
        object=base.our_object,
        version=number,
        latest=_latest(connection.id, base.native_object),
        fits=fits,
        lines=[shapes.line(ours, rule, own if fits else {}) for ours, rule in made.rules.items()],
    )


def _number(connection: Connection, native: str) -> int:
    return (in_force(connection, native) or (0, {}))[0]


def _latest(connection_id: str, native: str) -> int:
    found = MapVersions(router.hub.connection_items).versions(connection_id, native, limit=1)
    return found[0].number if found else 0


def _require_usable(connection: Connection, base: FieldMap, lines: Lines) -> None:
    client = field_trials.client_of(router.hub, connection)
    _refuse(wrong_lines(base, lines, client.describe(base.our_object)))


def _require_fitting(base: FieldMap, lines: Lines) -> None:
    """A version saved for another release of the connector may fit no longer."""
    try:
        field_trials.merged(base, lines)
    except fields.BrokenMap:
        raise Problem(409, "This version no longer fits the connector: save it again.") from None


def _refuse(wrong: list[tuple[str, str]]) -> None:
    if wrong:
        errors = [(f"lines.{ours if is_our_name(ours) else '?'}", sentence) for ours, sentence in wrong]
        raise Problem(422, "There are lines that cannot be used.", errors)


def _decision(why: str) -> Decision:
    at = datetime.fromtimestamp(router.hub.clock.now(), UTC).isoformat(timespec="milliseconds")
    return Decision(secrets.token_hex(16), caller_of(router.exchange.jwt), at.replace("+00:00", "Z"), why)
