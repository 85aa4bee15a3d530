"""Field maps compiled to two plain functions each, once: nothing of a map is looked up while records pass.

The source is made of our own lines below; of a map only names get into it, as literals (`repr` of checked texts), and
codecs by position. No record and no value ever does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.codec import Codec, Unfit
from hub.field_rules import Rule
from hub.names_written import full_name

OursOf = Callable[[Mapping[str, Any], Mapping[str, str] | None], dict[str, str | None]]
TheirsOf = Callable[[Mapping[str, str | None], Mapping[str, str] | None], dict[str, Any]]
PARTS = ("first_name", "last_name")
# What a codec is given beside the value, as an expression.
_GIVEN = {"": "value", "owners": "value, owners", "currency": "value, row[{currency}]"}


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the functions are made of: each rule with its codec, and the map's own words.

    `clear` is how an emptied field is written, `placeholder` what stands for a name that there is not, `whole_name`
    their field for a name that nobody has split; `as_text`: numbers and truths are written as texts.
    """

    lines: tuple[tuple[Rule, Codec], ...]
    clear: str | None = None
    placeholder: str = ""
    whole_name: str = ""
    as_text: bool = False


def joins_name(plan: Plan) -> bool:
    """Whether the whole name is made of its parts, for the platform has none of its own."""
    names = {rule.ours for rule, _codec in plan.lines if rule.reads}
    return names >= set(PARTS) and "name" not in names


def splits_no_name(plan: Plan) -> bool:
    """Whether a name that nobody has split is written to the field for that."""
    return bool(plan.whole_name) and all(rule.ours != "name" or not rule.writes for rule, _codec in plan.lines)


def compiled(plan: Plan) -> tuple[OursOf, TheirsOf]:
    """`ours(row, owners)` and `theirs(fields, owners)`; what a codec calls unfit is left out."""
    source = "\n".join([*_ours(plan), *_theirs(plan)])
    known: dict[str, Any] = {"Unfit": Unfit, "full_name": full_name}
    for number, (_rule, codec) in enumerate(plan.lines):
        known[f"read_{number}"] = codec.read
        known[f"write_{number}"] = as_text(codec) if plan.as_text else codec.write
    exec(compile(source, "<field map>", "exec"), known)  # noqa: S102 - our own lines, names as literals
    return known["ours"], known["theirs"]


def as_text(codec: Codec) -> Callable[..., Any]:
    """The codec's writing with numbers and truths as texts."""

    def write(*given: Any) -> Any:
        written = codec.write(*given)
        return tuple(map(_text, written)) if isinstance(written, tuple) else _text(written)

    return write


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def literal(text: str) -> str:
    """The text as Python source; TypeError for whatever is not exactly a text."""
    if type(text) is not str:
        raise TypeError("only texts are put into source")
    return repr(text)


def _ours(plan: Plan) -> Iterator[str]:
    yield "def ours(row, owners):"
    yield " said = {}"
    for number, (rule, codec) in enumerate(plan.lines):
        if rule.reads:
            yield from _reading(plan, number, rule, codec)
    if joins_name(plan):
        yield " if 'first_name' in said and 'last_name' in said:"
        yield "  said['name'] = full_name(said['first_name'], said['last_name'])"
    yield " return said"


def _reading(plan: Plan, number: int, rule: Rule, codec: Codec) -> Iterator[str]:
    ours, theirs, currency = literal(rule.ours), literal(rule.theirs), literal(rule.currency)
    stands = bool(plan.placeholder) and rule.codec in ("text", "name")
    yield f" if {theirs} in row" + (f" and {currency} in row:" if rule.currency else ":")
    yield f"  value = row[{theirs}]"
    if codec.plain:
        yield "  if value.__class__ is str:"
        yield f"   said[{ours}] = value.strip() or None"
        yield "  elif value is None:"
    else:
        yield "  if value is None or value == '' or (value.__class__ is str and value.isspace()):"
    yield f"   said[{ours}] = None"
    yield "  else:"
    yield f"   try: said[{ours}] = read_{number}({_GIVEN[codec.given].format(currency=currency)})"
    yield "   except Unfit: pass"
    if stands:
        yield f"  if said.get({ours}) == {literal(plan.placeholder)}: said[{ours}] = None"


def _theirs(plan: Plan) -> Iterator[str]:
    yield "def theirs(fields, owners):"
    yield " row = {}"
    for number, (rule, codec) in enumerate(plan.lines):
        if rule.writes:
            yield from _writing(plan, number, rule, codec)
    if splits_no_name(plan):
        yield " if fields.get('name') and 'first_name' not in fields and 'last_name' not in fields:"
        yield f"  row[{literal(plan.whole_name)}] = fields['name']"
    yield " return row"


def _writing(plan: Plan, number: int, rule: Rule, codec: Codec) -> Iterator[str]:
    ours, theirs = literal(rule.ours), literal(rule.theirs)
    empty = _empty(plan, rule, codec)
    yield f" if {ours} in fields:"
    yield f"  value = fields[{ours}]"
    yield "  if value:"
    if codec.plain:
        yield f"   row[{theirs}] = value"
    else:
        target = f"row[{theirs}]" if not rule.currency else "amount, currency"
        yield f"   try: {target} = write_{number}({'value, owners' if codec.given == 'owners' else 'value'})"
        yield "   except Unfit: pass"
    if rule.currency:
        yield "   else:"
        yield f"    row[{theirs}] = amount"
        yield f"    if currency: row[{literal(rule.currency)}] = currency"
    if empty is not None:
        yield f"  else: row[{theirs}] = {empty}"


def _empty(plan: Plan, rule: Rule, codec: Codec) -> str | None:
    """How the field is emptied, as source; None where the platform would never have that."""
    if rule.required:
        return literal(plan.placeholder) if plan.placeholder and rule.codec in ("text", "name") else None
    if codec.cleared == []:
        return "[]"
    return "None" if plan.clear is None else literal(plan.clear)
