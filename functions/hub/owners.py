"""Who can own records on a platform, as it listed them last.

| item | pk | sk | body |
|---|---|---|---|
| owners of a connection | `OWNERS#<connection>` | `OWNERS` | owners: `{id: [email, name]}` |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hub.domain.sync import Owner
from hub.folding import fold
from hub.ports import Store

MOST_OWNERS = 2_000  # of one account; an item holds 400 KB


def keep_owners(store: Store, connection: str, owners: Iterable[Owner]) -> int:
    """Keeps the owners in place of those known; returns how many, at most 2,000."""
    kept = {one.id: [one.email, one.name] for one in list(owners)[:MOST_OWNERS]}
    fold(store, f"OWNERS#{connection}", "OWNERS", lambda item: replace(item, body={"owners": kept}))
    return len(kept)


def owners_of(store: Store, connection: str) -> list[Owner]:
    """The owners by id."""
    item = store.get(f"OWNERS#{connection}", "OWNERS")
    known = item.body["owners"] if item else {}
    return [Owner(id=one, email=known[one][0], name=known[one][1]) for one in sorted(known)]
