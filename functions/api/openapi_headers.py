"""Which operations take or give which headers, and how the document says so."""

from __future__ import annotations

from typing import Any

from api import idempotency
from api.problems import CONTENT_TYPE

Operation = dict[str, Any]
_THEM = "/v1/customers/<customer_id>"

# Reads whose answer has an ETag: If-None-Match is answered with 304.
TAGGED = frozenset(
    {
        _THEM,
        f"{_THEM}/identifiers",
        f"{_THEM}/decisions",
        f"{_THEM}/merge/preview",
        f"{_THEM}/unmerge/preview",
        f"{_THEM}/not-the-same/preview",
        f"{_THEM}/fields",
        f"{_THEM}/fields/<field>",
        "/v1/conversations/<conversation_id>",
    }
)
# Writes that If-Match makes conditional -> whose ETag it takes.
_OF_CUSTOMER = "The ETag of the customer as read"
_OF_PREVIEW = f"{_OF_CUSTOMER}, or of the preview"
CONDITIONAL = {
    "/v1/identifiers/<persona>/shared": f"{_OF_CUSTOMER} by the persona's id",
    f"{_THEM}/merge": _OF_PREVIEW,
    f"{_THEM}/unmerge": _OF_PREVIEW,
    f"{_THEM}/not-the-same": _OF_PREVIEW,
    f"{_THEM}/not-the-same/forget": _OF_CUSTOMER,
    f"{_THEM}/suggestions/<other_id>/accept": _OF_PREVIEW,
    f"{_THEM}/suggestions/<other_id>/not-the-same": _OF_PREVIEW,
    f"{_THEM}/fields/<field>/revert": "The ETag of the field as read",
    "/v1/conversations/<conversation_id>": "The ETag of the conversation as read",
}
_ETAG = {"description": "A strong ETag of what is shown.", "schema": {"type": "string"}}
_KEY = (
    "Makes the request safe to repeat: within 24 hours the same key with the same request gets the first answer again, "
    "with another one 422, and while the first one runs 409. Best a random UUID."
)


def describe(operation: Operation, method: str, path: str) -> dict[str, str]:
    """Adds the headers and the 304; returns the errors that come with them, by status."""
    errors: dict[str, str] = {}
    if method == "GET" and path in TAGGED:
        _add(operation, "If-None-Match", "The ETag of what is known already: 304 where nothing has changed.")
        operation["responses"]["304"] = {"description": "Nothing has changed", "headers": {"ETag": _ETAG}}
        operation["responses"]["200"].setdefault("headers", {})["ETag"] = _ETAG
    if method != "GET" and path in CONDITIONAL:
        _add(operation, "If-Match", f"{CONDITIONAL[path]}: 412 where somebody changed it since.")
        operation["responses"]["200"].setdefault("headers", {})["ETag"] = _ETAG
        errors |= {
            "412": "Somebody changed it since it was read",
            "409": "This cannot be decided so; `detail` says why",
        }
    if idempotency.applies(method, path):
        _add(operation, "Idempotency-Key", _KEY, minLength=1, maxLength=255)
        _add_replayed(operation)
        errors.setdefault("409", "The first request with this Idempotency-Key is still running")
    return errors


def _add(operation: Operation, name: str, text: str, **limits: int) -> None:
    header = {"name": name, "in": "header", "required": False, "description": text}
    operation.setdefault("parameters", []).append({**header, "schema": {"type": "string", **limits}})


def _add_replayed(operation: Operation) -> None:
    replayed = {"description": "true where the first answer came again.", "schema": {"type": "string"}}
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {})[idempotency.REPLAYED] = replayed


def problem(description: str) -> dict[str, Any]:
    """An error's response."""
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": description, "content": {CONTENT_TYPE: shape}}
