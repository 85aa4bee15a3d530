"""What every stand-in is made of: handlers from a call to an answer, a journal of the calls, faults on demand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SHOWN_HEADERS = ("content-type", "user-agent", "sforce-call-options", "if-match")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a stand-in; `parts` are the variable parts of its path."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON; Refused with 400 where it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refused(Answer(400, {"message": "Invalid input JSON"})) from error

    @property
    def bearer(self) -> str | None:
        """The bearer token, or None."""
        found = re.fullmatch(r"Bearer (\S+)", self.headers.get("authorization", ""))
        return found.group(1) if found else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform would answer; `body` is JSON unless it is text."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The call is refused with that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


Handler = Callable[[Call], Answer]


@dataclass(slots=True)
class Journal:
    """The calls received, and the faults still to be answered."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[str, Answer]] = field(default_factory=list)

    def note(self, call: Call, answer: Answer) -> None:
        """Remembers a call and its answer's status, without credentials."""
        shown = {name: call.headers[name] for name in SHOWN_HEADERS if name in call.headers}
        entry = {"method": call.method, "path": call.path, "query": dict(call.query), "headers": shown}
        self.calls.append(entry | {"body": _readable(call.body), "status": answer.status})

    def fault(self, call: Call) -> Answer | None:
        """The next fault planned for that path, used up."""
        for number, (prefix, answer) in enumerate(self.faults):
            if call.path.startswith(prefix):
                del self.faults[number]
                return answer
        return None


@dataclass(slots=True)
class Standin:
    """One platform. `guard` refuses calls without credentials; `faults` names its documented answers by status."""

    routes: Sequence[tuple[str, str, Handler]]
    guard: Callable[[Call], None]
    not_found: Answer
    faults: Mapping[int, Answer] = field(default_factory=dict)
    admin: Sequence[tuple[str, str, Handler]] = ()
    journal: Journal = field(default_factory=Journal)

    def answer(self, call: Call, handler: Handler) -> Answer:
        """What the platform answers to a call, noted in the journal."""
        answer = self.journal.fault(call) or self._guarded(call, handler)
        self.journal.note(call, answer)
        return answer

    def app(self) -> Starlette:
        """The stand-in as an ASGI application; `/_standin/…` is for tests, not part of the platform."""
        platform = [_route(method, path, self.answer, handler) for method, path, handler in self.routes]
        own = [("GET", "/_standin/calls", self._calls), ("POST", "/_standin/faults", self._plan), *self.admin]
        admin = [_route(method, path, _unguarded, handler) for method, path, handler in own]
        everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        rest = [_route(method, "/{rest:path}", self.answer, self._nothing) for method in everything]
        return Starlette(routes=[*admin, *platform, *rest])

    def _guarded(self, call: Call, handler: Handler) -> Answer:
        try:
            self.guard(call)
            return handler(call)
        except Refused as refused:
            return refused.answer

    def _nothing(self, _call: Call) -> Answer:
        return self.not_found

    def _calls(self, _call: Call) -> Answer:
        return Answer(200, {"calls": self.journal.calls})

    def _plan(self, call: Call) -> Answer:
        plan = call.json()
        answer = self.faults.get(plan["status"], Answer(plan["status"], {"message": "planned"}))
        self.journal.faults += [(plan.get("path", "/"), answer)] * plan.get("count", 1)
        return Answer(204)


def _unguarded(call: Call, handler: Handler) -> Answer:
    try:
        return handler(call)
    except Refused as refused:
        return refused.answer


def _route(method: str, path: str, answer: Callable[[Call, Handler], Answer], handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        call = Call(
            request.method,
            request.url.path,
            await request.body(),
            {name.lower(): value for name, value in request.headers.items()},
            dict(request.query_params),
            {name: str(value) for name, value in request.path_params.items()},
        )
        return _response(answer(call, handler))

    return Route(path, endpoint, methods=[method])


def _response(answer: Answer) -> Response:
    if isinstance(answer.body, str):
        return Response(answer.body, answer.status, dict(answer.headers))
    if answer.body is None:
        return Response(b"", answer.status, dict(answer.headers))
    body = json.dumps(answer.body, ensure_ascii=False)
    return Response(body, answer.status, dict(answer.headers), media_type="application/json")


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace") or None
