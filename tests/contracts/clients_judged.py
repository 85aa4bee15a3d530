"""What a connector's client is judged by: which requests change something, what was said, what a platform holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.domain.events import RecordChangedData
from hub.domain.sync import Found, Outcome, SyncClient
from hub.errors import HubError
from infra.local.standins.server import Call, Standin

# Requests that only ask, though they are no GET.
_ASKING = re.compile(r"/search$|/coql$|/batch/read$|/oauth2/token$|/composite/sobjects/\w+$|/companies/list$")
# A record that is looked for and not there is an answer, not a refusal: 404 and, after a deletion, 410.
ANSWERS = frozenset({404, 410})
VALUE = re.compile(r"[^\s@,;]{2,}@[^\s@,;]{2,}|(?<!\w)\+?\d[\d -]{6,}\d|Kobayashi|Takagi|Person \d|Company \d")


def changes(call: Call) -> bool:
    """Whether a request would change something: not those that only ask, whatever their method."""
    if call.method == "GET" or _ASKING.search(call.path):
        return False
    return not call.path.endswith("graphql.json") or b"mutation" in call.body


def changes_of(calls: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those of a journal's requests that would change something."""
    asked = [Call(one["method"], one["path"], json.dumps(one["body"]).encode()) for one in calls]
    return [f"{call.method} {call.path}" for call in asked if changes(call)]


def paths(standin: Standin) -> list[tuple[str, re.Pattern[str]]]:
    """The methods and paths that the stand-in has."""
    shape = [(method, re.sub(r"\{(\w+)(?::path)?\}", r"[^/]+", path)) for method, path, _ in standin.routes]
    return [(method, re.compile(path)) for method, path in shape]


class Listened:
    """A client whose failures and refusals are heard."""

    def __init__(self, client: SyncClient, said: list[str]) -> None:
        self._client, self._said = client, said

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return self._heard(found) if callable(found) else found

    def _heard(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            try:
                answer = method(*given, **named)
            except HubError as error:
                self._said.append(error.reason)
                raise
            outcomes = answer if isinstance(answer, list) else [answer]
            self._said.extend(one.reason for one in outcomes if isinstance(one, Outcome) and one.reason)
            return answer

        return called


def fields_of(found: Found) -> dict[str, str | None]:
    """The fields of a contact, lead or company."""
    assert isinstance(found, RecordChangedData)
    return {claim.field: claim.value for claim in found.claims}


# Times and counters that every write moves on, in the platforms' own names.
MOVED = re.compile(
    r"(?i)(hs_)?last_?modified(_?(date|time|on|stamp))?|modified_?(on|time|date|by)\w*|_?modified\w*|update_time|updated_?at"
    r"|last_changed|date_modified(_gmt)?|versionnumber|systemmodstamp|@odata\.etag|etag|sequence|updatedAt|timestamp_opt"
    r"|last_?activity\w*|last_?updated\w*"
)


def settled(value: Any) -> Any:
    """What a platform holds, without its own times and counters."""
    if isinstance(value, dict):
        return {name: settled(one) for name, one in value.items() if not MOVED.fullmatch(name)}
    return [settled(one) for one in value] if isinstance(value, list) else value
