"""A file of separated values -> its rows, whatever program wrote it: encoding and separator are found out, and said.

Encodings are tried in this order: what a byte order mark names; UTF-16 without one, by its zero bytes; UTF-8; Shift_JIS
as Windows writes it (cp932), where the letters beyond ASCII stand in runs, as Japanese does; windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.errors import Reject

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932", "windows-1252")
SEPARATORS = (",", ";", "\t", "|")
SAMPLE_LINES = 50
MAX_CELL = 20_000  # characters; more is a quotation mark that nobody closed
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How files begin that people take for a CSV file.
_OTHERS = (
    (b"PK\x03\x04", "an Excel workbook or an archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file"),
)
_SAID = re.compile(r"\Asep=(.)\r?\n")  # what Excel writes, and understands
_RUN = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f]{2,}")
_WIDE = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text, with how it was read."""

    text: str
    encoding: str
    separator: str

    def rows(self) -> Iterator[list[str]]:
        """Its rows, the header first; Reject where a cell does not end."""
        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Reject(f"the file cannot be read on from line {reader.line_num}: {error}") from error
            yield row


def table_of(body: bytes, encoding: str | None = None, separator: str | None = None) -> Table:
    """The file as rows; what is None is found out. Reject where it is no text, with the place or what it is instead."""
    if other := next((what for mark, what in _OTHERS if body.startswith(mark)), None):
        raise Reject(f"the file is {other}: save it as CSV (UTF-8) and upload that")
    found = encoding or encoding_of(body)
    text = decoded(body, found)
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    return Table(text, found, separator or (said[1] if said else separator_of(text)))


def decoded(body: bytes, encoding: str) -> str:
    """The text without its byte order mark; Reject with the place where it is no such text."""
    mark = next((mark for mark, name in _MARKS if name == encoding and body.startswith(mark)), b"")
    try:
        return body[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Reject(f"the file is not written in {encoding}: line {line} holds bytes that it does not know") from error


def encoding_of(body: bytes) -> str:
    """The encoding, as far as can be told; the last one tried where none is better."""
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    if marked or not body:
        return marked or "utf-8"
    if zeros := _utf_16(body):
        return zeros
    if _readable(body, "utf-8") is not None:
        return "utf-8"
    japanese = _readable(body, "cp932")
    return "cp932" if japanese is not None and _in_runs(japanese) else "windows-1252"


def separator_of(text: str) -> str:
    """The separator that divides the first lines into the same number of columns, and the most; else a comma."""
    lines = text.split("\n", SAMPLE_LINES)[:SAMPLE_LINES]
    return max(SEPARATORS, key=lambda one: (_columns(lines, one), -SEPARATORS.index(one)))


def _columns(lines: Sequence[str], separator: str) -> tuple[float, int]:
    """The share of lines with as many columns as the first one, then that number; nothing where it is one, or endless."""
    csv.field_size_limit(MAX_CELL)
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return 0.0, 0
    width = len(rows[0]) if rows else 0
    if width < 2:
        return 0.0, 0
    return round(sum(len(row) == width for row in rows) / len(rows), 1), width


def _utf_16(body: bytes) -> str | None:
    """Which half of most pairs is zero: the first, or the second one."""
    sample = body[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    least = len(sample) // 8
    if max(even, odd) <= least or min(even, odd) > least // 4:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _readable(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def _in_runs(text: str) -> bool:
    """Whether most of what is beyond ASCII stands beside its like; umlauts read as Japanese stand alone."""
    wide = len(_WIDE.findall(text))
    return sum(len(run) for run in _RUN.findall(text)) * 2 > wide
