"""The secret of a form: the last segment of the URL, else the field `renkei_token`, whatever the form is sent as."""

from __future__ import annotations

from collections.abc import Sequence

from hub.delivery import Connection, Request
from hub.errors import Quarantine, Unauthorized
from hub.parsing import BOM
from hub.parsing_multipart import is_multipart, parse_multipart, without_field
from hub.schemes_body import FormToken, JsonToken
from hub.signatures import PATH_TOKEN
from hub.signing import bounded, check_token

FIELD = "renkei_token"
JSON_TOKEN, FORM_TOKEN = JsonToken((FIELD,)), FormToken(FIELD)


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """The secret in the URL where it has a segment after the connection's id, else in the body; raises Unauthorized."""
    if request.url.partition("?")[0].rpartition("/")[2] != connection.id:
        PATH_TOKEN.verify(request, secrets, connection, now)
    elif is_multipart(request.body):
        check_token(bounded(_from_parts(request.body)), secrets)
    else:
        (JSON_TOKEN if _is_json(request.body) else FORM_TOKEN).verify(request, secrets, connection, now)


def without_token(body: bytes) -> bytes:
    """The body without the secret, where it was sent there; as received where it cannot be read."""
    try:
        if is_multipart(body):
            return without_field(body, FIELD)
        return JSON_TOKEN.without(body) if _is_json(body) else _plain(body)
    except Quarantine:
        return body


def _plain(body: bytes) -> bytes:
    return FORM_TOKEN.without(body) if FIELD.encode() in body else body


def _from_parts(body: bytes) -> str:
    try:
        found = [value for name, value in parse_multipart(body) if name == FIELD]
    except Quarantine as error:
        raise Unauthorized("malformed") from error
    if len(found) > 1:
        raise Unauthorized("malformed")
    return "".join(found)


def _is_json(body: bytes) -> bool:
    return body.removeprefix(BOM).lstrip()[:1] == b"{"
