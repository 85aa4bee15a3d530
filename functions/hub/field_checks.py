"""A connection's own lines, checked against the map and against what the platform says of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from hub.domain.sync import NativeField
from hub.field_overrides import MOST_LINES, Lines
from hub.field_rules import BrokenMap, BrokenRule, Rule, Word, rule_of
from hub.fields import FieldMap

CUSTOM = "x_"
_PLACE = ("phone", "website", "street", "city", "region", "postal_code", "country", "owner")
_PERSON = (
    *("name", "first_name", "last_name", "email", "mobile", "title", "company", "lifecycle", "language", "tags"),
    *("consent_email", "consent_sms", "consent_whatsapp", "consent_call", "company_ref", *_PLACE),
)
# Our fields by object; besides them there are those of the connector's own map, and custom ones.
OUR_FIELDS: Mapping[str, frozenset[str]] = {
    "contact": frozenset(_PERSON),
    "lead": frozenset(_PERSON),
    "company": frozenset({"name", "domain", "industry", "employees", *_PLACE}),
}

_TEXTS = frozenset({"text", "name", "phone", "email", "html", "list", "mm_ss", "date", "instant", "picklist"})
_IDS = frozenset({"reference", "owner"})
_WHOLE = frozenset({"integer", "seconds", "milliseconds", "minutes", "instant_s", "instant_ms"})
_NUMBERS = _WHOLE | {"decimal", "money"}
_WORDS = frozenset({"picklist", "text"})
# The type of a platform's field in the words of `describe` -> the codecs that it can take; of others nothing is known.
FITTING: Mapping[str, frozenset[str]] = {
    "text": _TEXTS | _IDS,
    "url": frozenset({"text"}),
    "phone": frozenset({"phone", "text"}),
    "email": frozenset({"email", "text"}),
    "integer": _WHOLE | _IDS,
    "decimal": _NUMBERS | _IDS,
    "number": _NUMBERS | _IDS,
    "boolean": frozenset({"boolean", "picklist"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"instant", "instant_ms", "instant_s"}),
    "instant": frozenset({"instant", "instant_ms", "instant_s"}),
    "instant_s": frozenset({"instant_s"}),
    "picklist": _WORDS | {"integer", "list"},
    "list": frozenset({"list", "text"}),
    "reference": _IDS | {"text"},
}

Wrong = tuple[str, str]  # our field, what is wrong with its line in a sentence
Described = Mapping[str, NativeField]
Check = Callable[[FieldMap, Rule, Described], "str | None"]


def wrong_lines(base: FieldMap, lines: Lines, described: Sequence[NativeField]) -> list[Wrong]:
    """What is wrong with each line, one sentence each; [] where they can be saved."""
    if len(lines) > MOST_LINES:
        return [("fields", f"There are more than {MOST_LINES} lines.")]
    fields = {one.name: one for one in described}
    wrong = [(ours, why) for ours, line in lines.items() if (why := _wrong(base, ours, line, fields))]
    return wrong or list(_twice(base, lines))


def _wrong(base: FieldMap, ours: str, line: object, fields: Described) -> str | None:
    if line is None:
        return None if ours in base.rules else "The connector has no such line to drop."
    try:
        rule = rule_of(ours, line)
        FieldMap(base.our_object, base.native_object, {ours: rule})
    except BrokenRule as error:
        return f"The line {error}."
    except BrokenMap as error:
        return f"The line {str(error).partition(f': {ours} ')[2]}"
    return next((why for check in _CHECKS if (why := check(base, rule, fields))), None)


def _known_to_us(base: FieldMap, rule: Rule, _fields: Described) -> str | None:
    known = base.rules.keys() | OUR_FIELDS.get(base.our_object, frozenset())
    if rule.ours in known or (rule.ours.startswith(CUSTOM) and rule.ours != CUSTOM):
        return None
    return f"This is none of our fields: a field of your own is called {CUSTOM}, then a name."


def _known_there(base: FieldMap, rule: Rule, fields: Described) -> str | None:
    theirs = {one.theirs for one in base.rules.values()} | {one.currency for one in base.rules.values()}
    for name in filter(None, (rule.theirs, rule.currency)):
        if not {name, name.partition(".")[0]} & fields.keys() and name not in theirs:
            return "The platform has no such field."
    return None


def _writable(_base: FieldMap, rule: Rule, fields: Described) -> str | None:
    found = fields.get(rule.theirs)
    if found is None or found.writable or not rule.writes:
        return None
    return 'The platform lets nobody write this field: say direction = "in".'


def _fitting(_base: FieldMap, rule: Rule, fields: Described) -> str | None:
    found = fields.get(rule.theirs)
    fit = FITTING.get(found.type) if found else None
    if found is None or fit is None or rule.codec in fit or (rule.codec == "text" and not rule.writes):
        return None
    return f"The field is of type {found.type}, which goes with {', '.join(sorted(fit))}."


def _known_words(_base: FieldMap, rule: Rule, fields: Described) -> str | None:
    found = fields.get(rule.theirs)
    if found is None or not found.options or not rule.words:
        return None
    options = {value for value, _label in found.options}
    missing = [ours for ours, several in rule.words.items() if not {_option(one) for one in several} <= options]
    return f"The platform's list lacks what stands for {_some(missing)}." if missing else None


def _option(word: Word) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")


_CHECKS: tuple[Check, ...] = (_known_to_us, _known_there, _writable, _fitting, _known_words)


def _twice(base: FieldMap, lines: Lines) -> Iterator[Wrong]:
    """Lines that write where another line does; what is taken over from the connector must be dropped by name."""
    own = {ours: rule_of(ours, line) for ours, line in lines.items() if line is not None}
    kept = {ours: rule for ours, rule in base.rules.items() if ours not in lines}
    writers: dict[str, str] = {}
    for ours, rule in (*kept.items(), *own.items()):
        first = writers.setdefault(rule.theirs, ours) if rule.writes else ours
        if first != ours:
            yield ours, f"{first} is written to the same field: drop that line (null), or name another field."
