"""The world of an import: a platform whose index lags, workers that die, a second CRM that must hear nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any

from hub.delivery import Connection
from hub.domain.events import instant
from hub.domain.sync import Found, Slice
from hub.job_records import Compared, Teller
from hub.memory import FakeClock
from import_records.handler import handler as import_records
from infra.local.standins.server import Call as PlatformCall
from reconcile_records.handler import handler as reconcile_records
from tests.harness.faults import CRASH_AFTER, CRASH_BEFORE, Call, Injector
from tests.harness.listed import LISTED, Listed, account
from tests.harness.platforms import Platforms, hubspot_account
from tests.harness.world import World

NOW = 1_790_000_000.0
IMPORTED_MS, LIVE_MS = 1_770_000_000_000, 1_789_990_000_000
OTHER = "crm-other"
PAGES_AT_ONCE = 5
CALLS_OF_A_RECORD = 1.11  # of a worker: it is looked up, published with nine others, its page written down
READ_PATHS = ("/search", "/batch/read")


@dataclass(slots=True)
class Imported:
    """What an import came to; `kills` are the deaths that hit it, `writes` those of its checkpoints."""

    seed: int
    people: int
    kills: int = 0
    pages: int = 0
    writes: int = 0
    invocations: int = 0
    lost: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    unheard: int = 0
    repaired: int = 0
    drift_after: int = 0
    took_s: float = 0.0

    @property
    def figures(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "import.people": self.people,
            "import.kills": self.kills,
            "import.lost": len(self.lost),
            "import.overwritten_live": len(self.overwritten),
            "import.effects": len(self.effects),
            "import.checkpoint_writes_per_page": round(self.writes / max(self.pages, 1), 3),
            "reconcile.unheard": self.unheard,
            "reconcile.drift_after": self.drift_after,
        }


class Lagging(Listed):
    """A platform whose pages show some records as they were before, as an index that lags does."""

    def lag(self, ids: set[str]) -> None:
        """From now on people work on these, and pages do not show it yet."""
        self.lagging = {one: replace(self.rows[one]) for one in ids}

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """As it is, but for those."""
        shown = Listed.page(self, kind, since, cursor)
        return shown.model_copy(update={"found": tuple(map(self._as_before, shown.found))})

    def _as_before(self, found: Found) -> Found:
        before = self.lagging.get(found.record.id)
        return before.found(found.record.id) if before else found


class Deaths(Injector):
    """Kills a function at some of its calls; keeps no record of them, for there are millions."""

    def __init__(self, function: str, numbers: set[int]) -> None:
        super().__init__()
        self._function = function
        self._numbers = numbers
        self._met = 0

    def run(self, operation: str, effect: Callable[[], Any], size: int = 0) -> Any:
        """The effect's result, or the end."""
        if self.function != self._function:
            return effect()
        self._met += 1
        if self._met not in self._numbers:
            return effect()
        self.choose = self._die
        try:
            return super().run(operation, effect, size)
        finally:
            self.choose = _never

    def _die(self, call: Call) -> str:
        return CRASH_AFTER if self._met % 2 and not call.operation.startswith("store.get") else CRASH_BEFORE


def _never(_call: Call) -> None:
    return None


class Town:
    """The world of one run."""

    def __init__(self, seed: int, people: int, kills: int) -> None:
        self.random = Random(seed)
        self.listed = Lagging(account(people, modified_ms=IMPORTED_MS).rows)
        self.result = Imported(seed, people)
        self.importing = True
        deaths = set(self.random.sample(range(1, int(people * CALLS_OF_A_RECORD)), kills))
        self.injector = Deaths("import_records", deaths)
        self.world = World(
            _connections(), _secrets(), platforms=self._platforms(), injector=self.injector, clock=_clock()
        )
        self.world.handlers["import_records"] = partial(import_records, clients=self.listed.clients)
        self.world.handlers["reconcile_records"] = partial(reconcile_records, clients=self.listed.clients)
        # Likenesses of names are no part of this, and most of its time.
        self.world.handlers["match_customers"] = lambda _event, _context, _hub: {}
        self.world.context = lambda: Short(self.listed)

    def _platforms(self) -> Platforms:
        return Platforms({"api.hubapi.com": hubspot_account("hs-token").standin()}, self._met)

    def _met(self, call: PlatformCall) -> None:
        """Until the import is over: what people do afterwards is told to the other CRM, as it should be."""
        if self.importing and call.method != "GET" and not call.path.endswith(READ_PATHS):
            self.result.effects.append(f"{call.method} {call.path}")

    def told(self, connection: str, ids: list[str], fields: tuple[str, ...], at_ms: int) -> None:
        """The webhooks of these records arrive."""
        known = self.world.plain_hub.connections.get(connection)
        assert known
        teller = Teller(self.world.bus, known, instant(at_ms + 1000), "webhook")
        teller.publish([teller.live(Compared(self.listed.rows[one].found(one), "changed", fields), "") for one in ids])

    def forget(self) -> None:
        """Drops what has been worked, for a run of hundreds of thousands of events."""
        self.world.bus.events.clear()
        self.world.invocations.clear()
        done = self.world._streamed
        self.world.store.changes[:done] = [_GONE] * done


_GONE: Any = None


class Short:
    """An invocation with time for a few pages."""

    def __init__(self, listed: Listed) -> None:
        self._listed = listed
        self._last = listed.calls["page"] + PAGES_AT_ONCE

    def get_remaining_time_in_millis(self) -> int:
        """Enough, until the pages are over."""
        return 60_000 if self._listed.calls["page"] < self._last else 0


def _connections() -> list[Connection]:
    """Both may be written to; the other one is the same account, and so is not compared."""
    both = {"sync": "both", "create_contacts": True}
    alone = {**both, "reconcile_hours": 0}
    at = "2026-01-01T00:00:00Z"
    return [
        Connection(LISTED, "hubspot", "Sales", settings=both, created_at=at),
        Connection(OTHER, "hubspot", "Support", settings=alone, created_at=at),
    ]


def _secrets() -> dict[str, dict[str, Any]]:
    return {one: {"access_token": "hs-token"} for one in (LISTED, OTHER)}


def _clock() -> FakeClock:
    return FakeClock(NOW)
