"""Our fields -> customers, in WooCommerce's batch form, which says for each of them what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.woocommerce.api import MOST, Api, Refusal, refusal
from connectors.woocommerce.records import ALL, LISTS, REFERENCE, carries, record_id, version_of
from hub.domain.sync import Change, NewRecord, Outcome
from hub.fields import FieldMap

CUSTOMERS = LISTS["contact"]
NO_EMAIL = "WooCommerce has no accounts without an e-mail address"
TAKEN = "another account of the shop has this e-mail address"
THERE = "the shop has an account with this e-mail address already: it is linked when it is read"
STAFF = "the account manages the shop, so its e-mail address is only changed in WordPress"
NOT_TAKEN = "the shop does not take the value"
CHOSEN = "the shop wants a name or password for each new account: let WooCommerce generate both (Settings, Accounts)"
# The refusal's code -> why, and the field of ours that it is about ("" where it names its own).
_CODES: Mapping[str, tuple[str, str]] = {
    "woocommerce_rest_customer_invalid_email": (TAKEN, "email"),
    "registration-error-email-exists": (TAKEN, "email"),
    "registration-error-invalid-email": (NOT_TAKEN, "email"),
    "woocommerce_rest_cannot_edit": (STAFF, "email"),
    "rest_missing_callback_param": (CHOSEN, ""),
}
_GONE = frozenset({"woocommerce_rest_invalid_id", "rest_user_invalid_id", "user_invalid_id"})


def write(api: Api, known: FieldMap, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome per change; the rows are read first, for nothing else says whether a version still holds."""
    shown = api.shown(CUSTOMERS, [change.id for change in changes], ALL["contact"])
    held = {record_id(row, "id"): row for row in shown}
    settled = {change.id: found for change in changes if (found := _settled(known, change, held.get(change.id)))}
    sent = [{"id": int(change.id), **theirs(known, change.fields)} for change in changes if change.id not in settled]
    for start in range(0, len(sent), MOST):
        settled |= dict(_sent(api, known, sent[start : start + MOST]))
    return [settled.get(change.id) or Outcome(state="gone", id=change.id) for change in changes]


def create(api: Api, known: FieldMap, new: NewRecord) -> Outcome:
    """Class B: looked for by e-mail address, which no two accounts share, and told by our reference."""
    email = new.fields.get("email")
    if not email:
        return Outcome(state="refused", reason=NO_EMAIL, fields=("email",))
    there = api.rows(CUSTOMERS, {**ALL["contact"], "email": email}).rows
    if there:
        return _changed(api, known, there[0], new)
    given = {name: value for name, value in new.fields.items() if value}
    try:
        row = api.add(CUSTOMERS, _marked(theirs(known, given), new.reference))
    except Refusal as error:
        return outcome_of(error, known, "")
    return Outcome(state="written", id=record_id(row, "id") or "", version=version_of(row))


def _marked(native: Mapping[str, Any], our_reference: str) -> dict[str, Any]:
    mark = {"key": REFERENCE, "value": our_reference}
    return {**native, "meta_data": [*native.get("meta_data", ()), mark]}


def theirs(known: FieldMap, fields: Mapping[str, str | None]) -> dict[str, Any]:
    """WooCommerce's fields, those of the billing address in their object, own ones in meta_data."""
    native: dict[str, Any] = {}
    for name, value in known.theirs(fields).items():
        group, _, key = name.partition(".")
        if group == "meta":
            native.setdefault("meta_data", []).append({"key": key, "value": value})
        elif key:
            native.setdefault(group, {})[key] = value
        else:
            native[name] = value
    return native


def outcome_of(error: Refusal, known: FieldMap, found: str) -> Outcome:
    """What a refusal of one customer means; raised again where it is not about the customer."""
    if error.status == 404 or error.code in _GONE:
        return Outcome(state="gone", id=found)
    if error.code not in _CODES and error.status != 400:
        raise error
    reason, field = _CODES.get(error.code, (NOT_TAKEN, ""))
    return Outcome(state="refused", id=found, reason=reason, fields=(field,) if field else _ours(known, error.names))


def _ours(known: FieldMap, names: frozenset[str]) -> tuple[str, ...]:
    dotted = {name.replace("[", ".").replace("]", "") for name in names}
    return tuple(our for our, their in known.to_theirs.items() if their in dotted or their.partition(".")[0] in dotted)


def _settled(known: FieldMap, change: Change, row: Mapping[str, Any] | None) -> Outcome | None:
    """The outcome where nothing is to be sent."""
    if row is None:
        return Outcome(state="gone", id=change.id)
    version = version_of(row)
    if change.version and change.version != version:
        return Outcome(state="stale", id=change.id, version=version)
    if "email" in change.fields and not change.fields["email"]:
        return Outcome(state="refused", id=change.id, reason=NO_EMAIL, fields=("email",))
    return None if theirs(known, change.fields) else Outcome(state="written", id=change.id, version=version)


def _sent(api: Api, known: FieldMap, changes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Outcome]]:
    for row in api.update(CUSTOMERS, changes):
        found = str(row.get("id"))
        if "error" in row:
            yield found, outcome_of(refusal(400, row["error"]), known, found)
        else:
            yield found, Outcome(state="written", id=found, version=version_of(row))


def _changed(api: Api, known: FieldMap, row: Mapping[str, Any], new: NewRecord) -> Outcome:
    found = record_id(row, "id") or ""
    if not carries(row, new.reference):
        return Outcome(state="refused", id=found, reason=THERE, fields=("email",))
    given = {name: value for name, value in new.fields.items() if value and name != "email"}
    return write(api, known, [Change(id=found, fields=given)])[0]
