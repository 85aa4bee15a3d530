"""Our fields -> users and organizations: one request per record, so that each has an outcome of its own.

Zendesk's batch form (`update_many`) answers with a job to be asked about later, and never changes an e-mail address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.zendesk.api import Api, Refusal
from connectors.zendesk.identities import make_primary
from connectors.zendesk.news import record_id
from connectors.zendesk.records import CUSTOM, LISTS, NAMELESS, NATIVE, is_gone
from hub.domain.sync import Change, NewRecord, Outcome
from hub.fields import FieldMap
from hub.parsing import dict_at, list_at, text_at

REFERENCE = "renkei-"  # before our reference in external_id: accounts keep ids of other systems there, too
KEPT = {
    "name": "Zendesk insists on a name: it cannot be taken away there",
    "email": "Zendesk takes an e-mail address away only in the user's profile: delete it there",
}
TAKEN = "another record in Zendesk already has this value: merge the two there, or change one"
NOT_TAKEN = "Zendesk does not take the value: look at what the field allows in the Admin Center"
OTHERS = "a user with this e-mail address already carries the external id of another system: link the two by hand"


def write(api: Api, known: FieldMap, kind: str, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome per change; the records are read first, for nothing else says whether a version still holds."""
    held = {record_id(row, "id"): row for row in api.shown(LISTS[kind], [one.id for one in changes])}
    return [_write(api, known, kind, change, held.get(change.id)) for change in changes]


def _write(api: Api, known: FieldMap, kind: str, change: Change, held: Mapping[str, Any] | None) -> Outcome:
    if held is None or is_gone(kind, held):
        return Outcome(state="gone", id=change.id)
    if change.version is not None and change.version != held.get("updated_at"):
        return Outcome(state="stale", id=change.id, version=text_at(held, "updated_at"))
    refused = _refused(change.fields, change.id)
    try:
        return refused or _put(api, known, kind, change, held)
    except Refusal as error:
        return outcome_of(error, known, change.id)


def _put(api: Api, known: FieldMap, kind: str, change: Change, held: Mapping[str, Any]) -> Outcome:
    native = theirs(known, kind, change.fields)
    if kind == "ticket" and native:
        # Of all records only tickets have a lock: 409 where somebody was faster.
        native |= {"safe_update": True, "updated_stamp": held.get("updated_at")}
    email = str(native.pop("email", "") or "")
    if email and email.casefold() != (text_at(held, "email") or "").casefold():
        make_primary(api, change.id, email)
    if not native:
        return Outcome(state="written", id=change.id)
    answer = api.put(f"/{LISTS[kind]}/{change.id}", {NATIVE[kind]: native})
    return Outcome(state="written", id=change.id, version=text_at(answer, NATIVE[kind], "updated_at"))


def create(api: Api, known: FieldMap, kind: str, record: NewRecord) -> Outcome:
    """Creates the user or organization, or changes the one with our external id."""
    external_id = REFERENCE + record.reference
    given = {name: value for name, value in record.fields.items() if value is not None}
    native = theirs(known, kind, given)
    if kind == "contact":
        if _is_another_systems(api, native.get("email"), external_id):
            return Outcome(state="refused", reason=OTHERS, fields=("email",))
        native = {"name": nameless(native), "skip_verify_email": True, **native}
    try:
        answer = api.keyed(f"/{LISTS[kind]}/create_or_update", {NATIVE[kind]: {**native, "external_id": external_id}})
    except Refusal as error:
        return outcome_of(error, known, "")
    row = dict_at(answer, NATIVE[kind])
    return Outcome(state="written", id=record_id(row, "id") or "", version=text_at(row, "updated_at"))


def nameless(native: Mapping[str, Any]) -> str:
    """What stands in for the name that Zendesk insists on; read back, it is no name."""
    return str(native.get("email") or native.get("phone") or NAMELESS)


def _is_another_systems(api: Api, email: Any, external_id: str) -> bool:
    """Whether create_or_update would find a user by e-mail and put our id in the place of somebody else's."""
    if not email:
        return False
    found = list_at(api.get("/users/search", ("query", f'email:"{email}"')), "users")
    held = (text_at(row, "external_id") for row in found if text_at(row, "email") == str(email).lower())
    return any(one not in (None, external_id) for one in held)


def theirs(known: FieldMap, kind: str, fields: Mapping[str, str | None]) -> dict[str, Any]:
    """Zendesk's fields, the account's own in their object."""
    native: dict[str, Any] = {}
    for name, value in known.theirs(fields).items():
        group, _, key = name.partition(".")
        if key and group == CUSTOM.get(kind):
            native.setdefault(group, {})[key] = value
        else:
            native[name] = [tag.replace(" ", "_") for tag in value] if name == "tags" else value
    return native


def _refused(fields: Mapping[str, str | None], found: str) -> Outcome | None:
    kept = tuple(name for name, value in fields.items() if value is None and name in KEPT)
    if not kept:
        return None
    return Outcome(state="refused", id=found, fields=kept, reason=KEPT[kept[0]])


def _property(name: str) -> str:
    """The property behind a name in a refusal: an address is refused as the `value` of its identity."""
    return {"value": "email", "organization": "organization_id"}.get(name, name)


def outcome_of(error: Refusal, known: FieldMap, found: str) -> Outcome:
    """What a refusal of one record means; raised again where it is not about the record."""
    states = {404: "gone", 409: "stale"}
    if error.status in states:
        return Outcome.model_validate({"state": states[error.status], "id": found})
    if error.status != 422:
        raise error
    ours = {their: our for our, their in known.to_theirs.items()}
    named = tuple(ours[name] for name in map(_property, error.names) if name in ours)
    return Outcome(state="refused", id=found, fields=named, reason=TAKEN if error.taken else NOT_TAKEN)
