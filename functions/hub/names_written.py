"""A name made of its parts, as its owner writes it."""

from __future__ import annotations

import unicodedata

_SCRIPTS = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC ITERATION")


def full_name(first: str | None, last: str | None) -> str | None:
    """The name as its owner writes it: family name first and unspaced where both parts are in kanji or kana."""
    parts = [part for part in (first, last) if part]
    if len(parts) == 2 and all(_east_asian(part) for part in parts):
        return parts[1] + parts[0]
    return " ".join(parts) or None


def _east_asian(text: str) -> bool:
    return not text.isascii() and all(unicodedata.name(letter, "").startswith(_SCRIPTS) for letter in text)
