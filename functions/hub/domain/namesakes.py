"""Whether two names are plainly two people's: the one thing that names decide, and only against joining.

A number or mailbox that a mother has in one CRM and her son in another looks like one person's to everything but the
names. Where whole names can be compared and their given names differ, nobody is joined by what both hold. Another
surname with the same given name is a marriage or a slip; a surname, a nickname or a given name alone says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from typing import Protocol

from hub.domain.names import Name, Parts

# A slip in a long name leaves it as near as this.
NEAR = 0.9
SHORTEST_BEGINNING = 3  # letters of a short form: Rob, Tom, Kat
# Short forms that are no beginning of the name (given names as they are used, English).
SHORT_FORMS: Mapping[str, frozenset[str]] = {
    short: frozenset(names.split())
    for short, names in {
        "bob": "robert",
        "rob": "robert",
        "bill": "william",
        "will": "william",
        "liam": "william",
        "dick": "richard",
        "rick": "richard eric",
        "jack": "john",
        "jim": "james",
        "mike": "michael",
        "mick": "michael",
        "ted": "edward theodore",
        "ned": "edward",
        "hank": "henry",
        "harry": "henry harold",
        "chuck": "charles",
        "tony": "anthony",
        "alex": "alexander alexandra",
        "sandy": "alexandra",
        "kate": "katherine catherine",
        "katie": "katherine catherine",
        "kitty": "katherine",
        "liz": "elizabeth",
        "lisa": "elizabeth",
        "beth": "elizabeth",
        "betty": "elizabeth",
        "peggy": "margaret",
        "meg": "margaret",
        "maggie": "margaret",
        "polly": "mary",
        "molly": "mary",
        "sally": "sarah",
        "tom": "thomas",
        "tommy": "thomas",
        "andy": "andrew",
        "drew": "andrew",
        "jenny": "jennifer",
        "nick": "nicholas",
        "steve": "stephen steven",
        "dave": "david",
        "joe": "joseph",
        "joey": "joseph",
        "larry": "lawrence",
        "gene": "eugene",
        "becky": "rebecca",
        "debbie": "deborah",
        "sue": "susan",
        "patty": "patricia",
        "trish": "patricia",
    }.items()
}


class Table(Protocol):
    """What is known of parts of names, as written in kanji or as they sound."""

    def is_surname(self, part: str) -> bool | None:
        """Whether it is rather a surname than a given name; None where it may be both, or is not known."""
        ...

    def knows(self, part: str) -> bool:
        """Whether it is in the table."""
        ...


@dataclass(frozen=True, slots=True)
class Called:
    """A name; `family_first` is True where its two parts are known to be the family name and the given name."""

    name: Name
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """A name in two parts of one script, and which of them is the surname, where that is known."""

    parts: Parts
    surname_at: int | None


def two_people(one: Called, other: Called, table: Table) -> bool:
    """Whether both are whole names and cannot be one person's, however they are written and ordered."""
    if one.name.same_as(other.name):
        return False
    pairs = list(_comparable(one, other, table))
    return bool(pairs) and not any(_may_be_one(a, b, table) for a, b in pairs)


def _comparable(one: Called, other: Called, table: Table) -> Iterator[tuple[_Form, _Form]]:
    """Both names in two parts each, in one script."""
    for a, b in product(_forms(one, table), _forms(other, table)):
        if _latin(a.parts) != _latin(b.parts):
            continue
        if len(a.parts) == len(b.parts) == 2:
            yield a, b
        elif {len(a.parts), len(b.parts)} == {1, 2}:
            yield from _divided_alike(a, b)


def _forms(one: Called, table: Table) -> Iterator[_Form]:
    name = one.name
    fields = 0 if one.family_first else None
    told = [table.is_surname(part) for part in name.parts] if len(name.parts) == 2 else []
    known = 0 if told in ([True, False], [True, None], [None, False]) else 1 if told and any(told) else fields
    yield _Form(name.parts, fields if name.reads_itself else known)
    # How kanji are read is told with the surname first; kana and letters stand as they were written.
    yield from (_Form(sounds, fields if name.reads_itself else 0) for sounds in name.sounds)


def _divided_alike(a: _Form, b: _Form) -> Iterator[tuple[_Form, _Form]]:
    """A name without a space, divided where a part of the other one ends or begins."""
    whole, form = (a, b) if len(a.parts) == 1 else (b, a)
    text = whole.parts[0]
    for part in form.parts:
        rests = [text.removeprefix(part), text.removesuffix(part)]
        yield from ((form, _Form((part, rest), None)) for rest in rests if SHORTEST_BEGINNING <= len(rest) < len(text))


def _latin(parts: Parts) -> bool:
    return all(part.isascii() for part in parts)


def _may_be_one(a: _Form, b: _Form, table: Table) -> bool:
    """Whether both parts agree, in either order, or the given name does."""
    agreeing = {(n, m) for n, m in product((0, 1), (0, 1)) if _alike(a.parts[n], b.parts[m], table)}
    whole = {(0, 0), (1, 1)} <= agreeing or {(0, 1), (1, 0)} <= agreeing
    return whole or any(not _is_surname(a, b, n, m, table) for n, m in agreeing)


def _is_surname(a: _Form, b: _Form, n: int, m: int, table: Table) -> bool:
    """Whether the part that agrees is the surname: by its place, by the tables, by the custom of the script."""
    placed = {at == form.surname_at for at, form in ((n, a), (m, b)) if form.surname_at is not None}
    if len(placed) == 1:
        return placed.pop()
    told = [
        table.is_surname(a.parts[n]),
        *(_turned(table.is_surname(part)) for part in (a.parts[1 - n], b.parts[1 - m])),
    ]
    votes = [one for one in told if one is not None]
    if votes.count(True) != votes.count(False):
        return votes.count(True) > votes.count(False)
    return bool(placed) or n == (1 if _latin(a.parts) else 0)


def _turned(known: bool | None) -> bool | None:
    return None if known is None else not known


def _alike(one: str, other: str, table: Table) -> bool:
    if one == other or _short_form(one, other, table) or _short_form(other, one, table):
        return True
    same_script = one.isascii() and other.isascii()
    return same_script and SequenceMatcher(None, one, other, autojunk=False).ratio() >= NEAR


def _short_form(short: str, name: str, table: Table) -> bool:
    """T or Thom for Thomas, and what is no beginning; not Shou for Shouta, who is somebody else."""
    if not short.isascii() or (table.knows(name) and len(short) > 1):
        return False
    begins = len(short) == 1 or len(short) >= SHORTEST_BEGINNING
    return name in SHORT_FORMS.get(short, ()) or (begins and name.startswith(short))
