"""Queries of the Web API as far as the hub asks them, read strictly: all else is a bad request.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query/filter-rows (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.standins.dynamics_schema import Table, refuse

Flat = Mapping[str, Any]
Test = Callable[[Flat], bool]
OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$skiptoken", "$deltatoken"})
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)|(?P<number>-?\d+)"
    r"|(?P<word>[\w.]+)|(?P<sign>[()\[\],=]))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, asked: _folded(held) == _folded(asked),
    "ne": lambda held, asked: _folded(held) != _folded(asked),
    "ge": lambda held, asked: held is not None and held >= asked,
    "gt": lambda held, asked: held is not None and held > asked,
    "le": lambda held, asked: held is not None and held <= asked,
    "lt": lambda held, asked: held is not None and held < asked,
}
_WORDS = {"true": True, "false": False, "null": None}
_IN = "Microsoft.Dynamics.CRM.In"


def malformed(why: str = "Syntax error") -> Exception:
    """The answer to a query that is none."""
    return refuse(400, "0x8006088b", why)


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, str]]
    table: Table

    def peek(self, *wanted: str) -> bool:
        """Whether the next token is one of these."""
        return bool(self.tokens) and self.tokens[0][1] in wanted

    def take(self, kind: str) -> str:
        """The next token, which must be of that kind."""
        if not self.tokens or self.tokens[0][0] != kind:
            raise malformed()
        return self.tokens.pop(0)[1]

    def need(self, *wanted: str) -> None:
        """The next tokens must be these."""
        for one in wanted:
            if not self.peek(one):
                raise malformed()
            self.tokens.pop(0)

    def either(self) -> Test:
        """Conditions joined by `or`."""
        tests = [self.all()]
        while self.peek("or"):
            self.need("or")
            tests.append(self.all())
        return lambda row: any(test(row) for test in tests)

    def all(self) -> Test:
        """Conditions joined by `and`, which binds more tightly."""
        tests = [self.one()]
        while self.peek("and"):
            self.need("and")
            tests.append(self.one())
        return lambda row: all(test(row) for test in tests)

    def one(self) -> Test:
        """A comparison, a function, or conditions in parentheses."""
        if self.peek("("):
            self.need("(")
            inner = self.either()
            self.need(")")
            return inner
        name = self.take("word")
        if name == _IN:
            return self._in()
        if name == "endswith":
            return self._ends()
        column, compare = self.column(name), _COMPARE.get(self.take("word"))
        if compare is None:
            raise malformed()
        asked = self.value(column)
        return lambda row: compare(row.get(column), asked)

    def column(self, name: str) -> str:
        """A column that can be asked for."""
        if name not in self.table.selectable():
            raise refuse(400, "0x80060888", f"Could not find a property named '{name}'")
        return name

    def value(self, column: str) -> Any:
        """A literal of the column's type; ids cannot be compared by size, and stand without quotes."""
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        known = self.table.columns.get(column, {"type": "string"})["type"]
        wanted = {"datetime": "moment", "int": "number", "choice": "number", "boolean": "word"}.get(known, "text")
        if kind == "word" and text == "null":
            return None
        if kind != wanted or (kind == "word" and text not in _WORDS):
            raise malformed(f"A literal of the type {known} was expected")
        plain: Mapping[str, Callable[[], Any]] = {
            "text": lambda: text[1:-1].replace("''", "'"),
            "number": lambda: int(text),
            "word": lambda: _WORDS[text],
        }
        return plain.get(kind, lambda: text)()

    def _in(self) -> Test:
        self.need("(", "PropertyName", "=")
        column = self.column(self.take("text")[1:-1])
        self.need(",", "PropertyValues", "=", "[")
        values = {self.take("text")[1:-1]}
        while self.peek(","):
            self.need(",")
            values.add(self.take("text")[1:-1])
        self.need("]", ")")
        return lambda row: row.get(column) in values

    def _ends(self) -> Test:
        self.need("(")
        column = self.column(self.take("word"))
        self.need(",")
        end = self.value(column)
        self.need(")")
        return lambda row: str(row.get(column) or "").casefold().endswith(str(end).casefold())


def condition(text: str | None, table: Table) -> Test:
    """The test of a `$filter`; Refused with 400 where it is none."""
    if text is None:
        return lambda _row: True
    reader = _Reader(_tokens(text), table)
    test = reader.either()
    if reader.tokens:
        raise malformed()
    return test


def selected(query: Mapping[str, str], table: Table) -> list[str]:
    """The names of `$select`, all where there is none; Refused for an option or a column that is not there."""
    if unknown := query.keys() - OPTIONS:
        raise malformed(f"The query parameter {sorted(unknown)[0]} is not supported")
    names = query["$select"].split(",") if "$select" in query else sorted(table.selectable())
    reader = _Reader([], table)
    return [reader.column(name) for name in names]


def ordered(text: str | None, table: Table) -> list[str]:
    """The columns of an `$orderby`, ascending."""
    reader = _Reader([], table)
    return [reader.column(one.strip().removesuffix(" asc")) for one in text.split(",")] if text else []


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise malformed()
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
