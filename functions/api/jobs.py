"""Jobs: history is imported, connections are compared with their platforms; started, watched, held and stopped here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from api import connection_store
from api.job_models import (
    DriftView,
    JobDraft,
    JobList,
    JobView,
    OwnerList,
    OwnerView,
    drift_of,
    needs_approval,
    view,
)
from api.paging import Cursor, Limit, Seal
from api.problems import Problem, not_found
from api.resource import Resource
from hub.delivery import Connection
from hub.errors import Conflict
from hub.job_clients import lists_records
from hub.job_worker import send, start
from hub.jobs import ENDED, RUNNABLE, Job, JobStore, job_of, let_go
from hub.owners import owners_of
from hub.reconciling import States, begin
from hub.wiring import Hub

router = Resource()
ATTEMPTS = 8
LOOKED_AT = 100  # of the latest jobs, for one that is at the same already


@router.post("/v1/jobs", summary="Start an import or a comparison", tags=["jobs"])
def start_job(draft: Annotated[JobDraft, Body()]) -> JobView:
    """Starts a job; of each kind, one at a time on a connection. Nothing is sent to anyone because of it."""
    hub = router.hub
    connection = connection_store.get(hub.connection_items, draft.connection).connection
    if connection.status != "active":
        raise Problem(409, "The connection is disabled.")
    if not lists_records(connection):
        raise Problem(409, "This platform's records cannot be listed.")
    found = JobStore(hub.store).get(router.work.id)
    started = found or (_import(hub, connection, draft) if draft.kind == "import" else _compare(hub, connection, draft))
    hub.telemetry.count("api.job_started", kind=draft.kind, platform=connection.platform)
    return view(started)


@router.get("/v1/jobs", summary="All jobs", tags=["jobs"])
def list_jobs(limit: Limit = 25, cursor: Cursor = None) -> JobList:
    """The jobs of the last 90 days, the latest first."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), "jobs")
    page = JobStore(hub.store).page(limit, seal.open(cursor))
    return JobList(jobs=[view(job_of(item)) for item in page.items], next=seal.close(page.next_key))


@router.get("/v1/jobs/<job_id>", summary="One job and how far it has come", tags=["jobs"])
def read_job(job_id: str) -> JobView:
    """The job, with its progress by kind."""
    return view(_job(router.hub, job_id))


@router.post("/v1/jobs/<job_id>/pause", summary="Hold a job", tags=["jobs"])
def pause_job(job_id: str) -> JobView:
    """Holds it after the page in hand; it can go on later."""

    def step(job: Job) -> Job:
        if job.status == "paused":
            return job
        if job.status in ENDED:
            raise Problem(409, "The job has ended.")
        return replace(job, status="paused", reason="Paused by a person.")

    return view(_changed(router.hub, job_id, step))


@router.post("/v1/jobs/<job_id>/resume", summary="Let a job go on", tags=["jobs"])
def resume_job(job_id: str) -> JobView:
    """Lets a paused job, or one that failed, go on where it was, and a waiting one at once."""
    hub = router.hub

    def step(job: Job) -> Job:
        if job.status in ENDED - {"failed"}:
            raise Problem(409, "The job has ended.")
        if job.status == "failed":
            _require_alone(hub, job)
        if needs_approval(job):
            raise Problem(409, "Too much differs: approve the job, or cancel it.")
        return job if job.status == "running" else replace(let_go(job), status="waiting", reason="", due=0)

    return view(_going_on(hub, _changed(hub, job_id, step)))


@router.post("/v1/jobs/<job_id>/cancel", summary="Stop a job", tags=["jobs"])
def cancel_job(job_id: str) -> JobView:
    """Stops it after the page in hand, for good; what it has brought in stays."""

    def step(job: Job) -> Job:
        if job.status == "stopped":
            return job
        if job.status in ENDED:
            raise Problem(409, "The job has ended.")
        return replace(job, status="stopped", reason="Stopped by a person.")

    return view(_changed(router.hub, job_id, step))


@router.post("/v1/jobs/<job_id>/approve", summary="Mend though much differs", tags=["jobs"])
def approve_job(job_id: str) -> JobView:
    """Lets a comparison mend what it found, more than it may by itself."""

    def step(job: Job) -> Job:
        if job.options.get("approved"):
            return job
        if not needs_approval(job):
            raise Problem(409, "The job does not wait for an approval.")
        options = {**job.options, "approved": True}
        return replace(let_go(job), status="waiting", reason="", due=0, options=options)

    return view(_going_on(router.hub, _changed(router.hub, job_id, step)))


@router.get("/v1/connections/<connection_id>/drift", summary="How much differs from the platform", tags=["connections"])
def read_drift(connection_id: str) -> DriftView:
    """What the last comparison of the connection found."""
    hub = router.hub
    connection_store.get(hub.connection_items, connection_id)
    return drift_of(States(hub.store).get(connection_id))


@router.get("/v1/connections/<connection_id>/owners", summary="Who can own records there", tags=["connections"])
def read_owners(connection_id: str) -> OwnerList:
    """The platform's users who can own records, as the last import found them."""
    hub = router.hub
    connection_store.get(hub.connection_items, connection_id)
    found = owners_of(hub.store, connection_id)
    return OwnerList(owners=[OwnerView(id=one.id, email=one.email, name=one.name) for one in found])


def _import(hub: Hub, connection: Connection, draft: JobDraft) -> Job:
    if _goes_on(hub, "import", connection.id):
        raise Problem(409, "An import of this connection is under way, or paused.")
    kinds = tuple(dict.fromkeys(draft.kinds))
    work = router.work
    return start(hub, Job(work.id, "import", connection.id, connection.platform, kinds, kinds, by=work.by))


def _goes_on(hub: Hub, kind: str, connection_id: str) -> bool:
    """Whether one of the latest jobs is of that kind and connection, and has not ended."""
    latest = map(job_of, JobStore(hub.store).page(LOOKED_AT).items)
    return any((one.kind, one.connection) == (kind, connection_id) and one.status not in ENDED for one in latest)


def _require_alone(hub: Hub, job: Job) -> None:
    """A file's job may go on beside others: each is of one file."""
    if job.kind != "csv" and _goes_on(hub, job.kind, job.connection):
        raise Problem(409, "Another job of this kind is under way on the connection, or paused.")


def _compare(hub: Hub, connection: Connection, draft: JobDraft) -> Job:
    state = States(hub.store).get(connection.id)
    chosen = {"asked": draft.kinds, "complete": draft.complete, "id": router.work.id, "by": router.work.by}
    started = begin(hub, connection, state, **chosen)
    if started is None:
        raise Problem(409, "A comparison or an import of this connection is under way, or waits for an approval.")
    return started


def _job(hub: Hub, job_id: str) -> Job:
    job = JobStore(hub.store).get(job_id)
    if job is None:
        raise not_found("job")
    return job


def _changed(hub: Hub, job_id: str, step: Callable[[Job], Job]) -> Job:
    """The job after a person's word; Conflict where it moves on faster than that."""
    jobs = JobStore(hub.store)
    for _ in range(ATTEMPTS):
        job = _job(hub, job_id)
        after = step(job)
        if after == job:
            return job
        try:
            return jobs.change(after, hub.clock.now())
        except Conflict:
            continue
    raise Conflict("the job moves on")


def _going_on(hub: Hub, job: Job) -> Job:
    if job.status in RUNNABLE:
        send(hub, job)
    return job
