"""Names as records have them, compared with what is known of how they are read.

The table of readings is loaded when two holders of one number are called differently, and not before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import Any

from hub.domain.called import called, is_person
from hub.domain.names import Parts, name_of
from hub.domain.namesakes import Called, two_people


def names_of(records: Iterable[Mapping[str, Any]]) -> list[Called]:
    """What records of people say somebody is called, deleted or not."""
    said = [
        found for record in records if is_person({**record, "deleted": False}) for found in called(record["fields"])
    ]
    names = ((name_of(text), known) for text, known in said)
    return [Called(name, known) for name, known in names if name]


def differ(some: Collection[Called], others: Collection[Called]) -> bool:
    """Whether both are called something, and none of the names can be one person's with one of the others'."""
    return bool(some) and bool(others) and all(_two_people(one, other) for one, other in product(some, others))


@lru_cache(maxsize=1024)
def _two_people(one: Called, other: Called) -> bool:
    if one.name.same_as(other.name):
        return False
    from hub.readings import Readings

    return two_people(_read(one), _read(other), Readings())


def _read(one: Called) -> Called:
    found = name_of(one.name.written, _readings)
    return Called(found, one.family_first) if found else one


def _readings(parts: Parts) -> Iterable[Parts]:
    from hub.readings import read

    return read(parts)
