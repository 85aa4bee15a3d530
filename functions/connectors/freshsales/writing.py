"""Our fields -> contacts and accounts: one request per record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.freshsales.api import Api, Refusal
from connectors.freshsales.records import KEYS, NATIVE, PATHS, Reader
from connectors.freshsales.template import record_id
from connectors.freshsales.webhook import map_of
from hub.domain.sync import Change, NewRecord, Outcome
from hub.parsing import dict_at, text_at

REFERENCE = "renkei-"
GROUP = "custom_field"
KEPT = {
    "contact": {"email": "Freshsales takes an e-mail address away only on the contact's page: delete it there"},
    "company": {"name": "Freshsales insists on an account's name"},
}
TAKEN = "another record in Freshsales already has this value: merge the two there, or change one"
NOT_TAKEN = "Freshsales does not take the value: look at what the field allows in the admin settings"
NAMELESS = "Freshsales finds accounts by their name: without one none can be created"


def write(api: Api, reader: Reader, kind: str, change: Change) -> Outcome:
    """The record is read first, for nothing else says whether the version still holds."""
    kept = tuple(name for name, value in change.fields.items() if value is None and name in KEPT[kind])
    if kept:
        return Outcome(state="refused", id=change.id, fields=kept, reason=KEPT[kind][kept[0]])
    path, key = f"/{PATHS[kind]}/{change.id}", KEYS[kind]
    try:
        held = dict_at(api.get(path), key)
        if held.get("is_deleted") is True:
            return Outcome(state="gone", id=change.id)
        if change.version is not None and change.version != text_at(held, "updated_at"):
            return Outcome(state="stale", id=change.id, version=text_at(held, "updated_at"))
        native = theirs(reader, kind, change.fields)
        row = dict_at(api.put(path, {key: native}), key) if native else held
    except Refusal as error:
        return outcome_of(error, change.id)
    return Outcome(state="written", id=change.id, version=text_at(row, "updated_at"))


def create(api: Api, reader: Reader, kind: str, record: NewRecord) -> Outcome:
    """Upserts a contact by our id, an account by its name."""
    given = {name: value for name, value in record.fields.items() if value is not None}
    native = theirs(reader, kind, given)
    unique = _unique(reader, kind, record.reference, native)
    if unique is None:
        return Outcome(state="refused", fields=("name",), reason=NAMELESS)
    key = KEYS[kind]
    try:
        answer = api.upsert(f"/{PATHS[kind]}/upsert", {"unique_identifier": unique, key: {**native, **unique}})
    except Refusal as error:
        return outcome_of(error, "")
    row = dict_at(answer, key)
    return Outcome(state="written", id=record_id(row) or "", version=text_at(row, "updated_at"))


def _unique(reader: Reader, kind: str, reference: str, native: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the upsert goes by; the setting `unique_identifier` names another field for contacts."""
    if kind == "company":
        return {"name": native["name"]} if native.get("name") else None
    return {str(reader.connection.settings.get("unique_identifier") or "external_id"): REFERENCE + reference}


def theirs(reader: Reader, kind: str, fields: Mapping[str, str | None]) -> dict[str, Any]:
    """Freshsales' fields, own ones in their object; an e-mail address under the name that the setting gives."""
    native: dict[str, Any] = {}
    for name, value in _theirs(reader, kind, fields).items():
        group, _, key = name.partition(".")
        if key and group == GROUP:
            native.setdefault(GROUP, {})[key] = value
        elif name == "email":
            native[str(reader.connection.settings.get("email_field") or "emails")] = value
        else:
            native[name] = value
    return native


def _theirs(reader: Reader, kind: str, fields: Mapping[str, str | None]) -> dict[str, Any]:
    return map_of(NATIVE[kind], reader.connection).theirs(fields, owners=reader.owners)


def outcome_of(error: Refusal, found: str) -> Outcome:
    """What a refusal of one record means; raised again where it is not about the record."""
    if error.status == 404:
        return Outcome(state="gone", id=found)
    if error.status not in (400, 422):
        raise error
    return Outcome(state="refused", id=found, fields=error.fields, reason=TAKEN if error.taken else NOT_TAKEN)
