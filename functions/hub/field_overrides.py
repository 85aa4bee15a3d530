"""A connection's own lines over its connector's field map, in force as a setting of the connection.

`field_maps` is `{native object: {version, lines}}`, put there by hub.field_versions; `lines` are as in `fields.toml`,
null where a line of the connector is dropped. So whoever has the connection has its map, pure code too, and no table is
read for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.delivery import Connection
from hub.field_rules import BrokenMap, BrokenRule, Rule, rule_of
from hub.fields import FieldMap

SETTING = "field_maps"
MOST_LINES = 200
_MOST_COMPILED = 500

Lines = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    base: FieldMap
    lines: Lines
    made: FieldMap


_COMPILED: dict[tuple[str, str], _Compiled] = {}


def effective(connection: Connection, base: FieldMap) -> FieldMap:
    """The connector's map with the connection's own lines; itself where there are none, or they no longer fit it."""
    said = in_force(connection, base.native_object)
    if said is None:
        return base
    place = connection.id, base.native_object
    known = _COMPILED.get(place)
    if known is None or known.base is not base or known.lines != said[1]:
        if len(_COMPILED) >= _MOST_COMPILED:
            _COMPILED.clear()
        known = _COMPILED[place] = _Compiled(base, said[1], _or_base(base, said[1]))
    return known.made


def maps_of(connection: Connection, base: Mapping[str, FieldMap]) -> Mapping[str, FieldMap]:
    """The maps of a connector by native object, each as `effective`."""
    return {native: effective(connection, one) for native, one in base.items()}


def in_force(connection: Connection, native: str) -> tuple[int, Lines] | None:
    """The version in force and its lines; None where the connector's map stands alone."""
    said = connection.settings.get(SETTING)
    found = said.get(native) if isinstance(said, Mapping) else None
    return (int(found["version"]), found["lines"]) if found else None


def with_lines(connection: Connection, native: str, number: int, lines: Lines | None) -> Connection:
    """The connection with these lines in force for the object; with None, the connector's map alone."""
    maps = {name: one for name, one in (connection.settings.get(SETTING) or {}).items() if name != native}
    if lines is not None:
        maps[native] = {"version": number, "lines": dict(lines)}
    kept = {name: value for name, value in connection.settings.items() if name != SETTING}
    return replace(connection, settings={**kept, **({SETTING: maps} if maps else {})})


def merged(base: FieldMap, lines: Lines) -> FieldMap:
    """The map with these lines, which take their fields over from lines of the connector's; BrokenMap as `load`."""
    own = {ours: _rule(base, ours, line) for ours, line in lines.items() if line is not None}
    taken = {rule.theirs for rule in own.values() if rule.writes}
    kept = {
        ours: rule
        for ours, rule in base.rules.items()
        if ours not in lines and not (rule.writes and rule.theirs in taken)
    }
    return replace(base, rules=kept).with_rules(own)


def _rule(base: FieldMap, ours: str, line: object) -> Rule:
    try:
        return rule_of(ours, line)
    except BrokenRule as error:
        raise BrokenMap(f"{base.native_object}: {ours} {error}.") from error


def _or_base(base: FieldMap, lines: Lines) -> FieldMap:
    """A line that was good when it was saved may not be after the connector has changed."""
    try:
        return merged(base, lines)
    except BrokenMap:
        return base
