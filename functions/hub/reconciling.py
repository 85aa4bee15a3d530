"""How far each connection has been compared with its platform, and how much differed.

| item | pk | sk | index | body |
|---|---|---|---|---|
| state of a connection | `RECONCILE#<connection>` | `STATE` | `RECONCILE`, `<connection>` | see State |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.errors import Conflict
from hub.folding import fold
from hub.job_worker import start
from hub.jobs import RUNNABLE, Job, JobStore
from hub.ports import Item, Store
from hub.wiring import Hub

INDEX = "RECONCILE"
EVERY_H = 6
COMPLETE_DAYS = 7
# A platform's clock, its index and what it has in hand while it lists may lag behind by so much.
OVERLAP_S = 600
AGAIN_S = 3_600
OVERTAKEN = "Something else changed what is known of the connection at the same moment."


@dataclass(frozen=True, slots=True)
class Drift:
    """What a comparison found: records compared, those that differed, those mended since; `at` is RFC 3339 UTC."""

    compared: int
    differing: int
    repaired: int
    at: str
    job: str


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a connection; times are RFC 3339 UTC, "" for never.

    `job` is the last comparison and `begun` when it began, `importing` the last import, `gap_at` when something was last said to be missing. All
    that changed before `marks` (by kind) has been compared; all there is was compared from `complete_at` on, and
    imported from `imported_at` on. `records` are how many there were then, by kind.
    """

    connection: str
    job: str = ""
    begun: str = ""
    importing: str = ""
    gap_at: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    complete_at: str = ""
    imported_at: str = ""
    records: Mapping[str, int] = field(default_factory=dict)
    drift: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0

    def since(self, kind: str, connection: Connection) -> str:
        """From when on changes of a kind must be compared: without an earlier comparison, since the connection exists."""
        known = self.marks.get(kind) or connection.created_at or self.begun
        return instant(max(unix_ms(known) - OVERLAP_S * 1000, _LEAST_MS)) if known else instant(_LEAST_MS)


_LEAST_MS = 946_684_800_000  # 2000
_RECORDS = frozenset({"contact", "lead", "company", "deal", "ticket", "order"})


