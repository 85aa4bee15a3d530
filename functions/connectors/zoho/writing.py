"""Writing records: differences in batches of 100, new ones by upsert on our unique field; one outcome for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.zoho.api import STALE, Api, Refusal, Result, advice, only
from connectors.zoho.listing import is_id, modified
from connectors.zoho.records import MODULES, body, field_map
from hub.codecs_words import Owners
from hub.delivery import Connection
from hub.domain.sync import Change, NewRecord, Outcome
from hub.fields import FieldMap

MOST_WRITTEN = 100
OwnersOf = Callable[[], Owners]
# Without these Zoho takes no record, or some accounts' layouts take none.
INSISTED = frozenset({"Last_Name", "Account_Name", "Company"})


def write(api: Api, kind: str, changes: Sequence[Change], connection: Connection, owners: OwnersOf) -> list[Outcome]:
    """One alone is guarded by If-Unmodified-Since; of several the times are read first, in one request."""
    if len(changes) == 1:
        return [_write_one(api, kind, changes[0], connection, owners)]
    outcomes: dict[int, Outcome] = {}
    for start in range(0, len(changes), MOST_WRITTEN):
        part = dict(list(enumerate(changes))[start : start + MOST_WRITTEN])
        fresh = {number: change for number, change in part.items() if number not in _stale(api, kind, part, outcomes)}
        outcomes |= _write_batch(api, kind, fresh, connection, owners)
    return [outcomes[number] for number in range(len(changes))]


def create(api: Api, kind: str, record: NewRecord, field: str, connection: Connection, owners: OwnersOf) -> Outcome:
    """Upsert on `field`, our unique one; where the account insists on a name that is not known, a placeholder stands in."""
    given = {our: value for our, value in record.fields.items() if value is not None}
    known = field_map(connection, kind)
    row = body(known, given, _needed(given, owners)) | {field: record.reference}
    request = {"duplicate_check_fields": [field], **triggers(connection)}
    while True:
        result = only(api.write("POST", f"/{MODULES[kind]}/upsert", {"data": [row], **request}))
        if result.code != "MANDATORY_NOT_FOUND" or result.name not in INSISTED - row.keys():
            return outcome(known, result, "", given)
        row = row | {result.name: known.placeholder}


def triggers(connection: Connection) -> dict[str, list[str]]:
    """What our writes set off in Zoho: the setting `triggers` ([] for nothing), all of it without."""
    wanted = connection.settings.get("triggers")
    return {} if wanted is None else {"trigger": [str(one) for one in wanted]}


def outcome(known: FieldMap, result: Result, record_id: str, fields: Mapping[str, str | None]) -> Outcome:
    """What a record's result means."""
    found = result.id or record_id
    if result.code == "SUCCESS":
        return Outcome(state="written", id=found, version=result.modified_at)
    if result.code == STALE:
        return Outcome(state="stale", id=record_id)
    if record_id and result.code == "INVALID_DATA" and result.name in ("", "id"):
        return Outcome(state="gone", id=record_id)
    named = [our for our in fields if known.to_theirs.get(our, "").partition(".")[0] == result.name]
    reason = f"Zoho answered {result.code}: {advice(result.code)}."
    return Outcome(state="refused", id=record_id, fields=tuple(named or fields), reason=reason)


def _write_one(api: Api, kind: str, change: Change, connection: Connection, owners: OwnersOf) -> Outcome:
    known = field_map(connection, kind)
    row = body(known, change.fields, _needed(change.fields, owners))
    if not is_id(change.id):
        return Outcome(state="gone", id=change.id)
    if not row:
        return Outcome(state="written", id=change.id, version=change.version)
    request = {"data": [row], **triggers(connection)}
    try:
        result = only(api.write("PUT", f"/{MODULES[kind]}/{change.id}", request, unless=change.version))
    except Refusal as refusal:
        if refusal.code != "INVALID_DATA" or refusal.status not in (400, 404):
            raise
        result = Result("INVALID_DATA", name=refusal.name)
    return outcome(known, result, change.id, change.fields)


def _stale(api: Api, kind: str, part: Mapping[int, Change], outcomes: dict[int, Outcome]) -> set[int]:
    """The changes that come too late, told in `outcomes`; nothing is read where none has a version."""
    if not any(change.version for change in part.values()):
        return set()
    now = modified(api, kind, [change.id for change in part.values()])
    for number, change in part.items():
        if change.id not in now:
            outcomes[number] = Outcome(state="gone", id=change.id)
        elif change.version and now[change.id] != change.version:
            outcomes[number] = Outcome(state="stale", id=change.id, version=now[change.id])
    return outcomes.keys() & part.keys()


def _write_batch(
    api: Api, kind: str, part: Mapping[int, Change], connection: Connection, owners: OwnersOf
) -> dict[int, Outcome]:
    known = field_map(connection, kind)
    rows = {number: body(known, change.fields, _needed(change.fields, owners)) for number, change in part.items()}
    nothing = {number: Outcome(state="written", id=part[number].id) for number, row in rows.items() if not row}
    sent = [{"id": part[number].id, **row} for number, row in rows.items() if row]
    if not sent:
        return nothing
    results = api.write("PUT", f"/{MODULES[kind]}", {"data": sent, **triggers(connection)})
    numbers = [number for number in rows if number not in nothing]
    told = zip(numbers, results, strict=True)
    return nothing | {number: outcome(known, one, part[number].id, part[number].fields) for number, one in told}


def _needed(fields: Mapping[str, Any], owners: OwnersOf) -> Owners:
    return owners() if "owner" in fields else {}
