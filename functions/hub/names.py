"""Customers found by name: a blind index, with no name in a key.

| item | pk | sk | body |
|---|---|---|---|
| index entry | `N#<hash of a key>` | `<persona>` | names: {written: [parts, sounds]}, phones, emails, companies |

The keys are those of hub.domain.blocks: beginnings of folded names, and what names, phones and addresses have in common
with those like them. `match_customers` writes the entries; they are checked against what the customer is called now.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.customer import Customer
from hub.directory import Directory
from hub.domain.blocks import queries
from hub.domain.called import names_of
from hub.domain.names import Name, fold
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
