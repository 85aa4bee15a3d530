"""Differences and new records -> Dataverse, one PATCH each, with If-Match on the row's version.

Not `$batch`: every operation in it counts against the limits as if it were sent alone, and a multipart answer must be
taken apart; not `UpdateMultiple`: it knows no versions and is all or nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.dynamics365.api import Api, Refusal
from connectors.dynamics365.context import guid
from connectors.dynamics365.records import map_of
from connectors.dynamics365.rows import SETS, TABLES
from hub.delivery import Connection
from hub.domain.sync import Change, NewRecord, Outcome
from hub.errors import Retry

PLAIN_REFERENCE = re.compile(r"[A-Za-z0-9._~-]{1,100}")
# Columns that are a reference: the lookup's own property for the table, and the set of that table.
BOUND: Mapping[str, str] = {"parentcustomerid_account": "accounts"}
SEVERAL = frozenset({"0x80060891"})
_SENTENCES: Mapping[str, str] = {
    "0x80044331": "a text is longer than its column",
    "0x80060891": "several rows have our reference: the alternate key is not active",
    "0x80060892": "another row has this value in a column that must be unique",
    "0x80040333": "a duplicate detection rule of the environment takes it for a record that is there already",
    "0x80040265": "a plug-in or workflow of the environment refuses it",
    "0x80040220": "the application user lacks a privilege for it",
    "0x80048d19": "the field map names a column that is not there, or a value is of another type than its column",
    "0x80040203": "a value does not fit its column",
}


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes to one environment; `key` is the column of the alternate key for our reference."""

    api: Api
    connection: Connection
    key: str

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in order."""
        return [self._one(TABLES[kind], change) for change in changes]

    def _one(self, table: str, change: Change) -> Outcome:
        body, record_id = bound(map_of(table, self.connection).theirs(change.fields)), guid(change.id)
        if record_id is None:
            return Outcome(state="gone", id=change.id)
        if not body:
            return Outcome(state="written", id=change.id, version=change.version)
        # Without a version the star still says: change it, never create it.
        headers = {"if-match": change.version or "*"}
        try:
            self.api.send("PATCH", f"{SETS[table]}({record_id})", body, headers)
        except Refusal as refusal:
            outcome = refused(refusal, change.id)
            return self._unbound(table, record_id, change) if outcome.state == "gone" else outcome
        return Outcome(state="written", id=change.id)

    def _unbound(self, table: str, record_id: str, change: Change) -> Outcome:
        """A 404 means the row, or one that a reference names: which of them, only asking for the row tells."""
        named = tuple(
            our
            for our, their in map_of(table, self.connection).to_theirs.items()
            if their in BOUND and our in change.fields
        )
        try:
            if named:
                self.api.get(f"{SETS[table]}({record_id})", {"$select": f"{table}id"})
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            named = ()
        reason = "Dynamics: the record that the field names is not there" if named else "Dynamics has no such row"
        return Outcome(state="refused" if named else "gone", id=change.id, reason=reason, fields=named)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """Creates, or changes the row that carries the reference in its alternate key."""
        table = TABLES[kind]
        given = {our: value for our, value in record.fields.items() if value is not None}
        path = f"{SETS[table]}({self.key}='{quote(reference(record.reference), safe='')}')?$select={table}id"
        try:
            answer = self.api.send(
                "PATCH", path, bound(map_of(table, self.connection).theirs(given)), {"prefer": "return=representation"}
            )
        except Refusal as refusal:
            return refused(refusal, "")
        record_id = guid(answer.json().get(f"{table}id")) if isinstance(answer.json(), dict) else None
        if record_id is None:
            raise Retry("Dynamics did not say which row it wrote")
        return Outcome(state="written", id=record_id)


def bound(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as the API takes them: a reference by the address of the row that it names."""
    plain = {name: value for name, value in fields.items() if name not in BOUND}
    named = {name: fields[name] for name in fields if name in BOUND}
    return plain | {
        f"{name}@odata.bind": None if value is None else f"/{BOUND[name]}({value})" for name, value in named.items()
    }


def reference(text: str) -> str:
    """Our reference as a key takes it: as it is, or as a digest where it holds what no address should."""
    return text if PLAIN_REFERENCE.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()


def refused(refusal: Refusal, record_id: str) -> Outcome:
    """What became of one row by the status and the code; Dataverse names no column in either."""
    code = refusal.code.lower()
    if refusal.status == 404:
        return Outcome(state="gone", id=record_id, reason=f"Dynamics answered {refusal.code}")
    if refusal.status == 412 and code not in _SENTENCES:
        return Outcome(state="stale", id=record_id, reason=f"Dynamics answered {refusal.code}")
    state = "several" if code in SEVERAL else "refused"
    known = _SENTENCES.get(code)
    reason = f"Dynamics: {known} ({refusal.code})" if known else f"Dynamics answered {refusal.status} {refusal.code}"
    return Outcome.model_validate({"state": state, "id": record_id, "reason": reason})
