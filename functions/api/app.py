"""The router with all resources, and the way of a request: access, route, answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from api import access, connections, customers, notices, problems, refusals, set_aside, specification, timeline
from api.body import as_text, read_json
from api.problems import Problem
from hub.batch import place_of
from hub.errors import Conflict, Reject, Retry
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
for _resource in (customers, timeline, notices, set_aside, refusals, connections, specification):
    app.include_router(_resource.router)


def _on(error_class: type[Exception], problem_of: Callable[[Any], Problem]) -> None:
    def handle(error: Exception) -> Response[str]:
        return problems.response(problem_of(error), app.current_event.path)

    app.exception_handler(error_class)(handle)


def _broken(error: Exception) -> Problem:
    """A defect of ours: counted with its class and place, for what it says may hold what was sent."""
    app.context["hub"].telemetry.count("api.broken", error=type(error).__name__, at=place_of(error))
    return problems.from_fault(error)


for _error_class, _problem_of in {**_PROBLEMS, Exception: _broken}.items():
    _on(_error_class, _problem_of)


def answer(event: dict[str, Any], context: Any, hub: Hub) -> dict[str, Any]:
    """The response to one request; counted by route and status."""
    request = APIGatewayProxyEventV2(event)
    jwt = (event.get("requestContext", {}).get("authorizer") or {}).get("jwt")
    try:
        route = access.require(request.http_method, request.path, jwt, hub.settings.scope_prefix)
        readable = as_text(event)
    except Problem as problem:
        return _finish(hub, "none", _refused(problem, request.path))
    app.append_context(hub=hub)  # type: ignore[no-untyped-call]
    return _finish(hub, f"{request.http_method} {_label(route)}", app.resolve(readable, context))


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
