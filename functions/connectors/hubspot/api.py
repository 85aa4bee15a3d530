"""HubSpot's CRM API, date version 2026-09: requests, and what its refusals mean.

Paths and bodies as in HubSpot's published descriptions (CRM objects, properties, associations); errors and limits:
https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read November 2026)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, dict_at, id_at, list_at, text_at
from hub.ports import Http, HttpResponse

BASE_URL = "https://api.hubapi.com"
HOSTS = ("api.hubapi.com",)
OBJECTS_PATH = "/crm/objects/2026-09"
PROPERTIES_PATH = "/crm/properties/2026-09"
DAILY_LIMIT_S = 3600
OPERATOR_S = 900
PASSING_S = 10
NOT_FOUND = "OBJECT_NOT_FOUND"
_PASSING = frozenset({"INTERNAL_ERROR", "RATE_LIMITS", "SERVICE_UNAVAILABLE"})
_WORD = re.compile(r"[A-Za-z0-9_.]{1,60}")
_ADVICE = {
    403: "the private app lacks a scope: grant crm.objects.contacts, crm.schemas.contacts and the activities' scopes",
    404: "there is no such record, or it was deleted",
    409: "another record already has that e-mail or unique value",
    415: "the request was not understood as JSON",
}


@dataclass(frozen=True, slots=True)
class Api:
    """One account's API; every call is safe to repeat, so the HTTP client may."""

    http: Http
    token: str
    base_url: str = BASE_URL

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; Reject where it has no access token."""
        token = text_at(dict(secrets), "access_token")
        if token is None:
            raise Reject("the connection has no secret access_token: store the private app's token")
        return cls(http, token, str(connection.settings.get("base_url") or BASE_URL).rstrip("/"))

    def read(self, kind: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str]) -> dict[str, Any]:
        """batch/read, at most 100 ids: the answer's body; missing records are only named in its errors."""
        body = {
            "inputs": [{"id": one} for one in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(history),
        }
        return self._batch(f"{OBJECTS_PATH}/{kind}/batch/read", body, tolerated=frozenset({NOT_FOUND}))

    def upsert(self, kind: str, id_property: str, value: str, properties: Mapping[str, str]) -> str:
        """Creates or updates the one record with that unique value; its id."""
        one = {"id": value, "idProperty": id_property, "properties": {id_property: value, **properties}}
        answer = self._batch(f"{OBJECTS_PATH}/{kind}/batch/upsert", {"inputs": [one]})
        record_id = id_at(answer, "results", 0, "id")
        if record_id is None:
            raise Retry("HubSpot did not say which record it wrote")
        return record_id

    def associate(self, kind: str, record_id: str, other: str, other_id: str) -> None:
        """The default association between two records."""
        path = f"{OBJECTS_PATH}/{kind}/{quote(record_id, '')}/associations/default/{other}/{quote(other_id, '')}"
        self._checked(self._send("PUT", path))

    def property(self, kind: str, name: str) -> dict[str, Any]:
        """A property's definition; {} where there is none."""
        answer = self._send("GET", f"{PROPERTIES_PATH}/{kind}/{name}")
        return {} if answer.status == 404 else dict_at(self._checked(answer))

    def create_property(self, kind: str, definition: Mapping[str, Any]) -> None:
        """Creates a property; one that is there already is left as it is."""
        answer = self._send("POST", f"{PROPERTIES_PATH}/{kind}", definition)
        if answer.status != 409:
            self._checked(answer)

    def _batch(self, path: str, body: Mapping[str, Any], tolerated: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The body of a batch answer; 207 says that some inputs failed, each with its category."""
        answer = dict_at(self._checked(self._send("POST", path, body)))
        for error in list_at(answer, "errors"):
            category = _category(error)
            if category in _PASSING:
                raise Retry(f"HubSpot could not do a part of the batch: {category}", PASSING_S)
            if category not in tolerated:
                raise Reject(f"HubSpot refused a part of the batch: {category}")
        return answer

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HttpResponse:
        headers = {"authorization": f"Bearer {self.token}"}
        try:
            return self.http.request(method, self.base_url + path, hosts=HOSTS, headers=headers, json=body)
        except Busy as error:
            raise _put_off(error) from error

    def _checked(self, answer: HttpResponse) -> Any:
        if answer.status in (200, 201, 207):
            return answer.json()
        if answer.status == 204:
            return {}
        if answer.status == 401:
            raise Retry("HubSpot refuses the access token: create a new one and store it as access_token", OPERATOR_S)
        advice = _ADVICE.get(answer.status, "the request does not fit the account's properties")
        raise Reject(f"HubSpot answered {answer.status} {_category(_readable(answer.body))}: {advice}")


def _put_off(busy: Busy) -> Retry:
    if busy.status == 429 and text_at(_readable(busy.body), "policyName") == "DAILY":
        reason = "HubSpot's daily limit is used up: raise the limit, or wait until midnight of the account's time zone"
        return Retry(reason, max(busy.after_s, DAILY_LIMIT_S))
    reasons = {
        423: "HubSpot has locked the record for a moment",
        429: "HubSpot's limit of requests in ten seconds is reached",
        477: "HubSpot is moving the account to another data centre",
    }
    return Retry(reasons.get(busy.status, busy.reason), busy.after_s)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _category(error: Any) -> str:
    """The error's fixed word. Its message is never used: it repeats the values."""
    word = at(error, "category")
    return word if isinstance(word, str) and _WORD.fullmatch(word) else "unknown"
