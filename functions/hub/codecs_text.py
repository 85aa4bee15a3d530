"""Codecs of what people write: texts, names, phones, e-mails, lists, HTML."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from hub.codec import Codec, Unfit
from hub.emails import email_identifier
from hub.field_rules import Rule
from hub.phones import phone_identifier

OUR_SEPARATOR = ";"
MAX_HTML = 200_000  # characters
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def read_text(value: Any) -> str | None:
    """The text, number or truth as text without spaces around it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise Unfit("it is a list or an object where one text is expected")
    return str(value).strip() or None


def read_name(value: Any) -> str | None:
    """The name composed (NFC), with single spaces."""
    found = read_text(value)
    return _single_spaced(found) if found else None


def write_text(value: str) -> str:
    """The text as it is."""
    return value


def same_text(one: str, other: str) -> bool:
    """The same letters, however they are composed and lines end."""
    return one == other or _letters(one) == _letters(other)


def same_name(one: str, other: str) -> bool:
    """The same letters, however many spaces are between them."""
    return one == other or _single_spaced(one) == _single_spaced(other)


def same_phone(one: str, other: str, region: str | None = None) -> bool:
    """One number as E.164; of what is no whole number, the same digits and letters without punctuation."""
    if one == other:
        return True
    whole = phone_identifier(one, region), phone_identifier(other, region)
    if all(whole):
        return whole[0] == whole[1]
    marks = _dialled(one), _dialled(other)
    return marks[0] == marks[1] != ""


def same_email(one: str, other: str) -> bool:
    """One address, in whatever case and form it is written."""
    if one == other:
        return True
    addresses = email_identifier(one), email_identifier(other)
    return addresses[0] == addresses[1] if any(addresses) else one.strip().casefold() == other.strip().casefold()


def _letters(value: str) -> str:
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n").strip())


def _single_spaced(value: str) -> str:
    return unicodedata.normalize("NFC", " ".join(value.split()))


def _dialled(value: str) -> str:
    return "".join(sign for sign in value.casefold() if sign.isalnum() or sign == "+")


def list_of(rule: Rule) -> Codec:
    """Their list, or text parted by the rule's separator, as `one; two`; the order is nothing, nor is a copy."""
    return Codec(
        read=_reader(rule.separator),
        write=_writer(rule.separator),
        same=lambda one, other: set(_items(one)) == set(_items(other)),
        cleared=None if rule.separator else [],
    )


def _reader(separator: str) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        parts = value.split(separator) if separator and isinstance(value, str) else value
        if not isinstance(parts, (list, tuple)) or not all(isinstance(part, (str, int)) for part in parts):
            raise Unfit("it is no list of texts")
        items = list(dict.fromkeys(item for part in parts if (item := str(part).strip())))
        if any(OUR_SEPARATOR in item for item in items):
            raise Unfit("an entry of the list has a semicolon in it, which parts entries here")
        return f"{OUR_SEPARATOR} ".join(items) or None

    return read


def _writer(separator: str) -> Callable[[str], list[str] | str]:
    def write(value: str) -> list[str] | str:
        items = _items(value)
        if separator and any(separator in item for item in items):
            raise Unfit("an entry of the list holds what parts entries on the platform")
        return separator.join(items) if separator else items

    return write


def _items(value: str) -> list[str]:
    return list(dict.fromkeys(item for part in value.split(OUR_SEPARATOR) if (item := part.strip())))


def read_html(value: Any) -> str | None:
    """What a person would read of it: lines by blocks and breaks, no script, no style."""
    if not isinstance(value, str) or len(value) > MAX_HTML:
        raise Unfit("it is no HTML, or too long for one field")
    reader = _Reader()
    reader.feed(value)
    reader.close()
    return _tidy("".join(reader.said)) or None


def write_html(value: str) -> str:
    """The text as HTML that shows it: escaped, a break for each end of a line."""
    return "<br>".join(html.escape(line, quote=False) for line in _tidy(value).split("\n"))


def same_html(one: str, other: str) -> bool:
    """The same lines and words, however many spaces are between them."""
    return one == other or _tidy(one) == _tidy(other)


def _tidy(value: str) -> str:
    lines = _letters(value).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(_SPACES.sub(" ", line).strip() for line in lines)).strip()


class _Reader(HTMLParser):
    """Collects text; a line ends where a block begins or ends."""

    SILENT = frozenset({"script", "style", "head", "template"})
    BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """A break ends a line, a block begins on its own."""
        self._silent += tag in self.SILENT
        self._end_line(tag == "br", tag in self.BLOCKS)

    def handle_endtag(self, tag: str) -> None:
        """What follows a block stands on its own line."""
        self._silent -= tag in self.SILENT and self._silent > 0
        self._end_line(False, tag in self.BLOCKS)

    def handle_data(self, data: str) -> None:
        """White space of the source is one space."""
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))

    def _end_line(self, always: bool, unless_begun: bool) -> None:
        fresh = not self.said or self.said[-1].endswith("\n")
        if not self._silent and (always or (unless_begun and not fresh)):
            self.said.append("\n")


TEXT = Codec(read_text, write_text, same_text, plain=True)
NAME = Codec(read_name, write_text, same_name)
PHONE = Codec(read_text, write_text, same_phone, plain=True)
EMAIL = Codec(read_text, write_text, same_email, plain=True)
HTML = Codec(read_html, write_html, same_html)