class States:
    """The states in the table; every write is conditional."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, connection: str) -> State:
        """The state, of a connection that was never compared too."""
        item = self._store.get(f"RECONCILE#{connection}", "STATE")
        return _state(item) if item else State(connection)

    def all(self) -> dict[str, State]:
        """All states by connection."""
        found: dict[str, State] = {}
        start_at: str | None = None
        while True:
            page = self._store.query_index(INDEX, start=start_at, newest_first=False)
            found |= {one.connection: one for one in map(_state, page.items)}
            start_at = page.next_key
            if start_at is None:
                return found

    def missed(self, connection: str, at: str) -> None:
        """Notes that something is said to be missing: the next sweep compares what changed."""
        known = self.get(connection)
        if known.gap_at <= known.begun:  # else it is noted already
            self._fold(connection, lambda state: replace(state, gap_at=max(state.gap_at, at)))

    def begin(self, state: State, job: str, at: str) -> bool:
        """Writes down which job compares now; False where another writer was first."""
        try:
            self._store.put(_item(replace(state, job=job, begun=max(at, state.begun))))
        except Conflict:
            return False
        return True

    def measured(self, connection: str, drift: Drift) -> None:
        """Keeps what was found."""
        self._fold(connection, lambda state: replace(state, drift=asdict(drift)))

    def finish(self, job: Job, drift: Drift) -> None:
        """Keeps what was found and how far the comparison got; safe to repeat."""
        marks = dict.fromkeys(job.asked, job.started)

        def step(state: State) -> State:
            kept = {kind: max(at, state.marks.get(kind, "")) for kind, at in marks.items()}
            after = replace(state, drift=asdict(drift), marks={**state.marks, **kept})
            return replace(after, complete_at=job.started, records=dict(job.read)) if complete(job) else after

        self._fold(job.connection, step)

    def importing(self, job: Job) -> None:
        """Keeps which import is under way: until it ends, what differs is what it has not brought in yet."""
        self._fold(job.connection, lambda state: replace(state, importing=job.id))

    def imported(self, job: Job) -> None:
        """Keeps what was imported, how much of it, and whether that was all there is; safe to repeat."""
        records = {kind: n for kind, n in job.read.items() if kind in _RECORDS}
        marks = dict.fromkeys(records, job.started)

        def step(state: State) -> State:
            kept = {kind: max(at, state.marks.get(kind, "")) for kind, at in marks.items()}
            after = replace(state, marks={**state.marks, **kept}, records={**state.records, **records})
            return replace(after, imported_at=job.started) if job.options.get("everything") else after

        self._fold(job.connection, step)

    def _fold(self, connection: str, step: Callable[[State], State]) -> None:
        def stepped(item: Item) -> Item:
            return _item(step(_state(item) if item.version else State(connection)))

        fold(self._store, f"RECONCILE#{connection}", "STATE", stepped)


def complete(job: Job) -> bool:
    """Whether a comparison goes over all there is."""
    return bool(job.options.get("complete"))


def begin(hub: Hub, connection: Connection, state: State, **chosen: Any) -> Job | None:
    """Starts a comparison (`id`, `by`, `asked`, `complete`); None where one is under way or another writer was first."""
    if under_way(hub.store, state):
        return None
    job = Job(
        id=chosen["id"],
        kind="reconcile",
        connection=connection.id,
        platform=connection.platform,
        asked=tuple(chosen.get("asked", ())),
        by=chosen["by"],
        options={"complete": bool(chosen.get("complete"))},
    )
    started = start(hub, job)
    if States(hub.store).begin(state, job.id, started.created):
        return started
    _take_back(hub, started)
    return None


def _take_back(hub: Hub, job: Job) -> None:
    """Stops a job that nobody knows of; one that a worker has taken up already does no harm, only work."""
    try:
        JobStore(hub.store).change(replace(job, status="stopped", reason=OVERTAKEN), hub.clock.now())
    except Conflict:
        return


def under_way(store: Store, state: State) -> bool:
    """Whether the connection's last comparison still goes on, or waits for a person; or an import goes on."""
    jobs = JobStore(store)
    last, importing = (jobs.get(one) if one else None for one in (state.job, state.importing))
    compares = last is not None and (last.status in RUNNABLE or last.status == "paused")
    return compares or (importing is not None and importing.status in RUNNABLE)


def is_due(connection: Connection, state: State, now: float) -> bool:
    """Whether a connection is to be compared: by its setting `reconcile_hours` (0: never), or because of a gap."""
    if state.gap_at > state.begun:
        return True
    hours = setting(connection, "reconcile_hours", EVERY_H)
    begun = state.begun or connection.created_at
    return hours > 0 and (not begun or unix_ms(begun) / 1000 + hours * 3600 <= now)


def failed_after_gap(store: Store, state: State, now: float) -> bool:
    """Whether a comparison failed an hour ago or earlier, after something was said to be missing."""
    if not state.gap_at or not state.job or unix_ms(state.begun) / 1000 + AGAIN_S > now:
        return False
    last = JobStore(store).get(state.job)
    return last is not None and last.status == "failed"


def complete_is_due(connection: Connection, state: State, now: float) -> bool:
    """Whether all there is is to be compared: some days after that was done, or imported; before that, never."""
    last, days = max(state.complete_at, state.imported_at), setting(connection, "reconcile_days", COMPLETE_DAYS)
    return bool(state.imported_at) and days > 0 and unix_ms(last) / 1000 + days * 86_400 <= now


def setting(connection: Connection, name: str, default: int) -> int:
    """A whole number among the connection's settings."""
    given = connection.settings.get(name)
    return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else default


def _state(item: Item) -> State:
    return State(connection=item.pk.removeprefix("RECONCILE#"), version=item.version, **item.body)


def _item(state: State) -> Item:
    body = {name: value for name, value in asdict(state).items() if name not in ("connection", "version")}
    return Item(f"RECONCILE#{state.connection}", "STATE", body, state.version, (INDEX, state.connection))
