"""A page of a platform's records -> what is new of it on the bus, as history."""

from __future__ import annotations

from dataclasses import replace

from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import instant
from hub.domain.sync import Slice, SyncClient
from hub.errors import Reject
from hub.job_clients import Clients, active
from hub.job_records import Holdings, Teller
from hub.jobs import Job
from hub.owners import keep_owners
from hub.reconciling import States
from hub.wiring import Hub

OWNER = "owner"  # who can own records
# What is imported in which order: who owns comes before what is owned, a company before its people.
ORDER = (OWNER, "company", "contact", "lead", "deal", "ticket", "order")


class Pages:
    """Works pages of import jobs; clients are built once per invocation."""

    def __init__(self, hub: Hub, clients: Clients) -> None:
        self._hub = hub
        self._clients = clients
        self._built: dict[str, SyncClient] = {}
        self._directory = Directory(hub.store, hub.secrets.hash_key)

    def step(self, job: Job) -> Job:
        """Publishes the next page; Retry where platform or bus want it later, Reject where it will never work."""
        connection = active(self._hub, job.connection)
        client = self._client(connection)
        if job.pages == 0:
            States(self._hub.store).importing(job)
        job = job if job.asked else _everything(job, client)
        kind = job.in_hand
        if kind is None:
            return job
        if kind == OWNER:
            return self._owners(job, client)
        if kind not in client.lists:
            raise Reject(f"{connection.platform} does not list its records of the kind {kind}")
        after = self._page(job, kind, connection, client)
        if after.in_hand is None:
            States(self._hub.store).imported(after)
        return after

    def _client(self, connection: Connection) -> SyncClient:
        if connection.id not in self._built:
            self._built[connection.id] = self._clients(self._hub, connection)
        return self._built[connection.id]

    def _owners(self, job: Job, client: SyncClient) -> Job:
        try:
            owners = client.owners()
        except Reject:  # a platform without owners
            owners = []
        count = keep_owners(self._hub.store, job.connection, owners)
        return replace(job.turned(None), read={**job.read, OWNER: count})

    def _page(self, job: Job, kind: str, connection: Connection, client: SyncClient) -> Job:
        page = client.page(kind, None, job.cursor)
        counts = self._publish(job, kind, connection, page)
        totals = job.totals if page.total is None else {**job.totals, kind: page.total}
        read = {**job.read, kind: job.read.get(kind, 0) + len(page.found)}
        return replace(job.turned(page.next), totals=totals, read=read).counted(**counts)

    def _publish(self, job: Job, kind: str, connection: Connection, page: Slice) -> dict[str, int]:
        """Publishes what is not held yet; the counts."""
        now = instant(round(self._hub.clock.now() * 1000))
        teller = Teller(self._hub.bus, connection, now, f"job={job.id}")
        holdings = Holdings(self._hub.store, self._directory.hashed, connection.id)
        compared = [holdings.compare(one, now) for one in page.found if one.change != "deleted"]
        gone = [one.record.id for one in page.found if one.change == "deleted"] + list(page.deleted)
        gone = [one for one in gone if holdings.holds(kind, one)]
        events = [teller.imported(one.found) for one in compared if one.state in ("new", "changed")]
        refused = teller.publish([*events, *(teller.gone(kind, one, job.started) for one in gone)])
        states = [one.state for one in compared]
        return {
            "read": len(page.found),
            "new": states.count("new"),
            "changed": states.count("changed"),
            "same": states.count("same") + states.count("restored"),
            "deleted": len(gone),
            "refused": refused,
        }


def _everything(job: Job, client: SyncClient) -> Job:
    """The job with all kinds that the platform lists, where it was started for everything."""
    kinds = tuple(kind for kind in ORDER if kind == OWNER or kind in client.lists)
    return replace(job, asked=kinds, kinds=kinds, options={**job.options, "everything": True})
