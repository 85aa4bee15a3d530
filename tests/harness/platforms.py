"""The stand-in platforms in process: the local stack's own, called without a socket, with trouble on demand."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hub.http_transport import MaybeSent, NotSent
from hub.ports import HttpResponse
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.hubspot_records import Record, Records
from infra.local.standins.server import Answer, Call, Standin

LOST = "answer lost"
UNREACHABLE = "unreachable"
ALWAYS = "2026-09-21T14:13:20.000Z"  # when the story is told, so that it lies before every read
Trouble = Callable[[Call], int | str | None]


def no_trouble(_call: Call) -> int | str | None:
    """All goes well."""
    return None


@dataclass(slots=True)
class Platforms:
    """Stand-ins by host. `trouble` says for a call: a status to answer instead, LOST, UNREACHABLE, or None."""

    standins: Mapping[str, Standin]
    trouble: Trouble = no_trouble
    met: Counter[str] = field(default_factory=Counter)
    _routes: dict[str, list[tuple[str, re.Pattern[str], Any]]] = field(default_factory=dict)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, _deadline: float
    ) -> HttpResponse:
        """One request on the wire, as `hub.http.HttpClient` makes it."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        standin = self.standins.get(parts.hostname or "")
        if standin is None:
            raise NotSent("no such host")
        return self._settle(standin, parts.hostname or "", Call(method, parts.path, content or b"", headers, query))

    def _settle(self, standin: Standin, host: str, call: Call) -> HttpResponse:
        trouble = self.trouble(call)
        if trouble is not None:
            self.met[str(trouble)] += 1
        if trouble == UNREACHABLE:
            raise NotSent("connection refused")
        if isinstance(trouble, int):
            return _response(standin.faults.get(trouble, Answer(trouble, {"message": "not now"})))
        answer = self._answer(standin, host, call)
        if trouble == LOST:
            raise MaybeSent("connection reset")
        return _response(answer)

    def _answer(self, standin: Standin, host: str, call: Call) -> Answer:
        for method, pattern, handler in self._routes.setdefault(host, _compiled(standin)):
            if method == call.method and (match := pattern.fullmatch(call.path)):
                matched = Call(call.method, call.path, call.body, call.headers, call.query, match.groupdict())
                return standin.answer(matched, handler)
        return standin.answer(call, lambda _call: standin.not_found)


def _compiled(standin: Standin) -> list[tuple[str, re.Pattern[str], Any]]:
    return [
        (method, re.compile(re.sub(r"\{(\w+)(?::path)?\}", r"(?P<\1>[^/]+)", path)), handler)
        for method, path, handler in standin.routes
    ]


def _response(answer: Answer) -> HttpResponse:
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    return HttpResponse(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body.encode())


class IndexedRecords(Records):
    """The account's records, found by a unique property at once (the soak has thousands), all written at one time.

    When the hub wrote something differs from run to run; that must not make the runs' ends differ.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_value: dict[tuple[str, str, str], Record] = {}
        self._kind_of: dict[str, str] = {}

    def find(self, kind: str, name: str | None, value: str) -> Record | None:
        """By id, or by a unique property (those whose value never changes)."""
        if name in (None, "", "hs_object_id"):
            return self.of(kind).get(value)
        return self._by_value.get((kind, str(name), value))

    def create(self, kind: str, properties: Mapping[str, str], *, source: str, at: str | None = None) -> Record:
        """A new record."""
        record = super().create(kind, properties, source=source, at=at or ALWAYS)
        self._kind_of[record.id] = kind
        for name, value in properties.items():
            self._by_value.setdefault((kind, name, value), record)
        return record

    def update(self, record: Record, properties: Mapping[str, str], *, source: str, at: str | None = None) -> None:
        """Adds what differs to the history."""
        super().update(record, properties, source=source, at=at or ALWAYS)


def hubspot_account(token: str) -> HubSpot:
    """An empty HubSpot account."""
    return HubSpot(token, records=IndexedRecords())
