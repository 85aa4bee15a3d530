"""Who asks: what a token says of its bearer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.problems import Problem

# A person's own id, else the program's.
NAMES = ("sub", "client_id", "azp")
MAX_NAME = 256


def caller_of(jwt: Mapping[str, Any]) -> str:
    """The bearer's id (`sub`, else `client_id`); Problem 403 where the token names nobody."""
    claims = jwt.get("claims") or {}
    named = (claims.get(name) for name in NAMES)
    found = next((one for one in named if isinstance(one, str) and 0 < len(one) <= MAX_NAME), None)
    if found is None:
        raise Problem(403, "The token names nobody: sign in with one that has sub or client_id.")
    return found
