"""An import of a whole account while machines die and people go on working, then a comparison after lost webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

from hub.directory import Directory
from hub.domain.registers import held
from hub.job_worker import start
from hub.jobs import ENDED, Job, JobStore
from hub.reconciling import States
from tests.harness.importing_town import LIVE_MS, OTHER, Imported, Town
from tests.harness.listed import LISTED
from tests.harness.world import World

LIVE, LINKED, CHANGED, LOST = 0.05, 0.02, 0.03, 0.3
SWEEP_S = 300

Progress = Callable[[int, int], None]
Mutant = Callable[[World], None]


def run(
    seed: int, people: int, kills: int, progress: Progress = lambda _n, _of: None, mutant: Mutant = lambda _world: None
) -> Imported:
    """One run; the same seed gives the same one. `mutant` seeds a mistake."""
    began = time.monotonic()
    town = Town(seed, people, kills)
    mutant(town.world)
    live = _live(town)
    _import(town, progress)
    _look(town, live)
    _compare(town)
    town.result.took_s = time.monotonic() - began
    return town.result


def _live(town: Town) -> set[str]:
    """Some have a record in the other CRM; on some people work while the import runs, which its pages do not show."""
    ids = list(town.listed.rows)
    linked = town.random.sample(ids, int(len(ids) * LINKED))
    town.told(OTHER, linked, (), LIVE_MS)
    town.world.run()
    rest = [one for one in ids if one not in set(linked)]
    live = set(town.random.sample(rest, int(len(ids) * LIVE)))
    town.listed.lag(live)
    for one in live:
        town.listed.rows[one].title, town.listed.rows[one].modified_ms = "Promoted", LIVE_MS
    return live


def _import(town: Town, progress: Progress) -> None:
    """The import to its end; the live changes are told at any time meanwhile."""
    world, result = town.world, town.result
    waiting = sorted(town.listed.lagging)
    job = start(world.plain_hub, Job("i" * 26, "import", LISTED, "hubspot", by="someone"))
    while (now := _job(town, job)).status not in ENDED:
        read = sum(now.read.values())
        share = _so_far(waiting, read / result.people)
        town.told(LISTED, share, ("title",), LIVE_MS)
        waiting = [one for one in waiting if one not in set(share)]
        result.writes += _work(town)
        world.clock.sleep(SWEEP_S)
        world.sweep()
        progress(read, result.people)
    town.told(LISTED, waiting, ("title",), LIVE_MS)
    _work(town)
    result.pages, result.kills = now.pages, sum(town.injector.hits.values())
    assert now.status == "done", now.reason
    assert not world.raised, world.raised[:3]


def _so_far(waiting: list[str], done: float) -> list[str]:
    """A quarter of the live changes is told before the import, a quarter after it, the rest as it goes on."""
    return [one for one in waiting if Random(one).random() < 0.25 + done / 2]


def _work(town: Town) -> int:
    """Works until nothing is left for now; returns how often the job was written down, beginnings left out."""
    begun = len(town.world.store.changes)
    town.world.work()
    written = sum(one.sk == "JOB" for one in town.world.store.changes[begun:])
    invoked = town.world.invocations.count("import_records")
    town.result.invocations += invoked
    town.forget()
    return written


def _job(town: Town, job: Job) -> Job:
    found = JobStore(town.world.store).get(job.id)
    assert found
    return found


def _held(town: Town, contact: str) -> dict[str, Any]:
    """What the hub holds of a record, read as the test knows it to be stored."""
    hashed = Directory(town.world.store, town.world.plain_hub.secrets.hash_key()).hashed
    persona = hashed(f"record\n{LISTED}\ncontact:{contact}")
    item = town.world.store.get(f"P#{persona}", f"REC#{LISTED}#contact")
    return {name: held(one)["value"] for name, one in item.body["fields"].items()} if item else {}


def _differing(town: Town) -> list[str]:
    return [one for one, row in town.listed.rows.items() if _held(town, one) != _there(row)]


def _there(row: Any) -> dict[str, Any]:
    return {"name": row.name, "phone": row.phone, "title": row.title}


def _look(town: Town, live: set[str]) -> None:
    """What was lost, and what of the live changes did not stand."""
    wrong = _differing(town)
    town.result.lost = [one for one in wrong if one not in live]
    town.result.overwritten = [one for one in wrong if one in live]
    town.importing = False
    town.result.effects += [method for method in town.listed.calls if method not in ("page", "read", "owners")]


def _compare(town: Town) -> None:
    """People go on working, three in ten webhooks are lost; then the schedule compares."""
    town.listed.lag(set())
    ids = town.random.sample(list(town.listed.rows), max(int(town.result.people * CHANGED), 10))
    at_ms = int(town.world.clock.now() * 1000)
    for number, one in enumerate(ids):
        town.listed.rows[one].title, town.listed.rows[one].modified_ms = f"Moved {number}", at_ms
    heard = [one for one in ids if town.random.random() >= LOST]
    town.told(LISTED, heard, ("title",), at_ms)
    _settle(town)
    town.result.unheard = len(_differing(town))
    town.world.clock.sleep(7 * 3600)
    town.world.sweep()
    _settle(town)
    town.result.drift_after = len(_differing(town))
    town.result.repaired = States(town.world.store).get(LISTED).drift.get("repaired", 0)


def _settle(town: Town) -> None:
    town.world.run()
    town.forget()
