"""HubSpot's CRM API, date version 2026-09: requests.

Paths and bodies as in HubSpot's published descriptions (CRM objects, properties, associations, owners) and, for
pipelines, https://developers.hubspot.com/docs/api-reference/latest/crm/pipelines/guide (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from connectors.hubspot.refusals import (
    NOT_FOUND,
    PASSING_S,
    Problem,
    problem,
    put_off,
    readable,
    rejected,
    unauthorized,
)
from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import dict_at, id_at, list_at, text_at, texts
from hub.ports import Http, HttpResponse

BASE_URL = "https://api.hubapi.com"
HOSTS = ("api.hubapi.com",)
VERSION = "2026-09"
OBJECTS_PATH = f"/crm/objects/{VERSION}"
PROPERTIES_PATH = f"/crm/properties/{VERSION}"
ASSOCIATIONS_PATH = f"/crm/associations/{VERSION}"
PIPELINES_PATH = f"/crm/pipelines/{VERSION}"
OWNERS_PATH = f"/crm/owners/{VERSION}"
MOST_INPUTS = 100
MOST_OWNERS = 500
MOST_PAGES = 50
TRACE = "objectWriteTraceId"
REFUSED = frozenset({400, 404, 409})
Input = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch did: rows by the input's trace id, problems by trace id, or the problem of the whole batch."""

    rows: Mapping[str, Row]
    problems: Mapping[str, Problem]
    whole: Problem | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """One account's API; every call is safe to repeat, so the HTTP client may. Without a token `http` adds one."""

    http: Http
    token: str = ""
    base_url: str = BASE_URL

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection."""
        token = text_at(dict(secrets), "access_token") or ""
        return cls(http, token, str(connection.settings.get("base_url") or BASE_URL).rstrip("/"))

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str], by: str = ""
    ) -> list[Row]:
        """batch/read, at most 100 ids (values of the unique property `by`): the rows that are there, in any order."""
        wanted = {"properties": list(properties), "propertiesWithHistory": list(history)}
        body = {"inputs": [{"id": one} for one in ids], **wanted, **({"idProperty": by} if by else {})}
        return self._many(f"{OBJECTS_PATH}/{kind}/batch/read", body)

    def page(
        self, kind: str, properties: Sequence[str], history: Sequence[str], limit: int, after: str, *, archived: bool
    ) -> tuple[list[Row], str | None]:
        """A page of the object's list and where the next begins."""
        query = {"limit": str(limit), "archived": "true" if archived else "false", "after": after}
        names = {"properties": ",".join(properties), "propertiesWithHistory": ",".join(history)}
        given = {name: value for name, value in (query | names).items() if value}
        answer = self._get(f"{OBJECTS_PATH}/{kind}?{urlencode(given, safe=',')}")
        return list_at(answer, "results"), id_at(answer, "paging", "next", "after")

    def search(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a search: `total` and `results`."""
        return dict_at(self._checked(self._send("POST", f"{OBJECTS_PATH}/{kind}/search", body)))

    def write(self, kind: str, verb: str, inputs: Sequence[Input]) -> Written:
        """batch/update or batch/upsert of at most 100 inputs, each with a trace id of its own."""
        answer = self._send("POST", f"{OBJECTS_PATH}/{kind}/batch/{verb}", {"inputs": list(inputs)})
        if answer.status in REFUSED:
            return Written({}, {}, problem(answer.status, readable(answer.body)))
        body = dict_at(self._checked(answer))
        rows = {_trace(row, inputs): row for row in list_at(body, "results")}
        return Written(rows, dict(_problems(body, inputs)))

    def upsert(self, kind: str, id_property: str, value: str, properties: Mapping[str, str]) -> str:
        """Creates or updates the one record with that unique value; its id."""
        one = {"id": value, "idProperty": id_property, "properties": {id_property: value, **properties}}
        found = self._many(f"{OBJECTS_PATH}/{kind}/batch/upsert", {"inputs": [one]}, tolerated=frozenset())
        record_id = id_at(found, 0, "id")
        if record_id is None:
            raise Retry("HubSpot did not say which record it wrote")
        return record_id

    def delete(self, kind: str, record_id: str) -> None:
        """Into the recycle bin; gone already is as good."""
        self._unless_gone(self._send("DELETE", f"{OBJECTS_PATH}/{kind}/{quote(record_id, '')}"))

    def associate(self, kind: str, record_id: str, other: str, other_id: str) -> None:
        """The default association between two records."""
        path = f"{OBJECTS_PATH}/{kind}/{quote(record_id, '')}/associations/default/{other}/{quote(other_id, '')}"
        self._checked(self._send("PUT", path))

    def part(self, kind: str, record_id: str, other: str, other_id: str) -> None:
        """Takes every association between two records away; none is as good."""
        path = f"{OBJECTS_PATH}/{kind}/{quote(record_id, '')}/associations/{other}/{quote(other_id, '')}"
        self._unless_gone(self._send("DELETE", path))

    def linked(self, kind: str, ids: Sequence[str], other: str) -> dict[str, tuple[str, ...]]:
        """The ids of `other` that each record (at most 100) is associated with, as far as the first page tells."""
        body = {"inputs": [{"id": one} for one in ids]}
        found = self._many(f"{ASSOCIATIONS_PATH}/{kind}/{other}/batch/read", body)
        return {
            record_id: texts(id_at(one, "toObjectId") for one in list_at(row, "to"))
            for row in found
            if (record_id := id_at(row, "from", "id"))
        }

    def properties(self, kind: str) -> list[Row]:
        """Every property of an object."""
        return list_at(self._get(f"{PROPERTIES_PATH}/{kind}"), "results")

    def property(self, kind: str, name: str) -> dict[str, Any]:
        """A property's definition; {} where there is none."""
        answer = self._send("GET", f"{PROPERTIES_PATH}/{kind}/{name}")
        return {} if answer.status == 404 else dict_at(self._checked(answer))

    def create_property(self, kind: str, definition: Mapping[str, Any]) -> None:
        """Creates a property; one that is there already is left as it is."""
        answer = self._send("POST", f"{PROPERTIES_PATH}/{kind}", definition)
        if answer.status != 409:
            self._checked(answer)

    def pipelines(self, kind: str) -> list[Row]:
        """The pipelines of deals or tickets with their stages."""
        return list_at(self._get(f"{PIPELINES_PATH}/{kind}"), "results")

    def owners(self) -> Iterator[Row]:
        """Every owner, page by page."""
        after = ""
        for _ in range(MOST_PAGES):
            query = {"limit": MOST_OWNERS} | ({"after": after} if after else {})
            answer = self._get(f"{OWNERS_PATH}?{urlencode(query)}")
            yield from list_at(answer, "results")
            after = id_at(answer, "paging", "next", "after") or ""
            if not after:
                return

    def _get(self, path: str) -> dict[str, Any]:
        return dict_at(self._checked(self._send("GET", path)))

    def _many(
        self, path: str, body: Mapping[str, Any], tolerated: frozenset[str] = frozenset({NOT_FOUND})
    ) -> list[Row]:
        """The rows of a batch answer; 207 says that some inputs failed, each with its category."""
        answer = dict_at(self._checked(self._send("POST", path, body)))
        for error in list_at(answer, "errors"):
            told = problem(207, error)
            if told.passing:
                raise Retry(f"HubSpot could not do a part of the batch: {told.category}", PASSING_S)
            if told.category not in tolerated:
                raise Reject(f"HubSpot refused a part of the batch: {told.category}")
        return list_at(answer, "results")

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HttpResponse:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            return self.http.request(method, self.base_url + path, hosts=HOSTS, headers=headers, json=body)
        except Busy as error:
            raise put_off(error) from error

    def _unless_gone(self, answer: HttpResponse) -> None:
        if answer.status != 404:
            self._checked(answer)

    def _checked(self, answer: HttpResponse) -> Any:
        if answer.status in (200, 201, 207):
            return answer.json()
        if answer.status == 204:
            return {}
        raise unauthorized() if answer.status == 401 else rejected(answer)


def _trace(row: Row, inputs: Sequence[Input]) -> str:
    """Whose row it is: by the trace id, where HubSpot leaves it out by the record's id; "" where neither tells."""
    named = [str(one[TRACE]) for one in inputs if len(inputs) == 1 or one["id"] == id_at(row, "id")]
    return text_at(row, TRACE) or (named[0] if named else "")


def _problems(body: Mapping[str, Any], inputs: Sequence[Input]) -> Iterator[tuple[str, Problem]]:
    """The problems of a 207 by trace id; one that names ids alone belongs to the inputs with those ids."""
    for error in list_at(body, "errors"):
        named, ids = texts(list_at(error, "context", TRACE)), texts(list_at(error, "context", "ids"))
        traces = named or [str(one[TRACE]) for one in inputs if one["id"] in ids]
        yield from ((trace, problem(207, error)) for trace in traces)
