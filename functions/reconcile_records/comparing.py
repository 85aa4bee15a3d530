"""A comparison in stages: what changed (or all there is), what is missing, the verdict, then the repair.

Nothing is repaired before all is compared: where too much differs, something else is wrong, and a person decides.
Deletions are believed only after a complete pass: what it did not show is read by its id, and gone if that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import Event, instant
from hub.domain.sync import Found, Slice, SyncClient
from hub.errors import Reject
from hub.job_clients import Clients, active
from hub.job_pages import Remembered
from hub.job_records import KEPT, Compared, Holdings, Teller
from hub.jobs import Job
from hub.reconciling import Drift, States, complete, setting
from hub.records import records_of
from hub.wiring import Hub

LEAST_RECORDS = 20
MOST_PERCENT = 5
READ_AT_ONCE = 100
MET_AT_ONCE = 2_000
ORDER = ("company", "contact", "lead", "deal", "ticket", "order")
COMPARE, ABSENT, REPAIR = "compare", "absent", "repair"


class Comparing:
    """Works pages of reconcile jobs; clients are built, and what a pass met is read, once per invocation."""

    def __init__(self, hub: Hub, clients: Clients) -> None:
        self._hub = hub
        self._clients = clients
        self._built: dict[str, SyncClient] = {}
        self._met: dict[tuple[str, str], set[str]] = {}
        self._directory = Directory(hub.store, hub.secrets.hash_key)
        self._seen = Remembered(hub.store, "SEEN", MET_AT_ONCE)
        self._differing = Remembered(hub.store, "DIFF", READ_AT_ONCE)
        self._states = States(hub.store)

    def step(self, job: Job) -> Job:
        """The next page; Retry where the platform wants it later, Reject where it will never work."""
        connection = active(self._hub, job.connection)
        client = self._client(connection)
        job = job if job.stage else self._planned(job, connection, client)
        after = _STAGES[job.stage](self, job, job.kinds[0], connection, client) if job.kinds else job
        return after if after.kinds else self._turn(after, connection)

    def _client(self, connection: Connection) -> SyncClient:
        if connection.id not in self._built:
            self._built[connection.id] = self._clients(self._hub, connection)
        return self._built[connection.id]

    def _planned(self, job: Job, connection: Connection, client: SyncClient) -> Job:
        """The job with its kinds, and from when on changes are asked for."""
        able = [kind for kind in ORDER if kind in client.lists & client.reads]
        kinds = tuple(kind for kind in able if not job.asked or kind in job.asked)
        if not kinds:
            raise Reject(f"{connection.platform} does not list and read records of these kinds")
        state = self._states.get(connection.id)
        since = {kind: state.since(kind, connection) for kind in kinds}
        return replace(job, asked=kinds, kinds=kinds, stage=COMPARE, options={**job.options, "since": since})

    def _compare(self, job: Job, kind: str, connection: Connection, client: SyncClient) -> Job:
        since = None if complete(job) else job.options["since"][kind]
        page = client.page(kind, since, job.cursor)
        if complete(job) and kind in KEPT:
            self._seen.note(job, kind, [one.record.id for one in page.found], self._hub.clock.now())
        holdings = self._holdings(connection)
        differing = _differing(holdings, page.found, self._now()) + self._gone(holdings, kind, page)
        totals = job.totals if page.total is None else {**job.totals, kind: page.total}
        read = {**job.read, kind: job.read.get(kind, 0) + len(page.found)}
        after = replace(job.turned(page.next), totals=totals, read=read)
        return self._noted(job, after, kind, differing, len(page.found) + len(page.deleted))

    def _gone(self, holdings: Holdings, kind: str, page: Slice) -> list[str]:
        return [one for one in page.deleted if holdings.holds(kind, one)]

    def _absent(self, job: Job, kind: str, connection: Connection, client: SyncClient) -> Job:
        """What we hold and the pass did not show, read by its id."""
        page = self._hub.store.query_index(records_of(connection.id, kind), start=job.cursor, newest_first=False)
        met = self._met_ids(job, kind)
        ids = [item.body["id"] for item in page.items if not item.body["deleted"] and item.body["id"] not in met]
        found = client.read(kind, ids) if ids else []
        differing = _differing(self._holdings(connection), found, self._now())
        return self._noted(job, job.turned(page.next_key), kind, differing, len(found))

    def _met_ids(self, job: Job, kind: str) -> set[str]:
        if (job.id, kind) not in self._met:
            self._met[job.id, kind] = set(self._seen.all(job, kind))
        return self._met[job.id, kind]

    def _noted(self, job: Job, after: Job, kind: str, differing: list[str], compared: int) -> Job:
        noted = self._differing.note(job, kind, list(dict.fromkeys(differing)), self._hub.clock.now())
        return after.counted(compared=compared, differing=noted)

    def _repair(self, job: Job, kind: str, connection: Connection, client: SyncClient) -> Job:
        """Publishes what still differs."""
        ids, cursor = self._differing.next(job, kind)
        found = client.read(kind, ids) if ids else []
        now = self._now()
        compared = [self._holdings(connection).compare(one, now) for one in found]
        teller = Teller(self._hub.bus, connection, now, f"job={job.id}")
        since = job.options["since"][kind]
        events = [_told(teller, one, job, since) for one in compared if one.state != "same"]
        refused = teller.publish(events)
        return job.turned(cursor).counted(repaired=len(ids) - refused, refused=refused)

    def _now(self) -> str:
        return instant(round(self._hub.clock.now() * 1000))

    def _holdings(self, connection: Connection) -> Holdings:
        return Holdings(self._hub.store, self._directory.hashed, connection.id)

    def _turn(self, job: Job, connection: Connection) -> Job:
        """The next stage, or the end."""
        kept = tuple(kind for kind in job.asked if kind in KEPT)
        if job.stage == COMPARE and complete(job) and kept:
            return _staged(job, ABSENT, kept)
        drift = self._drift(job)
        if job.stage != REPAIR and drift.differing:
            self._states.measured(job.connection, drift)
            return self._judged(_staged(job, REPAIR, job.asked), connection)
        self._states.finish(job, drift)
        return replace(job, kinds=())

    def _judged(self, job: Job, connection: Connection) -> Job:
        """The job, stopped before it repairs where more differs than it may mend by itself."""
        known = sum(self._states.get(connection.id).records.values())
        compared, differing = job.counts.get("compared", 0), job.counts.get("differing", 0)
        share = setting(connection, "reconcile_most_percent", MOST_PERCENT) * max(compared, known) // 100
        most = max(setting(connection, "reconcile_most_records", LEAST_RECORDS), share)
        if differing <= most or job.options.get("approved"):
            return job
        self._hub.telemetry.count("reconcile.over", 1, platform=job.platform)
        why = f"{differing} of {compared} records differ, more than the {most} that are mended without asking."
        return replace(job, status="paused", reason=why, options={**job.options, "over": True})

    def _drift(self, job: Job) -> Drift:
        at = self._now()
        compared, differing, repaired = (job.counts.get(one, 0) for one in ("compared", "differing", "repaired"))
        return Drift(compared, differing, repaired, at, job.id)


_STAGES: Mapping[str, Callable[[Comparing, Job, str, Connection, SyncClient], Job]] = {
    COMPARE: Comparing._compare,
    ABSENT: Comparing._absent,
    REPAIR: Comparing._repair,
}


def _staged(job: Job, stage: str, kinds: tuple[str, ...]) -> Job:
    return replace(job, stage=stage, kinds=kinds, cursor=None)


def _differing(holdings: Holdings, found: list[Found] | tuple[Found, ...], now: str) -> list[str]:
    return [one.record.id for one in found if holdings.compare(one, now).state != "same"]


def _told(teller: Teller, compared: Compared, job: Job, since: str) -> Event:
    """The event of what differs; a record that is older than what we know of the platform is history."""
    created = compared.found.created_at
    if compared.state == "new" and (created is None or created < since):
        return teller.imported(compared.found)
    return teller.live(compared, job.started)
