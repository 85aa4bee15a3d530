"""How far a job has come: per kind, how fast, how long still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.jobs import Job

LISTING = frozenset({"", "compare"})  # the stages that go over all records; nobody knows how long the others take
LEAST_MS = 1_000  # of work before a rate says anything


@dataclass(frozen=True, slots=True)
class Progress:
    """`rate` in records a second, `left_s` in seconds for the kind in hand; None where nobody can tell.

    Of the time it worked and waited for the platform's limits; that in which a person held it does not count.
    """

    read: int
    total: int | None
    rate: float | None
    left_s: int | None


def progress_of(job: Job) -> Progress:
    """The job's progress; `total` is that of all its kinds, once each has said how many there are."""
    read = sum(job.read.values())
    known = all(kind in job.totals or kind not in job.kinds for kind in job.asked)
    rate = read * 1000 / job.worked_ms if job.worked_ms >= LEAST_MS and read else None
    shown = rate if rate is None else round(rate, 1 if rate >= 1 else 4)
    return Progress(read, _total(job) if known and job.asked else None, shown, _left_s(job, rate))


def _total(job: Job) -> int:
    return sum(max(job.totals.get(kind, 0), job.read.get(kind, 0)) for kind in job.asked)


def _left_s(job: Job, rate: float | None) -> int | None:
    kind = job.in_hand
    if rate is None or kind is None or kind not in job.totals or job.stage not in LISTING:
        return None
    return round(max(job.totals[kind] - job.read.get(kind, 0), 0) / rate)


def by_kind(job: Job) -> list[Mapping[str, object]]:
    """Each kind that was asked for: how many were read, of how many, and whether all of it is done."""
    return [
        {"kind": kind, "read": job.read.get(kind, 0), "total": job.totals.get(kind), "done": kind not in job.kinds}
        for kind in job.asked
    ]
