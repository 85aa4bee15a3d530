"""E-mail addresses as identifiers: compared in lower case, never guessed at."""

from __future__ import annotations

import re
import unicodedata

from hub.domain.events import Identifier

MAX_LENGTH = 254
_ADDRESS = re.compile(r"\A[^@\s<>()\[\],;:\\\"]{1,64}@(?:[^@\s<>()\[\],;:\\\".]+\.)+[^@\s<>()\[\],;:\\\".]{2,}\Z")


def email_identifier(raw: str | None) -> Identifier | None:
    """The address trimmed and in lower case; None where it is none, or one that only looks like another.

    The part after + stays: whether it means the same person is the provider's rule. An address that changes under
    NFKC (full-width letters, ligatures) or holds invisible characters is not compared.
    """
    value = (raw or "")[: MAX_LENGTH * 2].strip(" ").lower()
    if len(value) > MAX_LENGTH or not _ADDRESS.match(value) or not _plain(value):
        return None
    return Identifier(kind="email", value=value)


def _plain(value: str) -> bool:
    if value.isascii():
        return value.isprintable()
    return unicodedata.normalize("NFKC", value) == value and value.isprintable()
