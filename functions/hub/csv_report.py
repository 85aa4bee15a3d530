"""The report of a file's rows, as a file that spreadsheets open: in it, nothing is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

HEADER = ("row", "what happened", "why")
MARK = "\ufeff"  # by which Excel knows UTF-8
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection, read 2026-11).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as comma-separated lines."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([safe(str(cell)) for cell in row] for row in rows)
    return text.getvalue()
