"""The operator: a client of renkei's own API, with a token from the issuer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from infra.local.place import Place, Stop
from infra.local.standins.accounts import Accounts

SCOPES = "renkei/admin renkei/agent"


@dataclass(frozen=True, slots=True)
class Operator:
    """Calls the API; Stop with the problem's own sentence where it refuses."""

    client: httpx.Client
    url: str

    def get(self, path: str, **query: str) -> Any:
        """The JSON at a path."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Any:
        """The JSON that a POST answers, None where it has none; with an idempotency key it may be repeated."""
        return self._call("POST", path, json=body, headers={"idempotency-key": key} if key else {})

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that a PATCH answers."""
        return self._call("PATCH", path, json=body)

    def _call(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = self.client.request(method, f"{self.url}{path}", **more)
        except httpx.HTTPError as error:
            raise Stop(f"the API does not answer ({type(error).__name__}): is `make up` still running?") from error
        if not answer.is_success:
            raise Stop(f"the API refused {method} {path.partition('?')[0]}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def until(self, read: Callable[[Operator], Any], enough: Callable[[Any], bool], timeout_s: float) -> Any:
        """What `read` gives once it is enough, or at the end of the time."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = read(self)
            if enough(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.25)


def sign_in(place: Place, known: Accounts, api_url: str) -> Operator:
    """An operator with both scopes."""
    asked = {"grant_type": "client_credentials", "scope": SCOPES}
    answer = httpx.post(
        f"{place.standin('issuer')}/token",
        data=asked,
        auth=(known.oidc_client_id, known.oidc_client_secret),
        timeout=10,
    )
    if not answer.is_success:
        raise Stop(f"the issuer gave no token: {answer.text[:200]}")
    token = answer.json()["access_token"]
    return Operator(httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=30), api_url)
