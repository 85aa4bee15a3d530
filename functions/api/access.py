"""Who may do what: one table of every route and its scope. What is not in the table does not exist.

The token itself was verified by API Gateway's JWT authorizer; here its claims must be present and name the scope.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.problems import Problem

AGENT, ADMIN = "agent", "admin"
GROUPS = "cognito:groups"
# A scope -> the scopes that grant it.
GRANTED_BY: Mapping[str, frozenset[str]] = {AGENT: frozenset({AGENT, ADMIN}), ADMIN: frozenset({ADMIN})}

# (method, path) -> scope.
SCOPES: Mapping[tuple[str, str], str] = {
    ("GET", "/openapi.json"): AGENT,
    ("GET", "/v1/customers"): AGENT,
    ("GET", "/v1/customers/<customer_id>"): AGENT,
    ("GET", "/v1/customers/<customer_id>/identifiers"): AGENT,
    ("POST", "/v1/identifiers/<persona>/shared"): AGENT,
    ("GET", "/v1/customers/<customer_id>/decisions"): AGENT,
    ("GET", "/v1/customers/<customer_id>/merge/preview"): AGENT,
    ("POST", "/v1/customers/<customer_id>/merge"): AGENT,
    ("GET", "/v1/customers/<customer_id>/unmerge/preview"): AGENT,
    ("POST", "/v1/customers/<customer_id>/unmerge"): AGENT,
    ("GET", "/v1/customers/<customer_id>/not-the-same/preview"): AGENT,
    ("POST", "/v1/customers/<customer_id>/not-the-same"): AGENT,
    ("POST", "/v1/customers/<customer_id>/not-the-same/forget"): AGENT,
    ("GET", "/v1/customers/<customer_id>/suggestions"): AGENT,
    ("POST", "/v1/customers/<customer_id>/suggestions/<other_id>/accept"): AGENT,
    ("POST", "/v1/customers/<customer_id>/suggestions/<other_id>/not-the-same"): AGENT,
    ("GET", "/v1/conflicts"): AGENT,
    ("GET", "/v1/customers/<customer_id>/timeline"): AGENT,
    ("GET", "/v1/customers/<customer_id>/fields"): AGENT,
    ("GET", "/v1/customers/<customer_id>/fields/<field>"): AGENT,
    ("POST", "/v1/customers/<customer_id>/fields/<field>/revert"): AGENT,
    ("POST", "/v1/customers/<customer_id>/fields/<field>/choose"): AGENT,
    ("POST", "/v1/customers/<customer_id>/fields/<field>/choose/withdraw"): AGENT,
    ("GET", "/v1/field-conflicts"): AGENT,
    ("POST", "/v1/customers/<customer_id>/notes"): AGENT,
    ("POST", "/v1/customers/<customer_id>/tasks"): AGENT,
    ("GET", "/v1/customers/<customer_id>/conversations"): AGENT,
    ("GET", "/v1/conversations/<conversation_id>"): AGENT,
    ("PATCH", "/v1/conversations/<conversation_id>"): AGENT,
    ("GET", "/v1/inbox"): AGENT,
    ("GET", "/v1/notices"): AGENT,
    ("GET", "/v1/set-aside"): ADMIN,
    ("GET", "/v1/set-aside/<item_id>"): ADMIN,
    ("POST", "/v1/set-aside/<item_id>/map-again"): ADMIN,
    ("GET", "/v1/refusals"): ADMIN,
    ("GET", "/v1/connections"): ADMIN,
    ("POST", "/v1/connections"): ADMIN,
    ("GET", "/v1/connections/<connection_id>"): ADMIN,
    ("PATCH", "/v1/connections/<connection_id>"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/secrets"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/disable"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/enable"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/set-up"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/set-up"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/sync"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/sync/pause"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/sync/resume"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/field-maps"): ADMIN,
    ("PUT", "/v1/connections/<connection_id>/field-maps/<native>"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/field-maps/<native>/fields"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/field-maps/<native>/versions"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/field-maps/<native>/activate"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/field-maps/<native>/preview"): ADMIN,
    ("GET", "/v1/field-policies"): ADMIN,
    ("GET", "/v1/field-policies/<field>"): ADMIN,
    ("PUT", "/v1/field-policies/<field>"): ADMIN,
    ("GET", "/v1/field-policy-changes"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/drift"): ADMIN,
    ("GET", "/v1/connections/<connection_id>/owners"): ADMIN,
    ("GET", "/v1/jobs"): ADMIN,
    ("POST", "/v1/jobs"): ADMIN,
    ("GET", "/v1/jobs/<job_id>"): ADMIN,
    ("POST", "/v1/jobs/<job_id>/pause"): ADMIN,
    ("POST", "/v1/jobs/<job_id>/resume"): ADMIN,
    ("POST", "/v1/jobs/<job_id>/cancel"): ADMIN,
    ("POST", "/v1/jobs/<job_id>/approve"): ADMIN,
    ("POST", "/v1/csv-imports"): ADMIN,
    ("POST", "/v1/csv-imports/<file_id>/parts/<number>"): ADMIN,
    ("GET", "/v1/csv-imports/<file_id>"): ADMIN,
    ("PATCH", "/v1/csv-imports/<file_id>"): ADMIN,
    ("POST", "/v1/csv-imports/<file_id>/start"): ADMIN,
    ("GET", "/v1/csv-imports/<file_id>/report"): ADMIN,
    ("POST", "/v1/connections/<connection_id>/authorize"): ADMIN,
}
# What a segment of an address may hold. A platform's own field may be called anything; "." and ".." are no names.
_SEGMENT = r"[A-Za-z0-9_-]+"
_SEGMENTS = {"<field>": r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_.~%-]{1,256}"}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<\w+>", lambda found: _SEGMENTS.get(found[0], _SEGMENT), path.replace(".", r"\.")))


_RULES = {path: _pattern(path) for _method, path in SCOPES}


def require(method: str, path: str, jwt: object, scope_prefix: str) -> str:
    """The route's path pattern, where the claims allow it; Problem 401, 404, 405 or 403 otherwise, in that order."""
    if not isinstance(jwt, Mapping) or not jwt.get("claims"):
        raise Problem(401, "A valid token is needed.", headers={"WWW-Authenticate": "Bearer"})
    rule = _route(path)
    scope = SCOPES.get((method, rule))
    if scope is None:
        raise Problem(405, f"{method} cannot be used here.", headers={"Allow": ", ".join(_methods(rule))})
    if not GRANTED_BY[scope] & granted(jwt, scope_prefix):
        raise Problem(403, f"The token lacks the scope {scope_prefix}{scope}.")
    return rule


