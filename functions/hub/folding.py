"""The one way state changes: read, fold, write if nobody wrote meanwhile, else again."""

from __future__ import annotations

from collections.abc import Callable

from hub.errors import Conflict, Retry
from hub.ports import Item, Store

ATTEMPTS = 8


def fold(
    store: Store,
    pk: str,
    sk: str,
    step: Callable[[Item], Item],
    *,
    fresh: bool = False,
    first: Callable[[Item], None] | None = None,
    known: Item | None = None,
) -> Item:
    """Brings `step`'s result into the item and returns it; writes nothing where the body stays as it is.

    `step` is pure and gets an empty item where there is none. `fresh` says that there is most likely none yet, which
    saves the first read; so does `known`, what was read of it just now. `first` is done with what is stored before anything is written, or found to be known; it must
    be safe to repeat. Raises Retry when crowded.
    """
    for attempt in range(ATTEMPTS):
        stored = known if attempt == 0 and (fresh or known) else store.get(pk, sk)
        before = stored or Item(pk, sk)
        if first is not None:
            first(before)
        after = step(before)
        if after.body == before.body:
            return before
        try:
            store.put(after)
        except Conflict:
            continue
        return after
    raise Retry("too many writers at one item")
