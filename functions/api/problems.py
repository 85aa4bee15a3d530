"""Every error as application/problem+json (RFC 9457): `type`, `title`, `status`, `detail`, `instance`.

A detail is one sentence for a person; it never repeats what was sent, so no secret can come back in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel

from hub.errors import Conflict, Reject, Retry

CONTENT_TYPE = "application/problem+json"
# RFC 9110's names; Python's own differ between versions.
TITLES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,31}")
_HIDDEN = frozenset({"secrets", "named", "settings"})  # what follows these in a location was typed by the caller


class FieldError(BaseModel):
    """One field that cannot be used: where it is, and why."""

    field: str
    message: str


class ProblemBody(BaseModel):
    """The shape of every error."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None


class Problem(Exception):
    """Ends the request with this status and sentence; `errors` are (field, message) pairs."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors, dict(headers or {})

    def body(self, instance: str) -> dict[str, Any]:
        """The problem as JSON."""
        title = TITLES[self.status]
        fields = [{"field": field, "message": message} for field, message in self.errors]
        return {
            "type": f"urn:renkei:problem:{title.lower().replace(' ', '-')}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **({"errors": fields} if fields else {}),
        }


def not_found(what: str) -> Problem:
    """404 for a resource, e.g. "customer"."""
    return Problem(404, f"There is no such {what}.")


def unusable(field: str, message: str) -> Problem:
    """422 for one field."""
    return Problem(422, message, [(field, message)])


def from_validation(error: RequestValidationError) -> Problem:
    """What Powertools found wrong with the request, field by field."""
    return Problem(422, "The request has fields that cannot be used.", [_field_error(one) for one in error.errors()])


def _field_error(found: Mapping[str, Any]) -> tuple[str, str]:
    """Where it is, up to the first part that the caller may have made up."""
    parts = [str(part) for part in found["loc"]]
    cut = next((number + 1 for number, part in enumerate(parts) if part in _HIDDEN), len(parts))
    shown = [part if number == 0 or _FIELD_NAME.fullmatch(part) else "?" for number, part in enumerate(parts[:cut])]
    return ".".join(shown), str(found["msg"])


def from_retry(error: Retry) -> Problem:
    """503 with the wait, where there is one."""
    headers = {"Retry-After": str(error.after_s)} if error.after_s else {}
    return Problem(503, f"This cannot be done just now: {error.reason.rstrip('.')}.", headers=headers)


def from_reject(error: Reject) -> Problem:
    """502: the platform refuses, and will again."""
    return Problem(502, f"The platform refuses this: {error.reason.rstrip('.')}.")


def from_conflict(_error: Conflict) -> Problem:
    """409."""
    return Problem(409, "Somebody else changed this meanwhile; read it again.")


def from_fault(error: Exception) -> Problem:
    """500 for a defect of ours; the class is named, what it says may hold what was sent."""
    return Problem(500, f"The hub failed here ({type(error).__name__}).")


def response(problem: Problem, instance: str) -> Response[str]:
    """The answer that Powertools sends."""
    return Response(
        status_code=problem.status,
        content_type=CONTENT_TYPE,
        headers=dict(problem.headers),
        body=json.dumps(problem.body(instance)),
    )
