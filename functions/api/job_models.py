"""The shapes of jobs and of files to be imported, in requests and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.connection_models import Closed
from hub.job_progress import by_kind, progress_of
from hub.jobs import Job
from hub.reconciling import State

RecordKind = Literal["owner", "company", "contact", "lead", "deal", "ticket", "order"]


class JobDraft(Closed):
    """What is to be done with a connection: `import` all there is, or `reconcile` what the hub holds with it.

    No `kinds` are all that the platform lists. `complete` compares all there is, not only what changed: it alone finds
    what was deleted without a word.
    """

    kind: Literal["import", "reconcile"]
    connection: Annotated[str, Field(min_length=1, max_length=64)]
    kinds: Annotated[tuple[RecordKind, ...], Field(max_length=7, strict=False)] = ()
    complete: bool = False


class KindProgress(BaseModel):
    """Records of one kind: read so far, how many the platform says there are, whether all were read."""

    kind: str
    read: int
    total: int | None
    done: bool


class JobView(BaseModel):
    """A job and how far it has come.

    `reason` says in a sentence why it waits, is paused or failed; `needs_approval` that it waits for a person because
    too much differs. `rate` is in records a second, `left_s` what is left of the kind in hand; null where nobody can
    tell.
    """

    id: str
    kind: Literal["import", "csv", "reconcile"]
    connection: str
    platform: str
    status: Literal["waiting", "running", "paused", "stopped", "done", "failed"]
    reason: str
    needs_approval: bool
    stage: str
    read: int
    total: int | None
    rate: float | None
    left_s: int | None
    kinds: list[KindProgress]
    counts: dict[str, int]
    by: str
    created_at: str
    started_at: str
    updated_at: str


class JobList(BaseModel):
    """Newest first; `next` is the cursor of the next page, null at the end."""

    jobs: list[JobView]
    next: str | None


class DriftView(BaseModel):
    """How far a connection has been compared: records compared, differing and mended the last time; null before that.

    `complete_at` is when all there is was compared last, `imported_at` when it was imported; "" for never.
    """

    connection: str
    compared: int | None
    differing: int | None
    repaired: int | None
    at: str | None
    job: str
    complete_at: str
    imported_at: str


class OwnerView(BaseModel):
    """Somebody who can own records on the platform."""

    id: str
    email: str | None
    name: str | None


class OwnerList(BaseModel):
    """Owners by their id on the platform, as they were listed last."""

    owners: list[OwnerView]


def view(job: Job) -> JobView:
    """The job as it is shown."""
    progress = progress_of(job)
    return JobView(
        **{name: getattr(job, name) for name in ("id", "kind", "connection", "platform", "status", "reason", "stage")},
        needs_approval=needs_approval(job),
        read=progress.read,
        total=progress.total,
        rate=progress.rate,
        left_s=progress.left_s,
        kinds=[KindProgress.model_validate(one) for one in by_kind(job)],
        counts=dict(job.counts),
        by=job.by,
        created_at=job.created,
        started_at=job.started,
        updated_at=job.updated,
    )


def needs_approval(job: Job) -> bool:
    """Whether it waits for a person because too much differs."""
    return job.status == "paused" and bool(job.options.get("over")) and not job.options.get("approved")


def drift_of(state: State) -> DriftView:
    """What the last comparison found, None for each figure where there was none yet."""
    known = {name: getattr(state, name) for name in ("connection", "job", "complete_at", "imported_at")}
    return DriftView(**known, **{name: state.drift.get(name) for name in ("compared", "differing", "repaired", "at")})
