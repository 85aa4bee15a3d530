"""Queries put together from names of our own and literals that are escaped.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/ (quoted strings, date formats; read
November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hub.domain.events import unix_ms

_MILLISECONDS = re.compile(r"\.\d+")


def select(names: Iterable[str], entity: str, where: str = "", order: str = "", limit: int = 0) -> str:
    """The query; `where` and `order` are conditions and fields without the keyword."""
    parts = ["SELECT", ", ".join(names), "FROM", entity, *(("WHERE", where) if where else ())]
    parts += ["ORDER BY", order] if order else []
    return " ".join([*parts, *(("LIMIT", str(limit)) if limit else ())])


def text(value: str) -> str:
    """A text as a literal of a query."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def texts(values: Iterable[str]) -> str:
    """Texts as a list of a query."""
    return f"({', '.join(text(value) for value in values)})"


def moment(at: str) -> str:
    """An RFC 3339 UTC time as a literal of a query, cut to the second; raises ValueError where it is none."""
    unix_ms(at)
    return _MILLISECONDS.sub("", at)
