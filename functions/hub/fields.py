"""The two-way field map of a CRM connector: one line per field in `fields.toml`, read and compiled once.

```toml
[contacts]                 # the platform's object
object = "contact"         # ours
whole_name = "lastname"    # their field for a name that nobody has split
placeholder = "(unknown)"  # what stands there for a last name the platform insists on
clear = ""                 # how an emptied field is written; null where this is not said
values = "text"            # numbers and truths are written as texts
[contacts.fields]
first_name = "firstname"   # a text, both ways
phone = { theirs = "phone", codec = "phone" }
lifecycle = { theirs = "lifecyclestage", codec = "picklist", words = { lead = "lead" }, policy = "monotonic" }
created_at = { theirs = "createdate", codec = "instant_ms", direction = "in" }
```

What a line may say is hub.field_rules.Rule, which codecs there are hub.codecs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from hub.codec import Codec, Unfit, equal
from hub.codecs import codec_of
from hub.codecs_text import same_phone
from hub.codecs_words import Emails, Owners, emails_of
from hub.field_rules import BrokenMap, BrokenRule, Rule, rule_of
from hub.fields_compile import OursOf, Plan, TheirsOf, compiled, joins_name
from hub.names_written import full_name

__all__ = ["BrokenMap", "FieldMap", "Held", "Rule", "full_name", "load", "map_of"]


@dataclass(frozen=True, slots=True)
class Held:
    """A field of ours that was left out, and why in a sentence without its value."""

    field: str
    why: str


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Ours <-> theirs for one object of a platform (contact, lead, company in our words).

    Rows are flat: `{their field: value}`, dotted for a part of a compound one. `to_theirs` maps our field to the
    platform's; `properties` are the platform's fields that we read. `readable` are our fields that `ours` may give,
    `writable` those that `theirs` takes as differences: `name` is among them only where the platform has a field for
    it, for a whole name belongs in `whole_name` on records that nobody has a first name of.
    """

    our_object: str
    native_object: str
    rules: Mapping[str, Rule]
    whole_name: str = ""
    placeholder: str = ""
    clear: str | None = None
    as_text: bool = False
    to_theirs: Mapping[str, str] = field(init=False, repr=False, compare=False)
    properties: tuple[str, ...] = field(init=False, repr=False, compare=False)
    readable: frozenset[str] = field(init=False, repr=False, compare=False)
    writable: frozenset[str] = field(init=False, repr=False, compare=False)
    _codecs: Mapping[str, Codec] = field(init=False, repr=False, compare=False)
    _ours: OursOf = field(init=False, repr=False, compare=False)
    _theirs: TheirsOf = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compiles the map; BrokenMap where a line names no codec or lacks what its codec needs."""
        lines = tuple((rule, _checked(self.native_object, rule)) for rule in self.rules.values())
        plan = Plan(lines, self.clear, self.placeholder, self.whole_name, self.as_text)
        ours, theirs = compiled(plan)
        for name, value in {**_names(plan), "_ours": ours, "_theirs": theirs}.items():
            object.__setattr__(self, name, value)

    def ours(self, theirs: Mapping[str, object], *, owners: Owners | None = None) -> dict[str, str | None]:
        """Our fields for the platform's fields present, with `name` where both its parts were given or one is set.

        None where the platform's is empty. `owners` are the account's users, best as id -> e-mail (hub.codecs_words.owners_by_id). What has no counterpart in
        our words is left out (see `held_back`).
        """
        return self._ours(theirs, emails_of(owners))

    def theirs(self, ours: Mapping[str, str | None], *, owners: Owners | None = None) -> dict[str, Any]:
        """The platform's fields for ours, None as the platform clears a field; without a counterpart: left out."""
        return self._theirs(ours, emails_of(owners))

    def same(self, name: str, one: str | None, other: str | None, *, region: str | None = None) -> bool:
        """Whether two of our values are one to the platform; `region` is where phones without a country code are."""
        if not one or not other:
            return (one or None) == (other or None)
        codec = self._codecs.get(name)
        if region and codec and codec.same is same_phone:
            return same_phone(one, other, region)
        return codec.same(one, other) if codec else equal(one, other)

    def held_back(
        self, values: Mapping[str, object], *, writing: bool = False, owners: Owners | None = None
    ) -> tuple[Held, ...]:
        """What `ours` leaves out of a row and why; with `writing`, what `theirs` leaves out of our fields."""
        emails = emails_of(owners)
        return tuple(self._held_writing(values, emails) if writing else self._held_reading(values, emails))

    def _held_reading(self, row: Mapping[str, Any], owners: Emails | None) -> Iterator[Held]:
        for name, rule in self.rules.items():
            value = row.get(rule.theirs)
            if not rule.reads or value in (None, "") or name in self._ours(row, owners):
                continue
            missing = rule.currency and rule.currency not in row
            given = {"owners": [owners], "currency": [row.get(rule.currency)]}.get(self._codecs[name].given, [])
            why = "its currency was not given with it" if missing else _why(self._codecs[name].read, value, *given)
            yield Held(name, f"The platform's value is left out: {why}.")

    def _held_writing(self, fields: Mapping[str, Any], owners: Emails | None) -> Iterator[Held]:
        for name, value in fields.items():
            rule = self.rules.get(name)
            if rule is None or not rule.writes or rule.theirs in self._theirs({name: value}, owners):
                continue
            given = [owners] if self._codecs[name].given == "owners" else []
            why = _why(self._codecs[name].write, value, *given) if value else "the platform insists on a value"
            yield Held(name, f"It is not written: {why}.")

    def with_rules(self, rules: Mapping[str, Rule]) -> FieldMap:
        """The map with more rules, or others for the same fields; BrokenMap as `load`."""
        return _checked_map(replace(self, rules={**self.rules, **rules}), self.native_object)


