"""Work that takes longer than one invocation: what it is, how far it has come, who works on it, in the state table.

| item | pk | sk | index | body |
|---|---|---|---|---|
| job (expires 90 days after its last write) | `JOB#<id>` | `JOB` | `JOBS`, `<created>#<id>` | see Job |

A page of work is done first and then written down, in one conditional write; a worker that dies in between leaves a page
that is done again, and doing a page again must change nothing. The lease keeps two workers from doing the same page at
the same time: it saves work, nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from hub.domain.events import instant
from hub.errors import Conflict, Retry
from hub.ports import Item, Page, Store

INDEX = "JOBS"
KEPT_S = 90 * 86_400
ATTEMPTS = 8
# A page that fails so often, without a reason that the hub knows, fails for good.
MOST_TRIES = 20
FAILED_OFTEN = "The same page failed 20 times without an answer that explains it; the function's log names the place."

Kind = Literal["import", "csv", "reconcile"]
Status = Literal["waiting", "running", "paused", "stopped", "done", "failed"]
RUNNABLE = frozenset({"waiting", "running"})
ENDED = frozenset({"stopped", "done", "failed"})

QUEUES: Mapping[Kind, str] = {
    "import": "import-records",
    "csv": "import-records",
    "reconcile": "reconcile-records",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is stored.

    `kinds` are those still to do, the one in hand first, `asked` all of them; `cursor` is where the one in hand goes on.
    `stage` is what a job of several passes is at. `counts` by word (read, new, changed, same, refused, deleted …),
    `read` and `totals` by kind. `reason` is a sentence. `worker` works on it until `until`, not before `due` (Unix
    seconds). `tries` counts beginnings since the last page. Times are RFC 3339 UTC. `options` are the kind of job's own.
    """

    id: str
    kind: Kind
    connection: str
    platform: str
    asked: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    stage: str = ""
    cursor: str | None = None
    pages: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    status: Status = "waiting"
    reason: str = ""
    worker: str = ""
    until: int = 0
    due: int = 0
    tries: int = 0
    worked_ms: int = 0
    by: str = ""
    created: str = ""
    started: str = ""
    updated: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0

    @property
    def in_hand(self) -> str | None:
        """The kind that is being worked on, None at the end."""
        return self.kinds[0] if self.kinds else None

    def counted(self, **more: int) -> Job:
        """The job with more counted."""
        counts = {**self.counts, **{word: self.counts.get(word, 0) + n for word, n in more.items() if n}}
        return replace(self, counts=counts)

    def turned(self, cursor: str | None) -> Job:
        """The job at `cursor` of the kind in hand, or at the next kind where that is None."""
        return replace(self, cursor=cursor, kinds=self.kinds if cursor is not None else self.kinds[1:])


class JobStore:
    """Jobs in the table; every write is conditional."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, job: Job, now: float) -> Job:
        """The job of that id: written, or found as it is where it was created before."""
        at = instant(round(now * 1000))
        fresh = replace(job, created=at, updated=at, version=0)
        try:
            self._store.put(_item(fresh, now))
        except Conflict:
            return self.get(job.id) or fresh
        return replace(fresh, version=1)

    def get(self, job_id: str) -> Job | None:
        """The job, or None."""
        item = self._store.get(f"JOB#{job_id}", "JOB")
        return job_of(item) if item else None

    def page(self, limit: int, start: str | None = None, since: str | None = None) -> Page:
        """A page of items (`job_of`), newest first, created at `since` or later."""
        return self._store.query_index(INDEX, limit=limit, start=start, between=(since, "~") if since else None)

    def claim(self, job_id: str, worker: str, now: float, lasts_s: float, after: str = "") -> Job | None:
        """The job, to be worked on by `worker` for so long; None where nobody is wanted.

        That is where it does not run, is not due, or another works on it: unless that is `after`, who has finished.
        """
        for _ in range(ATTEMPTS):
            job = self.get(job_id)
            if job is None or job.status not in RUNNABLE or job.due > now:
                return None
            if job.worker == worker:
                return job  # claimed by us: only the table's answer was lost
            if job.worker not in ("", after) and job.until > now:
                return None
            claimed = self._put(_claimed(job, worker, now, lasts_s), now)
            if claimed:
                return claimed if claimed.status == "running" else None
        raise Retry("too many workers at one job")

    def checkpoint(self, after: Job, worker: str, now: float) -> Job | None:
        """Writes a page down; the job as it is then, perhaps paused meanwhile; None where another works on it now."""
        for _ in range(ATTEMPTS):
            written = self._put(after, now)
            if written:
                return written
            stored = self.get(after.id)
            if stored is None or stored.worker not in ("", worker):
                return None
            if stored.pages >= after.pages:
                return stored  # written by us: only the table's answer was lost
            after = _met(after, stored)
        raise Retry("too many writers at one job")

    def change(self, job: Job, now: float) -> Job:
        """Writes what a person decided; Conflict where the job has moved on since it was read."""
        written = self._put(job, now)
        if written is None:
            raise Conflict("the job has moved on")
        return written

    def _put(self, job: Job, now: float) -> Job | None:
        """The job as written, None where it is not at its version any more."""
        stamped = replace(job, updated=instant(round(now * 1000)))
        try:
            self._store.put(_item(stamped, now))
        except Conflict:
            return None
        return replace(stamped, version=job.version + 1)


def job_of(item: Item) -> Job:
    """The job of an item."""
    body: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in item.body.items()
    }
    return Job(id=item.pk.removeprefix("JOB#"), version=item.version, **body)


def let_go(job: Job) -> Job:
    """The job without a worker."""
    return replace(job, worker="", until=0, tries=0)


def _item(job: Job, now: float) -> Item:
    body = {name: _plain(getattr(job, name)) for name in _STORED}
    index = (INDEX, f"{job.created}#{job.id}")
    return Item(f"JOB#{job.id}", "JOB", body, job.version, index, int(now) + KEPT_S)


_STORED = tuple(one.name for one in fields(Job) if one.name not in ("id", "version"))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _claimed(job: Job, worker: str, now: float, lasts_s: float) -> Job:
    if job.tries >= MOST_TRIES:
        return replace(let_go(job), status="failed", reason=FAILED_OFTEN)
    started = job.started or instant(round(now * 1000))
    until = int(now + lasts_s) + 1
    return replace(job, status="running", reason="", started=started, worker=worker, until=until, tries=job.tries + 1)


def _met(after: Job, stored: Job) -> Job:
    """The page of `after` on what a person has written meanwhile, whose word about going on counts."""
    if stored.status in RUNNABLE:
        return replace(after, version=stored.version)
    gone = let_go(after)
    return replace(gone, version=stored.version, status=stored.status, reason=stored.reason, options=stored.options)
