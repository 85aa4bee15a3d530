"""What records of people say somebody is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.domain.name_tables import NAME_FIELDS, NO_PEOPLE
from hub.domain.names import fold, orders, parts_of
from hub.domain.registers import held


def names_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What live records of people say the name is: in one field, or in two."""
    texts = [text for record in records if is_person(record) for text, _ in called(record["fields"])]
    return list(dict.fromkeys(texts))


def is_person(record: Mapping[str, Any]) -> bool:
    """Whether the record is a person's and not deleted."""
    return record["object"] not in NO_PEOPLE and not record.get("deleted")


def called(fields: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """The names in a record's fields; True for one that is known to begin with the family name."""
    said = {name: value(fields, name) for name in NAME_FIELDS}
    divided = " ".join(part for part in (said["last_name"], said["first_name"]) if part)
    # The same name twice, with and without the space that tells its parts: the one that tells them.
    again = fold(said["name"]).replace(" ", "") in orders(parts_of(divided))
    found = [(divided, bool(said["last_name"])), ("" if again else said["name"], False)]
    return [(text, known) for text, known in found if text]


def value(fields: Mapping[str, Any], name: str) -> str:
    """What a record holds in a field now, "" for nothing."""
    return str(held(fields[name])["value"] or "") if name in fields else ""
