"""Customers found by name: a blind index, with no name in a key.

| item | pk | sk | body |
|---|---|---|---|
| index entry | `N#<hash of a key>` | `<persona>` | names: {written: [parts, sounds]}, phones, emails, companies |

The keys are those of hub.domain.blocks: beginnings of folded names, and what names, phones and addresses have in common
with those like them. `match_customers` writes the entries; they are checked against what the customer is called now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hub.customer import Customer
from hub.directory import Directory
from hub.domain.blocks import queries
from hub.domain.name_tables import NAME_FIELDS, NO_PEOPLE
from hub.domain.names import Name, fold, orders, parts_of
from hub.domain.registers import held
from hub.ports import Item, Store

PAGE = 100
MOST_READ = 300  # entries of one key that a search looks at


class NameIndex:
    """Finds customers by what they are called; reads only."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def pk(self, key: str) -> str:
        """The partition of a key."""
        return f"N#{self._directory.hashed('name index ' + key)}"

    def under(self, key: str, most: int) -> Iterator[Item]:
        """The entries of a key, at most so many."""
        start: str | None = None
        while most > 0:
            page = self._store.query(self.pk(key), limit=min(PAGE, most), start=start)
            yield from page.items
            most -= len(page.items)
            start = page.next_key
            if start is None:
                return

    def search(self, text: str, limit: int = 25) -> list[Customer]:
        """The customers whose name, or a part of it, is or begins with the text as folded: whole names first."""
        found: dict[str, Customer] = {}
        looked = set[str]()
        for key, beginning in queries(text):
            for item in self.under(key, MOST_READ):
                if item.sk in looked or not (names := _beginning(item, beginning)):
                    continue
                looked.add(item.sk)
                customer = self._directory.customer(item.sk)
                if customer and names & called(customer):
                    found.setdefault(customer.id, customer)
                if len(found) >= limit:
                    return list(found.values())
        return list(found.values())


def _beginning(item: Item, beginning: str) -> set[str]:
    """The names of an entry that begin so, in a part or as a whole, as written or as read."""
    return {one.written for one in names_in(item) if any(text.startswith(beginning) for text in one.texts)}


def names_in(item: Item) -> list[Name]:
    """The names of an index entry."""
    said = item.body.get("names", {})
    return [Name(tuple(parts), tuple(map(tuple, sounds))) for parts, sounds in said.values()]


def called(customer: Customer) -> set[str]:
    """What the customer is called now, folded."""
    return {fold(text) for text in names_of(customer.records)}


def names_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What live records of people say the name is: in one field, or in two."""
    texts = [text for record in records if is_person(record) for text in _names(record["fields"])]
    return list(dict.fromkeys(texts))


def is_person(record: Mapping[str, Any]) -> bool:
    """Whether the record is a person's and not deleted."""
    return record["object"] not in NO_PEOPLE and not record.get("deleted")


def _names(fields: Mapping[str, Any]) -> list[str]:
    said = {name: value(fields, name) for name in NAME_FIELDS}
    divided = " ".join(part for part in (said["last_name"], said["first_name"]) if part)
    # The same name twice, with and without the space that tells its parts: the one that tells them.
    again = fold(said["name"]).replace(" ", "") in orders(parts_of(divided))
    return [text for text in (divided, "" if again else said["name"]) if text]


def value(fields: Mapping[str, Any], name: str) -> str:
    """What a record holds in a field now, "" for nothing."""
    return str(held(fields[name])["value"] or "") if name in fields else ""
