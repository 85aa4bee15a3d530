"""Our fields -> contacts and companies: one request per record, for Intercom has no batch form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.intercom.api import GONE, Api, Refusal
from connectors.intercom.notification import record_id
from connectors.intercom.records import version_of
from hub.domain.sync import Change, NewRecord, Outcome, Owner
from hub.fields import FieldMap

LISTS = {"contact": "contacts", "company": "companies"}
# Before our reference in external_id and company_id: workspaces keep their own ids there.
REFERENCE = "renkei-"
GROUP = "custom_attributes"
KEPT: Mapping[str, Mapping[str, str]] = {
    "contact": {"email": "Intercom takes an e-mail address away only in its inbox: delete it there"},
    "company": {
        "name": "Intercom insists on a company's name",
        "employees": "Intercom cannot empty a company's size",
    },
}
TAKEN = "another contact in Intercom already has this e-mail address: merge the two there, or change one"
NOT_TAKEN = "Intercom does not take the value: look at what the attribute allows under Settings, Data"
CONFLICT = frozenset({"conflict", "email_already_taken", "unique_user_constraint"})
UNFIT = frozenset({400, 409, 422})


def write(api: Api, known: FieldMap, kind: str, change: Change, owners: tuple[Owner, ...]) -> Outcome:
    """The record is read first, for nothing else says whether the version still holds."""
    kept = tuple(name for name, value in change.fields.items() if value is None and name in KEPT[kind])
    if kept:
        return Outcome(state="refused", id=change.id, fields=kept, reason=KEPT[kind][kept[0]])
    try:
        held = api.get(LISTS[kind], change.id)
        if change.version is not None and change.version != version_of(held):
            return Outcome(state="stale", id=change.id, version=version_of(held))
        native = theirs(known, change.fields, owners)
        row = api.put(native, LISTS[kind], change.id) if native else held
    except Refusal as error:
        return outcome_of(error, known, change.id)
    return Outcome(state="written", id=change.id, version=version_of(row))


def create(api: Api, known: FieldMap, kind: str, record: NewRecord, owners: tuple[Owner, ...]) -> Outcome:
    """Creates a user or company under our id, or changes the one that has it."""
    given = {name: value for name, value in record.fields.items() if value is not None}
    native, key = theirs(known, given, owners), REFERENCE + record.reference
    try:
        row = _company(api, key, native) if kind == "company" else _contact(api, key, native)
    except Refusal as error:
        return outcome_of(error, known, "")
    return Outcome(state="written", id=record_id(row, "id") or "", version=version_of(row))


def _company(api: Api, key: str, native: Mapping[str, Any]) -> dict[str, Any]:
    return api.keyed({**native, "company_id": key}, "companies")


def _contact(api: Api, key: str, native: Mapping[str, Any]) -> dict[str, Any]:
    try:
        held = api.find("contacts", "find_by_external_id", key)
    except Refusal as error:
        if not error.merged_into:
            raise
        held = {"id": error.merged_into}
    if held is None:
        return api.add({"role": "user", **native, "external_id": key}, "contacts")
    found = record_id(held, "id") or ""
    return api.put(native, "contacts", found) if native else held


def theirs(known: FieldMap, fields: Mapping[str, str | None], owners: tuple[Owner, ...]) -> dict[str, Any]:
    """Intercom's fields, custom attributes in their object."""
    native: dict[str, Any] = {}
    for name, value in known.theirs(fields, owners=owners).items():
        group, _, key = name.partition(".")
        if key and group == GROUP:
            native.setdefault(GROUP, {})[key] = value
        else:
            native[name] = value
    return native


def outcome_of(error: Refusal, known: FieldMap, found: str) -> Outcome:
    """What a refusal of one record means; raised again where it is not about the record."""
    if error.status in GONE:
        return Outcome(state="gone", id=found)
    if error.status not in UNFIT:
        raise error
    ours = {their: our for our, their in known.to_theirs.items()}
    named = tuple(ours[name] for name in error.names if name in ours)
    if error.status == 409 or error.code in CONFLICT:
        return Outcome(state="refused", id=found, fields=named or ("email",), reason=TAKEN)
    return Outcome(state="refused", id=found, fields=named, reason=NOT_TAKEN)
