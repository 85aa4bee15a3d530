"""The API of a deployment as the command line asks it: an address and a token from the environment, refusals as sentences."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from hub.cli_input import BadInput
from hub.settings import ApiAccess

TIMEOUT_S = 30
_LOCAL = frozenset({"localhost", "127.0.0.1"})

# method, URL, headers, content -> status, headers (lower-case), body
Send = Callable[[str, str, Mapping[str, str], bytes | None], tuple[int, Mapping[str, str], bytes]]


@dataclass(frozen=True, slots=True)
class Api:
    """Asks the API at `url` with `token`."""

    url: str
    token: str = field(repr=False)
    send: Send

    def get(self, path: str) -> Any:
        """The answer as JSON; BadInput with the API's own sentence where it refuses."""
        return json.loads(self._ask("GET", path, None, ""))

    def post(self, path: str, body: Any = None) -> Any:
        """As `get`, for something to be done."""
        content = None if body is None else json.dumps(body).encode()
        return json.loads(self._ask("POST", path, content, "application/json"))

    def patch(self, path: str, body: Any) -> Any:
        """As `post`, of a change."""
        return json.loads(self._ask("PATCH", path, json.dumps(body).encode(), "application/json"))

    def upload(self, path: str, content: bytes) -> Any:
        """As `post`, of bytes."""
        return json.loads(self._ask("POST", path, content, "application/octet-stream"))

    def text(self, path: str) -> str | None:
        """The answer as text, None where there is nothing (any more)."""
        status, body = self._exchange("GET", path, None, "")
        if status == 404:
            return None
        return _checked(status, body).decode()

    def _ask(self, method: str, path: str, content: bytes | None, kind: str) -> bytes:
        return _checked(*self._exchange(method, path, content, kind))

    def _exchange(self, method: str, path: str, content: bytes | None, kind: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.token}", **({"Content-Type": kind} if content is not None else {})}
        status, _headers, body = self.send(method, f"{self.url}{quote(path, safe='/?=&%')}", headers, content)
        return status, body


def api_of(access: ApiAccess, send: Send | None = None) -> Api:
    """The deployment's API; BadInput where its address or the token is missing."""
    if not access.api_url or not access.token:
        raise BadInput("Set RENKEI_API_URL to the address of the API (output ApiUrl) and RENKEI_TOKEN to a token.")
    parts = urlsplit(access.api_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise BadInput("RENKEI_API_URL does not start with https://.")
    return Api(access.api_url.rstrip("/"), access.token, send or over_the_network)


def over_the_network(
    method: str, url: str, headers: Mapping[str, str], content: bytes | None
) -> tuple[int, Mapping[str, str], bytes]:
    """One request; BadInput where nobody answers."""
    request = urllib.request.Request(url, content, dict(headers), method=method)  # noqa: S310 - `api_of` looks at it
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise BadInput(f"The API cannot be reached: {getattr(error, 'reason', None) or error}.") from error


def _checked(status: int, body: bytes) -> bytes:
    if 200 <= status < 300:
        return body
    try:
        detail = str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"The API answered {status}."
    raise BadInput(detail)
