"""What Salesforce's error words for a record mean: what became of it, and a sentence for people.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
(StatusCode, read November 2026). The error's own message is never used, because it repeats values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from hub.domain.sync import Outcome
from hub.fields import FieldMap
from hub.parsing import id_at, list_at, text_at, texts

LOCKED = "UNABLE_TO_LOCK_ROW"
_CODE = re.compile(r"[A-Z_]{1,60}")
_STATES: Mapping[str, Literal["stale", "gone", "several"]] = {
    LOCKED: "stale",
    "ENTITY_IS_DELETED": "gone",
    "NOT_FOUND": "gone",
    "INVALID_CROSS_REFERENCE_KEY": "gone",
    "DUPLICATE_EXTERNAL_ID": "several",
}
_SENTENCES: Mapping[str, str] = {
    LOCKED: "somebody else is changing the record at this moment",
    "DUPLICATE_EXTERNAL_ID": "several records have our reference: make the external id field unique, remove copies",
    "DUPLICATES_DETECTED": "a duplicate rule of the organization takes it for a record that is there already: "
    "merge the two, or let the integration user save duplicates",
    "DUPLICATE_VALUE": "another record has this value in a field that must be unique",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "a validation rule of the organization refuses it",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "a trigger or flow of the organization refuses it",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "a flow of the organization failed on it",
    "REQUIRED_FIELD_MISSING": "a field that must not be empty would be",
    "STRING_TOO_LONG": "the value is longer than the field",
    "NUMBER_OUTSIDE_VALID_RANGE": "the number is larger than the field takes",
    "INVALID_EMAIL_ADDRESS": "it is no e-mail address to Salesforce",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "the list of values of this field does not hold it",
    "FIELD_INTEGRITY_EXCEPTION": "the value does not fit the field, or another field beside it",
    "INVALID_CROSS_REFERENCE_KEY": "the record that the field names is not there",
    "INVALID_FIELD": "the field map names a field that is not there, or that the integration user cannot see",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "the field cannot be changed, or not by the integration user",
    "JSON_PARSER_ERROR": "a value is of another type than its field",
    "INSUFFICIENT_ACCESS_OR_READONLY": "the integration user is not allowed to change the record",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "the integration user is not allowed to use what the field names",
    "CANNOT_UPDATE_CONVERTED_LEAD": "the lead was converted and cannot be changed any more",
    "ENTITY_IS_LOCKED": "the record waits for an approval and is locked",
}


def outcome(result: Mapping[str, Any], record_id: str, field_map: FieldMap) -> Outcome:
    """What became of one record of a collection."""
    if result.get("success") is True:
        return Outcome(state="written", id=id_at(dict(result), "id") or record_id)
    error = next(iter(list_at(dict(result), "errors")), None)
    return refused(text_at(error, "statusCode") or "", texts(list_at(error, "fields")), record_id, field_map)


def refused(code: str, native: tuple[str, ...], record_id: str, field_map: FieldMap) -> Outcome:
    """The outcome of an error word; a reference that a field names is not the record itself."""
    named = our_names(native, field_map)
    state = _STATES.get(code, "refused")
    if code == "INVALID_CROSS_REFERENCE_KEY" and set(native) - {"Id"}:
        state = "refused"
    return Outcome(state=state, id=record_id, reason=_sentence(code, state), fields=named if state == "refused" else ())


def our_names(native: tuple[str, ...], field_map: FieldMap) -> tuple[str, ...]:
    """Our names of Salesforce's fields, as far as the map knows them."""
    ours = {their: our for our, their in field_map.to_theirs.items()}
    return tuple(dict.fromkeys(ours[name] for name in native if name in ours))


def _sentence(code: str, state: str) -> str:
    shown = code if _CODE.fullmatch(code) else "an unknown error"
    known = None if state == "gone" else _SENTENCES.get(code)
    return f"Salesforce: {known} ({shown})" if known else f"Salesforce answered {shown}"
