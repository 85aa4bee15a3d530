"""Strict, bounded parsing of what strangers send, and getters that never raise on what was parsed.

Each parser returns plain data or raises Quarantine with a reason that holds no value from the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from hub.errors import Quarantine

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_STRING = 256 * 1024  # bytes
MAX_DIGITS = 100
MAX_FIELDS = 1000
MAX_EXACT = 2**53  # what a double, and so JavaScript, can hold
BOM = b"\xef\xbb\xbf"

# Possessive and closed by the end of text, so that no body makes it look back: linear in the length.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_ODD_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_ODD = re.compile("[\x00\ud800-\udfff]")


def parse_json(body: bytes) -> Any:
    """The one JSON document in `body` (UTF-8): depth <= 64, <= 100,000 values, strings <= 256 KB, no key twice.

    Integers beyond 2^53 become strings; NUL and lone surrogates become U+FFFD. Raises Quarantine.
    """
    text = _utf8(body.removeprefix(BOM))
    _check_shape(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
        )
    except ValueError as error:
        raise Quarantine("not JSON") from error
    if len(body) > MAX_STRING or _ODD_ESCAPE.search(text):
        return _clean(value)
    return value


def parse_pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in their order, blank ones too; at most 1000, UTF-8. Raises Quarantine."""
    text = _utf8(body)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise Quarantine("not UTF-8") from error
    except ValueError as error:
        raise Quarantine("more than 1000 form fields") from error
    return [(_clean_text(name), _clean_text(value)) for name, value in pairs]


def parse_form(body: bytes) -> dict[str, str]:
    """As `parse_pairs`, for forms in which each name has one value; raises Quarantine where it has two."""
    form: dict[str, str] = {}
    for name, value in parse_pairs(body):
        if form.setdefault(name, value) != value:
            raise Quarantine("a form field has two values")
    return form


def parse_xml(body: bytes) -> Element:
    """The root element of an XML document without DTD: UTF-8, <= 1 MB, depth <= 50. Raises Quarantine."""
    from hub.parsing_xml import parse

    return parse(_utf8(body.removeprefix(BOM)))


def at(value: Any, *path: str | int) -> Any:
    """What lies at the path of keys and indices, or None where the path breaks."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: Any, *path: str | int) -> str | None:
    """The string there, or None where there is none or it is empty."""
    found = at(value, *path)
    return found if isinstance(found, str) and found else None


def id_at(value: Any, *path: str | int) -> str | None:
    """An id there: a string, or an integer as text; None for anything else."""
    found = at(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found else None


def int_at(value: Any, *path: str | int) -> int | None:
    """The integer there, also where it is written as at most 18 ASCII digits in a string; else None."""
    found = at(value, *path)
    if isinstance(found, str):
        return whole(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def bool_at(value: Any, *path: str | int) -> bool | None:
    """The boolean there, or None."""
    found = at(value, *path)
    return found if isinstance(found, bool) else None


def list_at(value: Any, *path: str | int) -> list[Any]:
    """The list there, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def dict_at(value: Any, *path: str | int) -> dict[str, Any]:
    """The object there, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def whole(text: str | None) -> int | None:
    """A non-negative integer of at most 18 ASCII digits, or None."""
    return int(text) if text and len(text) <= 18 and text.isascii() and text.isdigit() else None


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Quarantine("not UTF-8") from error


def _check_shape(text: str) -> None:
    """Bounds depth and number of values before anything recurses; the quick count is never too low."""
    opened = text.count("[") + text.count("{")
    if opened <= MAX_DEPTH and opened + text.count(",") < MAX_NODES:
        return
    bare = _STRING.sub("", text)
    if bare.count("[") + bare.count("{") + bare.count(",") >= MAX_NODES:
        raise Quarantine("too many values")
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise Quarantine("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {_clean_text(key): value for key, value in pairs}
    if len(found) != len(pairs):
        raise Quarantine("a key appears twice")
    return found


def _integer(digits: str) -> int | str:
    if len(digits) > MAX_DIGITS:
        raise Quarantine("a number is out of range")
    number = int(digits)
    return number if -MAX_EXACT <= number <= MAX_EXACT else digits


def _float(digits: str) -> float:
    number = float(digits) if len(digits) <= MAX_DIGITS else float("inf")
    if number in (float("inf"), float("-inf")):
        raise Quarantine("a number is out of range")
    return number


def _constant(_name: str) -> Any:
    raise Quarantine("a number is out of range")


def _clean(value: Any) -> Any:
    # Recursion is safe: the depth was bounded before.
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {key: _clean(item) for key, item in value.items()} if isinstance(value, dict) else value


def _clean_text(text: str) -> str:
    if len(text) > MAX_STRING // 4 and len(text.encode("utf-8", "surrogatepass")) > MAX_STRING:
        raise Quarantine("a string is too long")
    return _ODD.sub("\ufffd", text)


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    """The non-empty strings among `values`, in their order."""
    return tuple(value for value in values if isinstance(value, str) and value)