def _names(plan: Plan) -> dict[str, Any]:
    rules = [rule for rule, _codec in plan.lines]
    read = [name for rule in rules if rule.reads for name in (rule.theirs, rule.currency) if name]
    return {
        "to_theirs": {rule.ours: rule.theirs for rule in rules},
        "properties": tuple(dict.fromkeys(read)),
        "readable": frozenset({rule.ours for rule in rules if rule.reads} | ({"name"} if joins_name(plan) else set())),
        "writable": frozenset(rule.ours for rule in rules if rule.writes),
        "_codecs": {rule.ours: codec for rule, codec in plan.lines},
    }


def _why(convert: Any, *given: Any) -> str:
    try:
        convert(*given)
    except Unfit as unfit:
        return str(unfit)
    return "it is empty"


@cache
def load(path: Path) -> Mapping[str, FieldMap]:
    """The maps of a `fields.toml` by the platform's object; BrokenMap says which file, object and field are no use."""
    where = "/".join(path.parts[-2:])
    try:
        sections = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenMap(f"{where} is no TOML: {error}.") from error
    return {native: map_of(native, section, where) for native, section in sections.items()}


def map_of(native: str, section: object, where: str) -> FieldMap:
    """The map of one object's section; BrokenMap as `load`."""
    said = section if isinstance(section, Mapping) else {}
    lines, ours = said.get("fields"), said.get("object")
    if not isinstance(lines, Mapping) or not lines:
        raise BrokenMap(f"{where}, {native}: there is no table of fields.")
    if not isinstance(ours, str) or not ours:
        raise BrokenMap(f"{where}, {native}: `object` must say what it is in our words.")
    for name, value in said.items():
        _check_word(f"{where}, {native}", name, value)
    options = {name: said[name] for name in ("whole_name", "placeholder", "clear") if name in said}
    rules = dict(_rules(lines, f"{where}, {native}"))
    try:
        return _checked_map(FieldMap(ours, native, rules, as_text=said.get("values") == "text", **options), native)
    except BrokenMap as error:
        raise BrokenMap(f"{where}, {error}") from error


_WORDS = frozenset({"object", "fields", "whole_name", "placeholder", "clear", "values"})


def _check_word(where: str, name: str, value: object) -> None:
    if name not in _WORDS:
        raise BrokenMap(f"{where}: `{name}` is nothing that a map says.")
    if name != "fields" and not isinstance(value, str):
        raise BrokenMap(f"{where}: `{name}` must be a text.")
    if name == "values" and value != "text":
        raise BrokenMap(f'{where}: `values` can only be "text".')


def _rules(lines: Mapping[str, object], where: str) -> Iterable[tuple[str, Rule]]:
    for ours, line in lines.items():
        try:
            yield ours, rule_of(ours, line)
        except BrokenRule as error:
            raise BrokenMap(f"{where}: {ours} {error}.") from error


def _checked(native: str, rule: Rule) -> Codec:
    try:
        return codec_of(rule)
    except BrokenRule as error:
        raise BrokenMap(f"{native}: {rule.ours} {error}.") from error


def _checked_map(made: FieldMap, native: str) -> FieldMap:
    """The map, where no two of our fields are written to one of theirs."""
    written: dict[str, str] = {}
    for rule in made.rules.values():
        if rule.writes and written.setdefault(rule.theirs, rule.ours) != rule.ours:
            raise BrokenMap(f"{native}: {rule.ours} is written to the same field as {written[rule.theirs]}.")
    return made
