"""A shared secret that is sent as it is: in a header, basic auth, the query or the path. It proves the sender only.

A token in the query is taken out of what is stored where the manifest names it (`Connector.token_in_query`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.signing import ENCODE, after_prefix, bounded, check_token, decode, header


@dataclass(frozen=True, slots=True)
class StaticToken:
    """The secret itself: in a header (after `prefix`), else in a query parameter, else the last path segment."""

    header: str = ""
    prefix: str = ""
    query: str = ""

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns where the token is one of `secrets`; else Unauthorized."""
        check_token(after_prefix(self._given(request), self.prefix), secrets)

    def sign(self, _request: Request, secret: bytes, _now: float) -> Mapping[str, str]:
        """The header, or nothing where the token is part of the URL."""
        return {self.header: self.prefix + secret.decode("ascii")} if self.header else {}

    def sign_request(self, request: Request, secret: bytes, now: float) -> Request:
        """The request with the token in the header or the query; one in the path is in the URL already."""
        if not self.query:
            return replace(request, headers={**request.headers, **self.sign(request, secret, now)})
        kept = [part for part in request.query.split("&") if part and not part.startswith(self.query + "=")]
        query = "&".join([*kept, f"{self.query}={quote(self.prefix + secret.decode('ascii'), safe='')}"])
        return replace(request, url=f"{request.url.partition('?')[0]}?{query}", query=query)

    def _given(self, request: Request) -> str:
        return header(request, self.header) if self.header else self._from_url(request)

    def _from_url(self, request: Request) -> str:
        if not self.query:
            return bounded(request.url.partition("?")[0].rpartition("/")[2])
        query = request.url.partition("?")[2]
        values = [part for part in query.split("&") if part.startswith(self.query + "=")]
        if len(values) > 1:
            raise Unauthorized("malformed")
        return unquote(bounded(values[0].partition("=")[2] if values else ""), errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """HTTP basic auth; the secret is `user:password` as one text (UTF-8)."""

    header: str = "authorization"

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns where user and password are one of `secrets`; else Unauthorized."""
        scheme, _, text = header(request, self.header).partition(" ")
        if scheme.lower() != "basic":
            raise Unauthorized("malformed")
        size = len(text) // 4 * 3 - (len(text) - len(text.rstrip("=")))
        check_token(decode(text, "base64", size).decode("utf-8", "surrogateescape"), secrets)

    def sign(self, _request: Request, secret: bytes, _now: float) -> Mapping[str, str]:
        """The header."""
        return {self.header: "Basic " + ENCODE["base64"](secret)}


PATH_TOKEN = StaticToken()
BASIC_AUTH = BasicAuth()
