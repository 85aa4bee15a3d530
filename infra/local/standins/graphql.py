"""GraphQL for stand-ins: documents are read, checked against a table of types, and answered from plain values.

https://spec.graphql.org/October2021/ as far as our clients write it: operations with variables, fields with aliases and
arguments, fragments by name, lists and objects as values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'\.\.\.|[_A-Za-z]\w*|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|[!$():=\[\]{}]|[\s,]+', re.ASCII)
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
# type -> its fields, each with the type of its value ("" for a scalar) and the names of its arguments
Types = Mapping[str, Mapping[str, tuple[str, frozenset[str]]]]
Inputs = Mapping[str, frozenset[str]]


class Invalid(Exception):
    """The document or its variables are not what the schema allows; `code` is the platform's word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in the place of a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is asked for; `fragment` names a fragment instead."""

    name: str
    alias: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    selected: tuple[Field, ...] = ()
    fragment: str = ""


@dataclass(slots=True)
class Document:
    """An operation with its fragments: type and fields by name; `declared` are its variables' types."""

    kind: str = "query"
    declared: dict[str, str] = field(default_factory=dict)
    selected: tuple[Field, ...] = ()
    fragments: dict[str, tuple[str, tuple[Field, ...]]] = field(default_factory=dict)

    def fields(self, selected: tuple[Field, ...]) -> Iterator[Field]:
        """The fields, those of fragments among them."""
        for one in selected:
            if one.fragment:
                yield from self.fields(self.fragments[one.fragment][1])
            else:
                yield one


class Reader:
    """Reads a document; raises Invalid where it is none."""

    def __init__(self, text: str) -> None:
        self._tokens = [token for token in _tokens(text) if token.strip(" \t\r\n,")]
        self._at = 0

    def document(self) -> Document:
        """The whole of it."""
        found = Document()
        while self._at < len(self._tokens):
            if self._peek() == "fragment":
                self._next()
                name, _on, on_type = self._next(), self._next("on"), self._next()
                found.fragments[name] = (on_type, self._selection())
            else:
                found.kind = self._next() if self._peek() in ("query", "mutation") else "query"
                found.declared = dict(self._variables()) if self._peek() == "(" else {}
                found.selected = self._selection()
        return found

    def _variables(self) -> Iterator[tuple[str, str]]:
        self._next("(")
        while self._peek() != ")":
            self._next("$")
            name = self._next()
            self._next(":")
            written = ""
            while self._peek() not in ("$", ")"):
                written += self._next()
            yield name, written
        self._next(")")

    def _selection(self) -> tuple[Field, ...]:
        self._next("{")
        found = []
        while self._peek() != "}":
            found.append(self._field())
        self._next("}")
        return tuple(found)

    def _field(self) -> Field:
        if self._peek() == "...":
            self._next()
            return Field("", fragment=self._next())
        name = alias = self._next()
        if self._peek() == ":":
            self._next()
            name = self._next()
        arguments = dict(self._pairs("(", ")")) if self._peek() == "(" else {}
        return Field(name, alias, arguments, self._selection() if self._peek() == "{" else ())

    def _pairs(self, opening: str, closing: str) -> Iterator[tuple[str, Any]]:
        self._next(opening)
        while self._peek() != closing:
            name = self._next()
            self._next(":")
            yield name, self._value()
        self._next(closing)

    def _value(self) -> Any:
        token = self._peek()
        if token == "$":
            self._next()
            return Variable(self._next())
        if token == "{":
            return dict(self._pairs("{", "}"))
        token = self._next()
        if token[0] == '"' or token[0] in "-0123456789":
            return json.loads(token)
        return _WORDS.get(token, token)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise Invalid("parseError", f"unexpected {token or 'end'}, expecting {wanted or 'more'}")
        self._at += 1
        return token


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Invalid("parseError", f"unexpected {text[at]!r}")
        at = found.end()
        yield found[0]


@dataclass(frozen=True, slots=True)
class Schema:
    """What may be asked: `roots` by kind of operation, `inputs` the fields of input objects by type."""

    types: Types
    inputs: Inputs
    roots: Mapping[str, str]

    def check(self, document: Document, variables: Mapping[str, Any]) -> None:
        """Raises Invalid for unknown fields, arguments, variables, and fields of inputs, and for missing variables."""
        if set(variables) - set(document.declared):
            raise Invalid("variableNotDefined", "a variable is given that the document does not declare")
        for name, written in document.declared.items():
            self._check_variable(name, written, variables.get(name))
        self._check_fields(document, document.selected, self.roots[document.kind])

    def _check_variable(self, name: str, written: str, value: Any) -> None:
        if value is None and written.endswith("!"):
            raise Invalid("INVALID_VARIABLE", f"Variable ${name} of type {written} was provided invalid value")
        known = self.inputs.get(written.strip("[]!"))
        for one in value if isinstance(value, list) else [value]:
            if known is not None and isinstance(one, dict) and set(one) - known:
                wrong = sorted(set(one) - known)[0]
                raise Invalid("INVALID_VARIABLE", f"{wrong} is no field of {written}")

    def _check_fields(self, document: Document, selected: tuple[Field, ...], type_name: str) -> None:
        for one in selected:
            if one.fragment:
                on_type, fields = document.fragments[one.fragment]
                self._check_fields(document, fields, on_type)
                continue
            if one.name not in self.types[type_name]:
                raise Invalid("undefinedField", f"Field '{one.name}' doesn't exist on type '{type_name}'")
            inner, arguments = self.types[type_name][one.name]
            if set(one.arguments) - arguments:
                raise Invalid("argumentNotAccepted", f"Field '{one.name}' doesn't accept all of its arguments")
            if bool(inner) != bool(one.selected):
                raise Invalid("selectionMismatch", f"Field '{one.name}' must have selections, or none")
            if inner:
                self._check_fields(document, one.selected, inner)


def arguments_of(one: Field, variables: Mapping[str, Any]) -> dict[str, Any]:
    """A field's arguments with the variables' values in place."""
    return {name: _filled(value, variables) for name, value in one.arguments.items()}


def answered(
    document: Document, variables: Mapping[str, Any], resolve: Callable[[str, Mapping[str, Any]], Any]
) -> dict[str, Any]:
    """The data: for each field of the root what `resolve(name, arguments)` gives, cut to what is asked for."""
    return {
        one.alias: _cut(document, resolve(one.name, arguments_of(one, variables)), one.selected)
        for one in document.fields(document.selected)
    }


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, Variable):
        return variables.get(value.name)
    return {name: _filled(one, variables) for name, one in value.items()} if isinstance(value, dict) else value


def _cut(document: Document, value: Any, selected: tuple[Field, ...]) -> Any:
    if value is None or not selected:
        return value
    if isinstance(value, list):
        return [_cut(document, one, selected) for one in value]
    fields = document.fields(selected)
    return {one.alias: _cut(document, _held(value, one), one.selected) for one in fields}


def _held(value: Mapping[str, Any], one: Field) -> Any:
    found = value.get(one.name)
    first = one.arguments.get("first")
    if not isinstance(found, dict) or "nodes" not in found or not isinstance(first, int):
        return found
    return {"nodes": found["nodes"][:first], "pageInfo": {"hasNextPage": len(found["nodes"]) > first}}
