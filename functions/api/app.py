"""The router with all resources, and the way of a request: access, route, answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from api import (
    access,
    authorizing,
    conflicts,
    connections,
    conversations,
    csv_imports,
    customers,
    decisions,
    etags,
    field_conflicts,
    field_maps,
    field_policies,
    fields,
    idempotency,
    identifiers,
    inbox,
    jobs,
    notes,
    notices,
    oauth_pages,
    problems,
    refusals,
    set_aside,
    specification,
    suggestions,
    syncing,
    timeline,
)
from api.body import TAKES_BYTES, as_text, read_json
from api.caller import caller_of
from api.exchange import Exchange, Work
from api.problems import Problem
from hub.batch import place_of
from hub.errors import Conflict, HubError, Reject, Retry
from hub.wiring import Hub

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    RequestValidationError: problems.from_validation,
    Retry: problems.from_retry,
    Reject: problems.from_reject,
    Conflict: problems.from_conflict,
    NotFoundError: lambda _error: problems.not_found("address"),
    Problem: lambda problem: problem,
}

app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=read_json)
for _resource in (
    customers,
    identifiers,
    decisions,
    suggestions,
    conflicts,
    fields,
    field_conflicts,
    timeline,
    notes,
    conversations,
    inbox,
    notices,
    set_aside,
    refusals,
    connections,
    syncing,
    authorizing,
    field_maps,
    field_policies,
    jobs,
    csv_imports,
    specification,
):
    app.include_router(_resource.router)


def _on(error_class: type[Exception], problem_of: Callable[[Any], Problem]) -> None:
    def handle(error: Exception) -> Response[str]:
        return problems.response(problem_of(error), app.current_event.path)

    app.exception_handler(error_class)(handle)


def _broken(error: Exception) -> Problem:
    """A defect of ours: counted with its class and place, for what it says may hold what was sent."""
    app.context["hub"].telemetry.count("api.broken", error=type(error).__name__, at=place_of(error))
    return problems.from_fault(error)


for _error_class, _shown_as in {**_PROBLEMS, Exception: _broken}.items():
    _on(_error_class, _shown_as)


def answer(event: dict[str, Any], context: Any, hub: Hub) -> dict[str, Any]:
    """The response to one request; counted by route and status."""
    request = APIGatewayProxyEventV2(event)
    if oauth_pages.is_page(request.http_method, request.path):
        return _finish(hub, f"GET {request.path}", oauth_pages.show(hub, request.path, event))
    jwt = (event.get("requestContext", {}).get("authorizer") or {}).get("jwt")
    try:
        route = access.require(request.http_method, request.path, jwt, hub.settings.scope_prefix)
        readable = event if route in TAKES_BYTES else as_text(event)
    except Problem as problem:
        return _finish(hub, "none", _refused(problem, request.path))
    exchange = Exchange(headers={name.lower(): text for name, text in request.headers.items()}, jwt=jwt or {})
    response = _routed(Call(readable, context, hub, exchange), request, route)
    return _finish(hub, f"{request.http_method} {_label(route)}", response)


@dataclass(frozen=True, slots=True)
class Call:
    """A readable request with all that its answer needs."""

    event: dict[str, Any]
    context: Any
    hub: Hub
    exchange: Exchange

    def resolve(self, work: Work | None = None) -> dict[str, Any]:
        """The route's answer with its ETag; 304 without a body to who has it already."""
        self.exchange.work = work
        app.append_context(hub=self.hub, exchange=self.exchange)  # type: ignore[no-untyped-call]
        response: dict[str, Any] = app.resolve(self.event, self.context)
        etag = self.exchange.etag
        if etag is None or response["statusCode"] not in idempotency.OK:
            return response
        response["headers"] = {**response.get("headers", {}), "ETag": etag}
        reads = self.event["requestContext"]["http"]["method"] == "GET"
        return _not_modified(etag) if reads and etags.matched(self.exchange.headers, etag) else response


def _routed(call: Call, request: APIGatewayProxyEventV2, route: str) -> dict[str, Any]:
    """The answer; a write is done once for each Idempotency-Key."""
    if not idempotency.applies(request.http_method, route):
        return call.resolve()
    try:
        by, key = caller_of(call.exchange.jwt), idempotency.key_of(call.exchange.headers)
        return idempotency.once(call.hub, idempotency.Asked(by, key, _what(call.event)), call.resolve)
    except (Problem, HubError) as error:
        return _refused(_problem_of(error), request.path)


def _what(event: Mapping[str, Any]) -> str:
    return "\n".join(
        (
            event["requestContext"]["http"]["method"],
            event["rawPath"],
            event.get("rawQueryString", ""),
            event.get("body") or "",
        )
    )


def _problem_of(error: Exception) -> Problem:
    return next(problem_of(error) for known, problem_of in _PROBLEMS.items() if isinstance(error, known))


def _not_modified(etag: str) -> dict[str, Any]:
    return {"statusCode": 304, "headers": {"ETag": etag}, "body": "", "isBase64Encoded": False, "cookies": []}


def _label(route: str) -> str:
    """The route as a log may hold it."""
    return route.replace("<", "(").replace(">", ")")


def _refused(problem: Problem, path: str) -> dict[str, Any]:
    headers = {"Content-Type": problems.CONTENT_TYPE, **problem.headers}
    body = json.dumps(problem.body(path))
    return {"statusCode": problem.status, "headers": headers, "body": body, "isBase64Encoded": False, "cookies": []}


def _finish(hub: Hub, route: str, response: dict[str, Any]) -> dict[str, Any]:
    hub.telemetry.note(route=route, status=int(response["statusCode"]))
    hub.telemetry.count("api.requests", status=f"{int(response['statusCode']) // 100}xx")
    response["headers"] = {**response.get("headers", {}), **HEADERS}
    return response