def _route(path: str) -> str:
    found = next((rule for rule, pattern in _RULES.items() if pattern.fullmatch(path)), None)
    if found is None:
        raise Problem(404, "There is nothing at this address.")
    return found


def _methods(rule: str) -> list[str]:
    return sorted(method for method, path in SCOPES if path == rule)


def granted(jwt: Mapping[str, Any], scope_prefix: str) -> frozenset[str]:
    """The hub's scopes in a token: `scope` or `scp` as text or list, or what the authorizer lists in `scopes`."""
    claims = jwt.get("claims") or {}
    sources = (claims.get("scope"), claims.get("scp"), jwt.get("scopes"))
    words = {word for source in sources for word in _words(source)}
    scopes = frozenset(word.removeprefix(scope_prefix) for word in words if word.startswith(scope_prefix))
    return scopes - {ADMIN} if _is_person_of_a_pool(claims) and ADMIN not in _words(claims.get(GROUPS)) else scopes


def _is_person_of_a_pool(claims: Mapping[str, Any]) -> bool:
    """Cognito lets every user of a client ask for each of its scopes, so that of a person the groups must agree."""
    return "token_use" in claims and "username" in claims


def _words(value: object) -> Iterable[str]:
    """API Gateway writes a list claim as the text `[a b]`."""
    if isinstance(value, str):
        return value.removeprefix("[").removesuffix("]").replace(",", " ").split()
    if isinstance(value, list | tuple):
        return [word for word in value if isinstance(word, str)]
    return []
