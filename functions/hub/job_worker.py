"""One invocation's share of a job: pages until the time is short, each written down, then a message for the next one.

A message names a job: `{"job": id, "after": worker}`; `after` is the worker that has finished and hands it on. Messages
may come twice, late or never: the lease makes copies harmless, the sweep picks up what nobody works on.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from hub.domain.events import instant, unix_ms
from hub.errors import Reject, Retry
from hub.jobs import ENDED, QUEUES, RUNNABLE, Job, JobStore, job_of, let_go
from hub.wiring import Hub

RESERVE_MS = 3_000  # what must be left of the invocation's time to begin one more page
UNLIMITED_MS = 60_000  # where nobody says how much time there is
STALE_S = 300  # after its lease or due time, a job of which nothing is heard is picked up
SWEPT_S = 14 * 86_400  # no job lasts for longer
LONGEST_WAIT_S = 3_600
PATIENCE_S = 40  # for so long since the last page an invocation waits itself; a longer wait is the queue's

# A page of work: the job after it. Raises Retry (later), Reject (never).
Step = Callable[[Job], Job]


class Worker:
    """Works on jobs within one invocation."""

    def __init__(self, hub: Hub, context: object = None) -> None:
        self._hub = hub
        self._jobs = JobStore(hub.store)
        self._remaining_ms: Callable[[], int] = getattr(context, "get_remaining_time_in_millis", lambda: UNLIMITED_MS)
        self._slowest_ms = 0.0
        self._waited_s = 0.0
        self._id = secrets.token_hex(8)

    def work(self, job_id: str, after: str, step: Step) -> None:
        """Works on a job as far as the time allows; raises Retry where it must wait, which the job then says too."""
        lasts_s = self._remaining_ms() / 1000
        job = self._jobs.claim(job_id, self._id, self._hub.clock.now(), lasts_s, after)
        while job is not None and job.status == "running":
            if not self._has_time():
                send(self._hub, job, after=self._id)
                return
            job = self._page(job, step)
        if job is not None and job.status in ENDED:
            self._hub.telemetry.count(f"jobs.{job.status}", 1, kind=job.kind, platform=job.platform)

    def _page(self, job: Job, step: Step) -> Job | None:
        began = time.monotonic()
        try:
            after = step(job)
        except Retry as error:
            if self._waits(error):
                return job
            self._put_off(job, error)
            raise
        except Reject as error:
            return self._finish(replace(job, status="failed", reason=_sentence(error.reason)))
        took_ms = (time.monotonic() - began) * 1000
        spent_ms = round(took_ms + 1000 * self._waited_s)
        self._slowest_ms, self._waited_s = max(self._slowest_ms, took_ms), 0.0
        after = replace(after, worked_ms=after.worked_ms + spent_ms, tries=0)
        return self._finish(after if after.kinds or after.status != "running" else replace(after, status="done"))

    def _finish(self, after: Job) -> Job | None:
        """Writes the page down."""
        paged = replace(after, pages=after.pages + 1)
        held = paged if paged.status == "running" else let_go(paged)
        return self._jobs.checkpoint(held, self._id, self._hub.clock.now())

    def _waits(self, error: Retry) -> bool:
        """Waits where that is for seconds and the time allows it: limits are met all the time."""
        wait_s = max(error.after_s, 1)
        if self._waited_s + wait_s > PATIENCE_S or self._remaining_ms() < RESERVE_MS + 1000 * wait_s:
            return False
        self._waited_s += wait_s
        self._hub.clock.sleep(wait_s)
        return True

    def _put_off(self, job: Job, error: Retry) -> None:
        """The job waits as long as it was asked to, an hour at most: then it is worth another look."""
        now = self._hub.clock.now()
        wait_s = min(error.after_s, LONGEST_WAIT_S)
        spent_ms = job.worked_ms + round(1000 * (self._waited_s + wait_s))
        waiting = replace(
            let_go(job), status="waiting", reason=_sentence(error.reason), due=int(now + wait_s), worked_ms=spent_ms
        )
        self._jobs.checkpoint(waiting, self._id, now)

    def _has_time(self) -> bool:
        return self._remaining_ms() > RESERVE_MS + 2 * self._slowest_ms


def start(hub: Hub, job: Job) -> Job:
    """Creates the job and sends its first message; safe to repeat with the same id."""
    created = JobStore(hub.store).create(job, hub.clock.now())
    if created.status == "waiting":
        send(hub, created)
    return created


def send(hub: Hub, job: Job, after: str = "") -> None:
    """Sends a message for the job to the queue of its kind."""
    hub.queue.send(QUEUES[job.kind], json.dumps({"job": job.id, "after": after}))


def sweep(hub: Hub, queue: str) -> int:
    """Sends a message for each job of the queue on which nobody works though somebody should; returns how many."""
    jobs, now = JobStore(hub.store), hub.clock.now()
    since, start_at, found = instant(round((now - SWEPT_S) * 1000)), None, 0
    while True:
        page = jobs.page(100, start_at, since)
        for job in map(job_of, page.items):
            if QUEUES[job.kind] == queue and is_stale(job, now):
                send(hub, job, after=job.worker)
                found += 1
        start_at = page.next_key
        if start_at is None:
            if found:
                hub.telemetry.count("jobs.left", found)
            return found


def is_stale(job: Job, now: float) -> bool:
    """Whether a job that should be worked on is not: its worker's time is over, or its message never came."""
    if job.status not in RUNNABLE:
        return False
    return max(job.until, job.due, unix_ms(job.updated) / 1000) + STALE_S < now


def _sentence(reason: str) -> str:
    text = reason.strip().rstrip(".")
    return text[:1].upper() + text[1:] + "."
