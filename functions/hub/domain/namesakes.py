"""Whether two names are plainly two people's: the one thing that names decide, and only against joining.

A number or mailbox that a mother has in one CRM and her son in another looks like one person's to everything but the
names. Where whole names can be compared and their given names differ, nobody is joined by what both hold. Another
surname with the same given name is a marriage or a slip; a surname, a nickname or a given name alone says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product

from hub.domain.names import Name, Parts

# A name that is read wrongly, or romanised in another way, is still as near as this.
NEAR = 0.67
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
# Whether a part of a name, as written or as it sounds, is rather a surname; None where nobody knows.
IsSurname = Callable[[str], bool | None]


@dataclass(frozen=True, slots=True)
class Called:
    """A name; `family_first` is True where its two parts are known to be the family name and the given name."""

    name: Name
    family_first: bool = False


def two_people(one: Called, other: Called, is_surname: IsSurname) -> bool:
    """Whether both are whole names and cannot be one person's, however they are written and ordered."""
    if one.name.same_as(other.name):
        return False
    pairs = list(_comparable(one.name, other.name))
    return bool(pairs) and not any(_Match(one, other, a, b, is_surname).may_be_one for a, b in pairs)


def _comparable(one: Name, other: Name) -> Iterator[tuple[Parts, Parts]]:
    """Both names in two parts each, in one script."""
    for a, b in product((one.parts, *one.sounds), (other.parts, *other.sounds)):
        if len(a) == len(b) == 2 and _latin(a) == _latin(b):
            yield a, b


def _latin(parts: Parts) -> bool:
    return all(part.isascii() for part in parts)


@dataclass(frozen=True, slots=True)
class _Match:
    one: Called
    other: Called
    a: Parts
    b: Parts
    is_surname: IsSurname

    @property
    def may_be_one(self) -> bool:
        """Whether both parts agree, in either order, or the given name does."""
        across = self.one.name.reads_itself != self.other.name.reads_itself
        alike = _alike_in_latin if self._in_latin else _alike
        agreeing = {(n, m) for n, m in product((0, 1), (0, 1)) if alike(self.a[n], self.b[m], across)}
        whole = {(0, 0), (1, 1)} <= agreeing or {(0, 1), (1, 0)} <= agreeing
        return whole or any(not self._is_surname(n, m) for n, m in agreeing)

    @property
    def _in_latin(self) -> bool:
        return _latin(self.one.name.parts) and _latin(self.other.name.parts)

    def _is_surname(self, n: int, m: int) -> bool:
        """Whether the part that agrees is the surname: by the tables, by its fields, by the custom of the script."""
        told = [self.is_surname(self.a[n]), *map(_turned, map(self.is_surname, (self.a[1 - n], self.b[1 - m])))]
        known = next((one for one in told if one is not None), None)
        if known is not None:
            return known
        placed = [at == 0 for at, who in ((n, self.one), (m, self.other)) if who.family_first]
        return any(placed) if placed else n == (1 if _latin(self.one.name.parts) else 0)


def _turned(known: bool | None) -> bool | None:
    return None if known is None else not known


def _alike(one: str, other: str, across: bool) -> bool:
    if one == other:
        return True
    if not (one.isascii() and other.isascii()):
        return False
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio >= (NEAR if across else 0.9)


def _alike_in_latin(one: str, other: str, across: bool) -> bool:
    return _alike(one, other, across) or _short_form(one, other) or _short_form(other, one)


def _short_form(short: str, name: str) -> bool:
    if len(short) == 1 or len(short) >= SHORTEST_BEGINNING:
        return short.isascii() and (name.startswith(short) or name in SHORT_FORMS.get(short, ()))
    return False
