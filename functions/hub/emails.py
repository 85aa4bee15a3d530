"""E-mail addresses as identifiers: compared by the rules that hold for every mailbox, never guessed at."""

from __future__ import annotations

import re
import unicodedata

from hub.domain.events import Identifier

MAX_LENGTH = 254
_ADDRESS = re.compile(r"\A[^@\s<>()\[\],;:\\\"]{1,64}@(?:[^@\s<>()\[\],;:\\\".]+\.)+[^@\s<>()\[\],;:\\\".]{2,}\Z")
_SPACES = " \u00a0\u3000"
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # yet printable to Python


def email_identifier(raw: str | None) -> Identifier | None:
    """The address trimmed and in lower case; None where it is none, or one that only looks like another.

    Composed as in NFC; of the domain, the root's dot is dropped and `xn--` labels are spelled out. The part after +
    stays, and dots before the @ do: whether they mean the same person is the provider's rule. An address with a
    character that stands for another (full-width letters, ligatures, the Kelvin sign) or that nobody sees is not
    compared.
    """
    text = (raw or "")[: MAX_LENGTH * 2].strip(_SPACES)
    if not _plain(text):
        return None
    mailbox, _, domain = unicodedata.normalize("NFC", text.lower()).rpartition("@")
    value = f"{mailbox}@{_spelled_out(domain.removesuffix('.'))}"
    return Identifier(kind="email", value=value) if len(value) <= MAX_LENGTH and _ADDRESS.match(value) else None


def _plain(text: str) -> bool:
    """Whether each character is itself: lower case would turn the Kelvin sign into a k, and strangers into one."""
    if text.isascii():
        return text.isprintable()
    itself = all(unicodedata.normalize("NFKC", sign) == sign for sign in set(text))
    return itself and text.isprintable() and not _UNSEEN.search(text)


def _spelled_out(domain: str) -> str:
    return ".".join(_unicode_label(label) if label.startswith("xn--") else label for label in domain.split("."))


def _unicode_label(label: str) -> str:
    """The label as people read it; itself where it is not what a registry would have made of that.

    By punycode alone: Python's own codec follows IDNA 2003, where straße.de and strasse.de are one domain.
    """
    try:
        spelled = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    same = spelled.lower() == spelled == unicodedata.normalize("NFC", spelled) and not spelled.isascii()
    return spelled if same and _plain(spelled) and "." not in spelled else label
