"""The body that our page gives the administrator, read from JSON or from a form: the same flat names in both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.errors import Quarantine
from hub.parsing import BOM, id_at, parse_form, parse_json, text_at
from hub.rows import plain_fields

_WORD = re.compile(r"\A[a-z_]{1,40}\Z", re.ASCII)
_ID = re.compile(r"\A[0-9]{1,25}\Z", re.ASCII)
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")
_NOTHING = frozenset({"null", "nil", "none"})


def read_template(body: bytes) -> dict[str, Any]:
    """The fields of the body that were filled in; Quarantine where it is not the template's.

    A placeholder that Freshsales did not replace says nothing; an empty one says that the field is empty.
    """
    bare = body.removeprefix(BOM).lstrip()
    fields = parse_json(body) if bare[:1] in (b"{", b"[") else parse_form(bare)
    if not isinstance(fields, dict) or text_at(fields, "object") is None:
        raise Quarantine("not the body of the template: it names no object")
    return {name: _value(value) for name, value in plain_fields(fields).items() if not _unfilled(value)}


def _unfilled(value: object) -> bool:
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value))


def _value(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else value
    return None if text == "" or (isinstance(text, str) and text.lower() in _NOTHING) else text


def word(fields: Mapping[str, Any], name: str) -> str:
    """A word of the template in lower case, or `unknown`."""
    text = (text_at(fields, name) or "").lower()
    return text if _WORD.match(text) else "unknown"


def record_id(fields: Mapping[str, Any], name: str = "id") -> str | None:
    """A record's id (digits), or None."""
    found = id_at(fields, name)
    return found if found and _ID.match(found) else None
