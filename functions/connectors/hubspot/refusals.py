"""What HubSpot's refusals mean, in our words. Its messages are never passed on: they repeat the values.

https://developers.hubspot.com/docs/api-reference/latest/error-handling, limits:
https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (both read November 2026)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.domain.sync import Outcome
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, list_at, text_at, texts
from hub.ports import HttpResponse

DAILY_LIMIT_S = 3600
OPERATOR_S = 900
PASSING_S = 10
NOT_FOUND = "OBJECT_NOT_FOUND"
CONFLICT = "CONFLICT"
TAKEN = "CONFLICTING_UNIQUE_VALUE"
PASSING = frozenset({"INTERNAL_ERROR", "RATE_LIMITS", "SERVICE_UNAVAILABLE"})
NAME = re.compile(r"[A-Za-z0-9_.]{1,100}")
_LISTED = re.compile(r"Property values were not valid: (\[.{1,20000}\])", re.DOTALL)
ADVICE = {
    403: "the app lacks a scope: grant the scopes that the connector's page names",
    404: "there is no such record, or it was deleted",
    409: "another record already has that e-mail or unique value",
    415: "the request was not understood as JSON",
}
# HubSpot's word for what is wrong with a property -> what to do about it
FAULTS = {
    "INVALID_OPTION": "HubSpot's list of values for the field has no such entry: add it there, or map the word",
    "INVALID_EMAIL": "HubSpot takes it for no e-mail address: correct it",
    "INVALID_DATE": "HubSpot takes it for no date",
    "INVALID_INTEGER": "HubSpot wants a number in that field",
    "INVALID_LONG": "HubSpot wants a whole number in that field",
    "INVALID_STRING": "the text is too long for HubSpot's field",
    "READ_ONLY_VALUE": "HubSpot lets nobody write that field: map it inwards only",
    "PROPERTY_DOESNT_EXIST": "HubSpot has no such property: create it there, or take it out of the field map",
    TAKEN: "another record has that value, which HubSpot allows only once",
}
DUPLICATE = "another contact has that e-mail address: merge the two in HubSpot, or change one"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why HubSpot did not do something: its category, and its word for the fault of each property that it names."""

    status: int
    category: str
    faults: Mapping[str, str]

    @property
    def passing(self) -> bool:
        """Whether the same may succeed later."""
        return self.category in PASSING or self.status >= 500

    @property
    def unexplained(self) -> bool:
        """Whether HubSpot names neither a property nor a reason that concerns the record."""
        return not (self.passing or self.faults or self.category in (NOT_FOUND, CONFLICT))

    def outcome(self, ours: Mapping[str, str], record_id: str = "") -> Outcome:
        """The outcome for one record; `ours` gives our name of each property. Retry where it may pass."""
        if self.passing:
            raise Retry(f"HubSpot could not do a part of the batch: {self.category}", PASSING_S)
        if self.category == NOT_FOUND:
            return Outcome(state="gone", id=record_id, reason="HubSpot has no such record: it was deleted or merged")
        if self.category == CONFLICT:
            return Outcome(state="refused", id=record_id, reason=DUPLICATE, fields=("email",))
        named = tuple(sorted({ours.get(name, name) for name in self.faults}))
        return Outcome(state="refused", id=record_id, reason=self._reason(), fields=named)

    def _reason(self) -> str:
        known = sorted({FAULTS[code] for code in self.faults.values() if code in FAULTS})
        plain = f"HubSpot answered {self.status} {self.category}: {ADVICE.get(self.status, 'it refuses these values')}"
        return "; ".join(known) or plain


def problem(status: int, body: Any) -> Problem:
    """The problem that an error body, or an entry of a 207's errors, tells of."""
    word = at(body, "category")
    known = isinstance(word, str) and NAME.fullmatch(word)
    return Problem(status, str(word) if known else "unknown", _faults(body))


def rejected(answer: HttpResponse) -> Reject:
    """The failure that a refused request is, as a sentence."""
    told = problem(answer.status, readable(answer.body))
    advice = ADVICE.get(answer.status, "the request does not fit the account's properties")
    return Reject(f"HubSpot answered {told.status} {told.category}: {advice}")


def unauthorized() -> Retry:
    """401 that a new token did not cure."""
    reason = "HubSpot refuses the access token: create a new one and store it as access_token, or connect again"
    return Retry(reason, OPERATOR_S)


def put_off(busy: Busy) -> Retry:
    """When to come again, by the limit that HubSpot names."""
    policy = text_at(readable(busy.body), "policyName") if busy.status == 429 else None
    if policy == "DAILY":
        reason = "HubSpot's daily limit is used up: raise the limit, or wait until midnight of the account's time zone"
        return Retry(reason, max(busy.after_s, DAILY_LIMIT_S))
    reasons = {
        423: "HubSpot has locked the record for a moment",
        429: "HubSpot's limit of requests in ten seconds, or of searches in one, is reached",
        477: "HubSpot is moving the account to another data centre",
    }
    return Retry(reasons.get(busy.status, busy.reason), busy.after_s)


def readable(body: bytes) -> Any:
    """A body as JSON, None where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _faults(body: Any) -> dict[str, str]:
    """Property -> HubSpot's word. Told in `errors`, of single records also as JSON at the end of the message."""
    told: list[tuple[Any, Any]] = [
        (name, text_at(one, "code")) for one in list_at(body, "errors") for name in _names(one)
    ]
    listed = _LISTED.search(text_at(body, "message") or "")
    entries = readable(listed[1].encode()) if listed and not told else []
    told += [(one.get("name"), one.get("error")) for one in entries or [] if isinstance(one, dict)]
    return {name: str(code or "") for name, code in told if isinstance(name, str) and NAME.fullmatch(name)}


def _names(entry: Any) -> tuple[str, ...]:
    return texts(list_at(entry, "context", "propertyName"))
