"""What a job remembers besides itself, page by page: ids of records that it met or that differ.

| item | pk | sk | body |
|---|---|---|---|
| ids (expire with the job) | `JOB#<id>` | `<word>#<kind>#<stage>#<page>#<part>` | ids |

A page that is done again adds to what it left behind: what was met was met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from hub.folding import fold
from hub.jobs import KEPT_S, Job
from hub.ports import Item, Store


class Remembered:
    """The ids of one word (`SEEN`, `DIFF`) that a job has noted; `part` ids together at most."""

    def __init__(self, store: Store, word: str, part: int) -> None:
        self._store = store
        self._word = word
        self._part = part

    def note(self, job: Job, kind: str, ids: Sequence[str], now: float) -> int:
        """Notes the ids of the page in hand; returns how many there are of it now."""
        noted = 0
        for number in range(0, len(ids), self._part):
            sk = f"{self._word}#{kind}#{job.stage}#{job.pages:06}#{number:06}"
            noted += self._add(f"JOB#{job.id}", sk, ids[number : number + self._part], int(now) + KEPT_S)
        return noted

    def _add(self, pk: str, sk: str, ids: Iterable[str], expires_at: int) -> int:
        def step(item: Item) -> Item:
            met = sorted({*item.body.get("ids", ()), *ids})
            return replace(item, body={"ids": met}, expires_at=expires_at)

        return len(fold(self._store, pk, sk, step, fresh=True).body["ids"])

    def next(self, job: Job, kind: str) -> tuple[list[str], str | None]:
        """The ids after the job's cursor, and the cursor after them; None where these are the last."""
        page = self._store.query(f"JOB#{job.id}", prefix=f"{self._word}#{kind}#", limit=1, start=job.cursor)
        ids = [str(one) for item in page.items for one in item.body["ids"]]
        return ids, page.next_key

    def all(self, job: Job, kind: str) -> Iterator[str]:
        """All ids of a kind."""
        start: str | None = None
        while True:
            page = self._store.query(f"JOB#{job.id}", prefix=f"{self._word}#{kind}#", start=start)
            for item in page.items:
                yield from item.body["ids"]
            start = page.next_key
            if start is None:
                return
