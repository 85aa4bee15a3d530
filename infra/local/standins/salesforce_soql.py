"""SOQL as far as the hub asks it, read strictly: all else is a malformed query.

SOQL and SOSL reference (SELECT syntax, date formats), read November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.salesforce_schema import Fields, refuse

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
MOST_ROWS = 2000
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>\w+(?:\.\w+)*)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))"
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda held, asked: _folded(held) == _folded(asked),
    "!=": lambda held, asked: _folded(held) != _folded(asked),
    "<": lambda held, asked: held is not None and held < asked,
    ">": lambda held, asked: held is not None and held > asked,
    "<=": lambda held, asked: held is not None and held <= asked,
    ">=": lambda held, asked: held is not None and held >= asked,
}
_WORDS = {"true": True, "false": False, "null": None}


def malformed() -> Exception:
    """The answer to a text that is no query."""
    return refuse(400, "MALFORMED_QUERY", "unexpected token")


@dataclass(slots=True)
class Query:
    """A query read: `counts` for SELECT COUNT()."""

    fields: list[str]
    sobject: str
    test: Test
    order: list[str] = field(default_factory=list)
    limit: int = 50_000
    counts: bool = False
    named: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, str]]
    fields: Callable[[str], Fields]
    sobject: str = ""
    named: list[str] = field(default_factory=list)

    def word(self, *wanted: str) -> str | None:
        """Takes the next word or sign if it is one of these."""
        if self.tokens and self.tokens[0][0] in ("word", "sign") and self.tokens[0][1].upper() in wanted:
            return self.tokens.pop(0)[1].upper()
        return None

    def need(self, wanted: str) -> None:
        """The next word or sign must be this."""
        if self.word(wanted) is None:
            raise malformed()

    def take(self, kind: str) -> str:
        """The next token, which must be of that kind."""
        if not self.tokens or self.tokens[0][0] != kind:
            raise malformed()
        return self.tokens.pop(0)[1]

    def listed(self, each: Callable[[], Any]) -> list[Any]:
        """One or more, with commas between."""
        found = [each()]
        while self.word(","):
            found.append(each())
        return found

    def condition(self) -> Test:
        """Conditions joined by AND or by OR; both only with parentheses, as Salesforce insists."""
        tests, joint = [self.one()], self.word("AND", "OR")
        while joint:
            tests.append(self.one())
            further = self.word("AND", "OR")
            if further and further != joint:
                raise malformed()
            if further is None:
                break
        together = any if joint == "OR" else all
        return lambda row: together(test(row) for test in tests)

    def one(self) -> Test:
        """A comparison, or a condition in parentheses."""
        if self.word("("):
            inner = self.condition()
            self.need(")")
            return inner
        name = self.take("word")
        self.named.append(name)
        if self.word("IN"):
            self.need("(")
            wanted = {_folded(one) for one in self.listed(lambda: self.value(name))}
            self.need(")")
            return lambda row: _folded(row.get(name)) in wanted
        compare, asked = _SIGNS.get(self.take("sign")), self.value(name)
        if compare is None:
            raise malformed()
        return lambda row: compare(_comparable(row.get(name)), asked)

    def value(self, name: str) -> Any:
        """A literal of the field's type; Refused with INVALID_FIELD where it is quoted and should not be, or otherwise."""
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        known = self.fields(self.sobject).get(name, {"type": "string"})["type"]
        expected = {"datetime": "moment", "date": "day", "int": "number", "currency": "number", "boolean": "word"}
        if kind == "word" and text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if kind != expected.get(known, "text"):
            raise refuse(400, "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of type {known}")
        if kind == "number":
            return float(text)
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else _comparable(text)


def read(soql: str, fields: Callable[[str], Fields]) -> Query:
    """The query; Refused with 400 MALFORMED_QUERY or INVALID_FIELD."""
    reader = _Reader(_tokens(soql), fields)
    reader.need("SELECT")
    names = [] if _count(reader) else reader.listed(lambda: reader.take("word"))
    reader.need("FROM")
    reader.sobject = reader.take("word")
    fields(reader.sobject)
    test = reader.condition() if reader.word("WHERE") else lambda _row: True
    order = _order(reader)
    limit = int(reader.take("number")) if reader.word("LIMIT") else 50_000
    if reader.tokens:
        raise malformed()
    return Query(names, reader.sobject, test, order, limit, not names, [*names, *reader.named, *order])


def _tokens(soql: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(soql.rstrip()):
        match = _TOKEN.match(soql, at)
        if match is None or match.lastgroup is None:
            raise malformed()
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _count(reader: _Reader) -> bool:
    if reader.word("COUNT") is None:
        return False
    reader.need("(")
    reader.need(")")
    return True


def _order(reader: _Reader) -> list[str]:
    if reader.word("ORDER") is None:
        return []
    reader.need("BY")

    def one() -> str:
        name = reader.take("word")
        reader.word("ASC")
        return name

    return [str(name) for name in reader.listed(one)]


def _folded(value: Any) -> Any:
    # Comparisons of text ignore case, those of ids do not (an id of 18 characters survives either).
    return value.casefold() if isinstance(value, str) else value


def _comparable(value: Any) -> Any:
    """A time of a row or of a query in one form."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+0000)", value):
        return value[:19]
    return value
