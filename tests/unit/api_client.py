"""Calls the API function as API Gateway would, with memory adapters behind it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from api.handler import handler
from hub.memory import FakeClock, MemorySecrets, MemoryStore, MemoryTelemetry, memory_hub
from hub.wiring import Hub
from infra.keys import may_write

AGENT, ADMIN = "renkei/agent", "renkei/admin"
PROBLEM = "application/problem+json"


class Context:
    """What Lambda hands to a function."""

    function_name = "api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:api"
    aws_request_id = "00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Answer:
    """A response: `json` is None where there is no body."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None


def jwt_of(*scopes: str) -> dict[str, Any]:
    return {"claims": {"sub": "someone", "iss": "https://id.example", "scope": " ".join(scopes)}, "scopes": None}


def event(
    method: str,
    path: str,
    query: Mapping[str, str] | None = None,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    jwt: Mapping[str, Any] | None = None,
    stage: str = "$default",
) -> dict[str, Any]:
    """An HTTP API event, payload 2.0."""
    request: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path if stage == "$default" else f"/{stage}{path}",
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "api.example", "content-type": "application/json", **(headers or {})},
        "requestContext": {
            "stage": stage,
            "requestId": "r1",
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
        },
        "isBase64Encoded": False,
    }
    if query:
        request["queryStringParameters"] = dict(query)
    if body is not None:
        request["body"] = body
    if jwt is not None:
        request["requestContext"]["authorizer"] = {"jwt": dict(jwt)}
    return request


@dataclass
class Client:
    """A caller with a token; keeps every answer in `answers`, so that all of them can be searched for secrets."""

    hub: Hub = field(default_factory=memory_hub)
    scopes: Sequence[str] = (ADMIN,)
    answers: list[Answer] = field(default_factory=list)

    @property
    def store(self) -> MemoryStore:
        assert isinstance(self.hub.store, MemoryStore)
        return self.hub.store

    @property
    def connection_items(self) -> MemoryStore:
        assert isinstance(self.hub.connection_items, MemoryStore)
        return self.hub.connection_items

    @property
    def secrets(self) -> MemorySecrets:
        assert isinstance(self.hub.secrets, MemorySecrets)
        return self.hub.secrets

    @property
    def clock(self) -> FakeClock:
        assert isinstance(self.hub.clock, FakeClock)
        return self.hub.clock

    @property
    def telemetry(self) -> MemoryTelemetry:
        assert isinstance(self.hub.telemetry, MemoryTelemetry)
        return self.hub.telemetry

    def send(self, request: dict[str, Any]) -> Answer:
        before = len(self.store.changes) if isinstance(self.hub.store, MemoryStore) else 0
        raw = handler(request, Context(), self.hub)
        self._require_own_keys(before)
        text = base64.b64decode(raw["body"]).decode() if raw["isBase64Encoded"] else raw["body"]
        answer = Answer(raw["statusCode"], {name.lower(): value for name, value in raw["headers"].items()}, text)
        self.answers.append(answer)
        return answer

    def _require_own_keys(self, before: int) -> None:
        """On AWS the function's role would refuse anything else."""
        if isinstance(self.hub.store, MemoryStore):
            written = {change.pk for change in self.store.changes[before:]}
            assert [pk for pk in written if not may_write("api", pk)] == []

    def call(
        self,
        method: str,
        path: str,
        json_body: Any = None,
        headers: Mapping[str, str] | None = None,
        **query: str,
    ) -> Answer:
        body = None if json_body is None else json.dumps(json_body)
        return self.send(event(method, path, query, body, headers, jwt_of(*self.scopes)))

    def get(self, path: str, **query: str) -> Answer:
        return self.call("GET", path, None, None, **query)

    def post(self, path: str, json_body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, json_body, {name.replace("_", "-"): value for name, value in headers.items()})
