"""What people type to find somebody: read more kindly than what joins customers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_PLUS = re.compile(r"\A (?=[0-9])")  # a plus sign in a query is a space
# Whoever answers the main number knows the extension.
_EXTENSION = re.compile(
    r"[\s,;(]*(?:ext(?:ension|n)?|x|#|内線|доб)[\s.:=]*(?:番号)?[\s:]*[0-9]{1,9}[\s)]*\Z", re.IGNORECASE
)
# From most countries, from Japan, from North America; some regions dial another one, which phonenumbers knows.
_ABROAD = re.compile(r"\A(?:00|010|011)[ .()-]*(?=[1-9])")


def phones_meant(text: str) -> Iterator[str]:
    """The number without its extension; also as an international one where it begins as those are dialled."""
    typed = _EXTENSION.sub("", _PLUS.sub("+", unicodedata.normalize("NFKC", text)))
    yield typed
    if _ABROAD.match(typed):
        yield _ABROAD.sub("+", typed)
