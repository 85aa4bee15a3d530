"""Writing one record: read it, compare its time, send the difference; a refusal says which of our fields it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.pipedrive.api import Api, Refusal
from connectors.pipedrive.records import PATHS, body, new_name, version
from hub.domain.sync import Change, NewRecord, Outcome, Owner
from hub.fields import FieldMap
from hub.parsing import dict_at, id_at

GONE = frozenset({404, 410})
OWNED = frozenset({"owner"})
Owners = Callable[[], Sequence[Owner]]


def write(api: Api, kind: str, known: FieldMap, change: Change, owners: Owners) -> Outcome:
    """The difference on one record. `update_time` has whole seconds: a change within the same one is not noticed."""
    if not is_id(change.id):
        return Outcome(state="gone", id=change.id)
    try:
        row = dict_at(api.get(f"{PATHS[kind]}/{change.id}"), "data")
        if row.get("is_deleted") is True:
            return Outcome(state="gone", id=change.id)
        if change.version is not None and version(row) != change.version:
            return Outcome(state="stale", id=change.id, version=version(row))
        return _send(api, kind, change, body(known, change.fields, row, _needed(change.fields, owners)))
    except Refusal as refusal:
        return refused(known, refusal, change.id, change.fields)


def is_id(text: str) -> bool:
    """Whether it can be a record's id: what is none is nobody's."""
    return text.isascii() and text.isdigit()


def create(api: Api, kind: str, known: FieldMap, record: NewRecord, code: str, owners: Owners) -> Outcome:
    """A new record with our reference in the custom field `code`; the caller has searched for it."""
    given = {our: value for our, value in record.fields.items() if value is not None}
    wanted = body(known, given, {}, _needed(given, owners))
    named = {"name": new_name(known, given), **wanted}
    custom = {**dict_at(wanted, "custom_fields"), code: record.reference}
    try:
        made = dict_at(api.add(PATHS[kind], named | {"custom_fields": custom}), "data")
    except Refusal as refusal:
        return refused(known, refusal, "", given)
    return Outcome(state="written", id=id_at(made, "id") or "", version=version(made))


def refused(known: FieldMap, refusal: Refusal, record_id: str, fields: Mapping[str, str | None]) -> Outcome:
    """What a refusal means for one record; raised on where it concerns the account and not the record."""
    if refusal.status in GONE:
        return Outcome(state="gone", id=record_id)
    if refusal.status not in (400, 422):
        raise refusal
    theirs = known.to_theirs
    named = [our for our in fields if theirs.get(our, "").partition(".")[0] in refusal.names]
    return Outcome(state="refused", id=record_id, fields=tuple(named or fields), reason=refusal.reason)


def _send(api: Api, kind: str, change: Change, wanted: Mapping[str, Any]) -> Outcome:
    if not wanted:
        return Outcome(state="written", id=change.id, version=change.version)
    made = dict_at(api.change(f"{PATHS[kind]}/{change.id}", wanted), "data")
    return Outcome(state="written", id=change.id, version=version(made))


def _needed(fields: Mapping[str, str | None], owners: Owners) -> Sequence[Owner]:
    return owners() if OWNED & fields.keys() else []
