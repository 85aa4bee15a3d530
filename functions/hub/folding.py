"""The one way state changes: read, fold, write if nobody wrote meanwhile, else again."""

from __future__ import annotations

from collections.abc import Callable

from hub.errors import Conflict, Retry
from hub.ports import Item, Store

ATTEMPTS = 8


def fold(store: Store, pk: str, sk: str, step: Callable[[Item], Item], *, fresh: bool = False) -> None:
    """Brings `step`'s result into the item; writes nothing where the body stays as it is. Raises Retry when crowded.

    `step` is pure and gets an empty item where there is none. `fresh` says that there is most likely none yet, which
    saves the first read.
    """
    for attempt in range(ATTEMPTS):
        stored = None if fresh and attempt == 0 else store.get(pk, sk)
        before = stored or Item(pk, sk)
        after = step(before)
        if after.body == before.body:
            return
        try:
            store.put(after)
        except Conflict:
            continue
        return
    raise Retry("too many writers at one item")
