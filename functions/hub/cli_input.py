"""What the command line gives, parsed once: headers, settings, times, files. Every refusal is one sentence."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from hub.connector import KINDS, Connector, load, names
from hub.delivery import Connection, Request

CONNECTION_ID = "0" * 26
_HEADER_NAME = re.compile(r"\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_METHOD = re.compile(r"\A[A-Za-z]{1,16}\Z")
_SETTING_NAME = re.compile(r"\A[a-z][a-z0-9_]{0,63}\Z")
_UNIX_SECONDS = re.compile(r"\A[0-9]{1,11}(\.[0-9]+)?\Z", re.ASCII)
_UNIX_MS = re.compile(r"\A[0-9]{13}\Z", re.ASCII)  # as HubSpot's header has it; as seconds it would be the year 30000
_RFC_3339 = re.compile(
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})\Z", re.ASCII
)


# Why a signature is refused (hub.signatures) -> what that means to a person; other words stand for themselves.
REFUSALS = {
    "missing_signature": "the request carries no signature (or no token).",
    "malformed": "no request of this platform looks like that: check the headers, the URL and the body's bytes.",
    "wrong_signature": "it was not signed with this secret over these bytes, this URL and this method.",
    "wrong_token": "the token in the URL is not the secret.",
    "stale": "it was signed too long before the time given with --at (default now).",
    "future": "it was signed for a time after the one given with --at (default now).",
    "no_secret": "no --secret was given.",
}


class BadInput(Exception):
    """What was typed cannot be used; the message is one sentence for the person who typed it."""


def refusal(reason: str) -> str:
    """The sentence for a reason of `hub.errors.Unauthorized`."""
    return REFUSALS.get(reason, f"{reason.replace('_', ' ')}.")


def connector(name: str) -> Connector:
    """The connector of that name; BadInput lists the known ones."""
    try:
        return load(name)
    except KeyError:
        raise BadInput(f"There is no connector {name!r}; known are {', '.join(names()) or 'none'}.") from None
    except ImportError as error:
        raise BadInput(f"The connector {name!r} cannot be loaded: {error}.") from error


def content(file: str) -> bytes:
    """The bytes of the file, or of standard input for '-'."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise BadInput(f"There is no file {file!r}.") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"The file {file!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def headers(lines: Sequence[str]) -> dict[str, str]:
    """Header names in lower case; a repeated header is joined with a comma, as API Gateway does."""
    found: dict[str, str] = {}
    for line in lines:
        name, value = _header(line)
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _HEADER_NAME.match(name.strip()) or re.search(r"[\r\n\0]", value):
        raise BadInput(f"The header {line!r} is not of the form 'Name: value'.")
    return name.strip().lower(), value.strip()


def settings(pairs: Sequence[str]) -> dict[str, str]:
    """Settings of the connection from `name=value`."""
    return dict(_setting(pair) for pair in pairs)


def _setting(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not _SETTING_NAME.match(name):
        raise BadInput(f"The setting {pair!r} is not of the form 'name=value'.")
    return name, value


def instant(text: str | None) -> float:
    """Unix seconds from Unix seconds (or milliseconds, by their 13 digits) or RFC 3339; now for None."""
    if text is None:
        return time.time()
    if _UNIX_SECONDS.match(text):
        return float(text)
    if _UNIX_MS.match(text):
        return int(text) / 1000
    if not _RFC_3339.match(text):
        raise BadInput(f"The time {text!r} is neither Unix seconds nor RFC 3339 (2026-05-04T09:30:00Z).")
    try:
        return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError) as error:
        raise BadInput(f"The time {text!r} does not exist: {error}.") from error


def rfc_3339(text: str) -> str:
    """A time in RFC 3339 UTC with milliseconds; BadInput outside the years 2000 to 2100."""
    from hub.domain.events import instant as written

    try:
        return written(round(instant(text) * 1000))
    except ValueError as error:
        raise BadInput(f"The time {text!r} cannot be used: {error}.") from error


def method(text: str) -> str:
    """An HTTP method in upper case."""
    if not _METHOD.match(text):
        raise BadInput(f"{text!r} is no HTTP method.")
    return text.upper()


def request(verb: str, url: str, header_lines: Sequence[str], body: bytes) -> Request:
    """The HTTP request as the platform is said to have sent it."""
    return Request(method(verb), url, headers(header_lines), body, query=query_of(url))


def query_of(url: str) -> str:
    """The raw query of an http or https URL; BadInput for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadInput(f"The URL {url!r} cannot be read: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadInput(f"The URL {url!r} does not start with https:// and a host.")
    return parts.query


def connection(platform: str, pairs: Sequence[str], region: str | None = None) -> Connection:
    """A connection that exists on this command line only."""
    values: Mapping[str, str] = settings(pairs)
    if region is not None:
        values = {**values, "default_region": _region(region)}
    return Connection(CONNECTION_ID, platform, platform, settings=values)


def _region(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text, re.ASCII):
        raise BadInput(f"The region {text!r} is not two letters, such as JP.")
    return text.upper()


def kind(of: Connector, wanted: str | None, url: str | None) -> str:
    """The kind asked for, else the one in the webhook URL's path, else the connector's first."""
    if wanted is not None and wanted not in of.kinds:
        raise BadInput(f"{of.name} has the kinds {', '.join(sorted(of.kinds))}, not {wanted!r}.")
    in_path = [part for part in urlsplit(url or "").path.split("/") if part in of.kinds]
    first = [name for name in KINDS if name in of.kinds]
    return wanted or [*in_path, *first][0]
