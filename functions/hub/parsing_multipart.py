"""multipart/form-data with the limits of `hub.parsing`; the boundary is read from the body's first line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.errors import Quarantine
from hub.parsing import MAX_FIELDS, MAX_STRING

_BOUNDARY = re.compile(rb"\A(--[0-9A-Za-z'()+_,./:=?-]{1,70})\r\n")
_NAME = re.compile(rb'\A[^\r\n]*?form-data\s*;[^\r\n]*?\bname="([^"\r\n]*)"', re.IGNORECASE)
_FILENAME = re.compile(rb'\bfilename="([^"\r\n]*)"', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
MAX_HEADERS = 4096  # bytes of one part


def is_multipart(body: bytes) -> bool:
    """Whether the body begins as a form of parts does."""
    return bool(_BOUNDARY.match(body))


def parse_multipart(body: bytes) -> list[tuple[str, str]]:
    """The fields in their order, a file as its name alone; at most 1000, UTF-8, 256 KB each. Raises Quarantine."""
    return [_field(head, content) for head, content in _parts(body)]


def without_field(body: bytes, name: str) -> bytes:
    """The body without the parts of that name, its other bytes as they were; raises Quarantine."""
    boundary = _boundary(body)
    pieces = (b"\r\n" + body).split(b"\r\n" + boundary)
    kept = [piece for piece in pieces if not piece.startswith(b"\r\n") or _named(piece[2:]) != name]
    return (b"\r\n" + boundary).join(kept)[2:]


def _parts(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    pieces = (b"\r\n" + body).split(b"\r\n" + _boundary(body))
    if len(pieces) - 2 > MAX_FIELDS:
        raise Quarantine("more than 1000 form fields")
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Quarantine("the form has no end")
    for piece in pieces[1:-1]:
        head, found, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found or len(head) > MAX_HEADERS:
            raise Quarantine("a part of the form has no name")
        yield head, content


def _boundary(body: bytes) -> bytes:
    found = _BOUNDARY.match(body)
    if not found:
        raise Quarantine("not a form of parts")
    return found[1]


def _named(piece: bytes) -> str | None:
    return _text(found[1]) if (found := _disposition(piece[:MAX_HEADERS], _NAME)) else None


def _disposition(head: bytes, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
    line = _DISPOSITION.search(head.partition(b"\r\n\r\n")[0])
    return pattern.search(line[1]) if line else None


def _field(head: bytes, content: bytes) -> tuple[str, str]:
    named = _disposition(head, _NAME)
    if named is None:
        raise Quarantine("a part of the form has no name")
    file = _disposition(head, _FILENAME)
    return _text(named[1]), _text(file[1] if file else content)


def _text(raw: bytes) -> str:
    """Browsers write a quote in a name as %22; NUL becomes U+FFFD."""
    if len(raw) > MAX_STRING:
        raise Quarantine("a string is too long")
    try:
        return raw.decode("utf-8").replace("%22", '"').replace("\x00", "\ufffd")
    except UnicodeDecodeError as error:
        raise Quarantine("not UTF-8") from error
