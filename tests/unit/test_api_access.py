"""Every route asks for a token and its scope, and nothing exists beside the table of routes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.access import ADMIN as ADMIN_SCOPE
from api.access import SCOPES
from api.openapi import specification
from hub.memory import memory_hub
from hub.settings import Settings
from tests.unit.api_client import ADMIN, AGENT, PROBLEM, Answer, Client, event, jwt_of

ROUTES = sorted(SCOPES.items())
ADMIN_ROUTES = [route for route, scope in ROUTES if scope == ADMIN_SCOPE]
FILLED = {"<connection_id>": "0" * 26, "<item_id>": "f" * 32, "<field>": "title"}


def address(path: str) -> str:
    return re.sub(r"<\w+>", lambda found: FILLED.get(found[0], "a" * 26), path)


def call(method: str, path: str, jwt: dict[str, Any] | None) -> Answer:
    return Client().send(event(method, address(path), jwt=jwt))


def assert_problem(answer: Answer, status: int) -> dict[str, Any]:
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM)
    problem: dict[str, Any] = answer.json
    assert {"type", "title", "status", "detail", "instance"} <= problem.keys()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return problem


def test_the_table_of_scopes_and_the_routes_that_answer_are_the_same() -> None:
    answering = {
        (method.upper(), path.replace("{", "<").replace("}", ">"))
        for path, operations in specification()["paths"].items()
        for method in operations
    }
    assert answering == set(SCOPES)


@pytest.mark.parametrize(("route", "scope"), ROUTES)
@pytest.mark.parametrize("jwt", [None, {}, {"claims": {}}, {"claims": None}, {"scopes": [ADMIN]}])
def test_no_route_answers_without_claims(route: tuple[str, str], scope: str, jwt: dict[str, Any] | None) -> None:
    answer = call(*route, jwt)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("route", "scope"), ROUTES)
@pytest.mark.parametrize("scopes", ["", "agent admin", "other/agent other/admin", "renkei/agents renkei/", "openid"])
def test_no_route_answers_to_foreign_scopes(route: tuple[str, str], scope: str, scopes: str) -> None:
    problem = assert_problem(call(*route, jwt_of(scopes)), 403)
    assert problem["detail"] == f"The token lacks the scope renkei/{scope}."


@pytest.mark.parametrize("route", ADMIN_ROUTES)
def test_what_admins_do_agents_may_not(route: tuple[str, str]) -> None:
    assert_problem(call(*route, jwt_of(AGENT)), 403)


@pytest.mark.parametrize(("route", "scope"), ROUTES)
def test_the_scope_of_the_table_opens_the_route(route: tuple[str, str], scope: str) -> None:
    answer = call(*route, jwt_of(f"renkei/{scope}"))
    assert answer.status in (200, 404, 422)
    assert answer.status != 404 or answer.json["detail"] != "There is nothing at this address."


@pytest.mark.parametrize(("route", "scope"), ROUTES)
def test_admins_may_do_what_agents_do(route: tuple[str, str], scope: str) -> None:
    assert call(*route, jwt_of(ADMIN)).status not in (401, 403)


@pytest.mark.parametrize(
    "jwt",
    [
        {"claims": {"scope": "openid renkei/agent"}},
        {"claims": {"scope": ["openid", "renkei/agent"]}},
        {"claims": {"scope": "[openid renkei/agent]"}},
        {"claims": {"scp": "renkei/agent"}},
        {"claims": {"scp": ["renkei/agent"]}},
        {"claims": {"sub": "x"}, "scopes": ["renkei/agent"]},
    ],
)
def test_a_scope_is_found_wherever_issuers_and_the_authorizer_write_it(jwt: dict[str, Any]) -> None:
    assert call("GET", "/v1/customers", jwt).status == 422
    assert call("GET", "/v1/refusals", jwt).status == 403


def test_another_deployment_has_another_prefix() -> None:
    client = Client(memory_hub(settings=Settings(scope_prefix="https://crm.example/")))
    request = event("GET", "/v1/refusals", jwt=jwt_of("https://crm.example/admin"))
    assert client.send(request).status == 200
    assert client.send(event("GET", "/v1/refusals", jwt=jwt_of(ADMIN))).status == 403


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v2/customers", "/v1/customers/", "/v1/customers/a/b", "/v1/customers/../refusals"]
)
def test_an_unknown_address_is_404(path: str) -> None:
    assert assert_problem(call("GET", path, jwt_of(ADMIN)), 404)["instance"] == path


@pytest.mark.parametrize("name", ["custom.field", "cf_1.2~b", "Region__c", "a-b", "n%C3%A4me", "...", ".hidden"])
def test_a_field_may_be_called_as_its_platform_calls_it(name: str) -> None:
    for method, rest in (("GET", ""), ("POST", "/revert")):
        answer = call(method, f"/v1/customers/{'a' * 26}/fields/{name}{rest}", jwt_of(AGENT))
        assert answer.status in (404, 422)
        assert answer.json["detail"] != "There is nothing at this address."


@pytest.mark.parametrize(
    "rest", [".", "..", "./revert", "../revert", "a/b", "a b", "a;b", "a?b", "a\n", "", "/revert", "x" * 257, "名"]
)
def test_what_is_no_name_of_a_field_leads_nowhere(rest: str) -> None:
    answer = call("GET", f"/v1/customers/{'a' * 26}/fields/{rest}", jwt_of(AGENT))
    assert answer.json["detail"] == "There is nothing at this address."


@pytest.mark.parametrize("path", ["/v1/customers/a.b", "/v1/customers/..", "/v1/connections/a%2Fb", "/openapi_json"])
def test_no_other_part_of_an_address_holds_dots_or_escapes(path: str) -> None:
    assert call("GET", path, jwt_of(ADMIN)).json["detail"] == "There is nothing at this address."


def test_an_unknown_address_is_401_without_a_token() -> None:
    assert_problem(call("GET", "/v1/nothing", None), 401)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "get"])
def test_another_method_is_405_and_says_which_are_allowed(method: str) -> None:
    answer = call(method, "/v1/connections", jwt_of(ADMIN))
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


def test_the_stage_of_a_named_stage_is_no_part_of_the_path() -> None:
    answer = Client().send(event("GET", "/v1/refusals", jwt=jwt_of(ADMIN), stage="prod"))
    assert (answer.status, answer.json) == (200, {"refusals": [], "next": None})


def test_no_answer_may_be_cached_or_sniffed() -> None:
    for answer in (call("GET", "/v1/refusals", jwt_of(ADMIN)), call("GET", "/v1/refusals", None)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_each_request_is_one_line_with_its_route_and_no_id() -> None:
    client = Client()
    client.get("/v1/customers/" + "a" * 26)
    client.get("/v1/nothing")
    assert client.telemetry.lines == [
        {"function": "api", "route": "GET /v1/customers/(customer_id)", "status": 404},
        {"function": "api", "route": "none", "status": 404},
    ]


@pytest.mark.parametrize(
    ("groups", "status"), [(None, 403), ("[agents]", 403), ("[agents admin]", 200), (["admin"], 200), ("[admins]", 403)]
)
def test_a_person_of_a_user_pool_is_an_admin_only_in_the_group_of_that_name(groups: Any, status: int) -> None:
    person = {"token_use": "access", "username": "hanako", "scope": "renkei/agent renkei/admin"}
    claims = person if groups is None else person | {"cognito:groups": groups}
    assert call("GET", "/v1/connections", {"claims": claims}).status == status
    assert call("GET", "/v1/notices", {"claims": claims}).status == 200


def test_a_program_of_a_user_pool_needs_no_group() -> None:
    claims = {"token_use": "access", "client_id": "c", "scope": "renkei/admin"}
    assert call("GET", "/v1/connections", {"claims": claims}).status == 200
