"""A shared secret inside the body, as a JSON value or a form field; and how it is taken out before anything is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote_plus

from hub.delivery import Connection, Request
from hub.errors import Quarantine, Unauthorized
from hub.parsing import at, parse_json, parse_pairs
from hub.signing import bounded, check_token


@dataclass(frozen=True, slots=True)
class JsonToken:
    """The secret as the string at `path` of a JSON body."""

    path: tuple[str, ...]

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns where the token is one of `secrets`; else Unauthorized."""
        try:
            token = at(parse_json(request.body), *self.path)
        except Quarantine as error:
            raise Unauthorized("malformed") from error
        if token is not None and not isinstance(token, str):
            raise Unauthorized("malformed")
        check_token(bounded(token or ""), secrets)

    def sign(self, _request: Request, _secret: bytes, _now: float) -> Mapping[str, str]:
        """No header: see `sign_request`."""
        return {}

    def sign_request(self, request: Request, secret: bytes, _now: float) -> Request:
        """The request with the token in its body, written anew; unchanged where the body has no place for it."""
        try:
            document = json.loads(request.body)
        except ValueError:
            return request
        holder = at(document, *self.path[:-1])
        if not isinstance(holder, dict):
            return request
        holder[self.path[-1]] = secret.decode("utf-8")
        return replace(request, body=json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())

    def without(self, body: bytes) -> bytes:
        """The body of a proven request with an empty string in place of the token, its other bytes as they were."""
        token = at(parse_json(body), *self.path)
        if not isinstance(token, str) or not token:
            return body
        name = re.escape(json.dumps(self.path[-1]).encode())
        cleaned = re.sub(name + rb'(\s*:\s*)("(?:[^"\\]|\\.)*")', lambda found: _emptied(found, token), body)
        return cleaned if at(parse_json(cleaned), *self.path) == "" else self._rewritten(body)

    def _rewritten(self, body: bytes) -> bytes:
        request = self.sign_request(Request("POST", "", {}, body.removeprefix(b"\xef\xbb\xbf")), b"", 0.0)
        return request.body


@dataclass(frozen=True, slots=True)
class FormToken:
    """The secret as one field of a form; the field stands there once."""

    field: str

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns where the token is one of `secrets`; else Unauthorized."""
        try:
            values = [value for name, value in parse_pairs(request.body) if name == self.field]
        except Quarantine as error:
            raise Unauthorized("malformed") from error
        if len(values) > 1:
            raise Unauthorized("malformed")
        check_token(bounded("".join(values)), secrets)

    def sign(self, _request: Request, _secret: bytes, _now: float) -> Mapping[str, str]:
        """No header: see `sign_request`."""
        return {}

    def sign_request(self, request: Request, secret: bytes, _now: float) -> Request:
        """The request with the token as the last field of its form."""
        kept = self._others(request.body)
        field = f"{quote_plus(self.field)}={quote_plus(secret.decode('utf-8'))}".encode()
        return replace(request, body=b"&".join([*kept, field]))

    def without(self, body: bytes) -> bytes:
        """The body of a proven request without the field."""
        return b"&".join(self._others(body))

    def _others(self, body: bytes) -> list[bytes]:
        parts = [part for part in body.split(b"&") if part]
        return [part for part in parts if not any(name == self.field for name, _ in parse_pairs(part))]


def _emptied(found: re.Match[bytes], token: str) -> bytes:
    whole, value = found[0], found[2]
    return whole[: -len(value)] + b'""' if json.loads(value) == token else whole
