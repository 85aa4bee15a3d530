"""One soak: traffic through a world in which calls fail, machines die and platforms are busy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from infra.local.standins.server import Call as PlatformCall
from tests.harness import faults
from tests.harness.accounts import moment, story_world
from tests.harness.faults import Injector
from tests.harness.oracle import Verdict, judge
from tests.harness.traffic import Person, Traffic, people_needed, traffic
from tests.harness.world import World

CALLS_FAULTED = 0.05
PLATFORM_BUSY = 0.10
BUSY = (429, 429, 500, 502)
CHUNK = 100
CHUNK_S = 20.0
REDRIVES = 20
# A machine dies less often than a call is throttled: a death takes its whole batch along.
CRASHES = frozenset({faults.CRASH_BEFORE, faults.CRASH_AFTER})
CRASH_WEIGHT = 0.1

Mutant = Callable[[World], None]
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Result:
    """What a soak found and what it put the world through."""

    seed: int
    deliveries: int
    verdict: Verdict
    traffic: Traffic
    redriven: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    faulted: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    busy: Counter[str] = field(default_factory=Counter)


def soak(seed: int, deliveries: int, mutant: Mutant | None = None, progress: Progress = lambda _n, _of: None) -> Result:
    """Runs one soak to its end; the same seed gives the same run."""
    random = Random(seed)
    injector = Injector(_chooser(random))
    busy = _busy(random)
    world, accounts = story_world(injector=injector, shuffle=random, copies=0.01, trouble=busy, without="salesforce")
    contacts = [_contact(accounts.hubspot, number) for number in range(people_needed(deliveries))]
    day = traffic(random, deliveries, contacts)
    if mutant:
        mutant(world)
    _play(world, day, progress)
    redriven = _redrive(world)
    result = Result(seed, len(day.steps), judge(world, accounts.hubspot, day), day, redriven)
    result.raised = Counter(f"{function}: {type(error).__name__}" for function, error in world.raised)
    for (function, operation, fault), n in injector.hits.items():
        result.faulted[fault] += n
        result.operations[f"{function} {operation}"] += n
    result.calls, result.busy = len(injector.calls), accounts.platforms.met
    return result


def _contact(hubspot: object, number: int) -> str:
    person = Person(number, "")
    typed = {"phone": f"0{person.phone[3:]}", "lastname": f"Person {number}", "jobtitle": "Buyer"}
    return str(hubspot.records.create("contacts", typed, source="CRM_UI", at=moment(0)).id)  # type: ignore[attr-defined]


def _play(world: World, day: Traffic, progress: Progress) -> None:
    for start in range(0, len(day.steps), CHUNK):
        world.deliver(*(step.sending for step in day.steps[start : start + CHUNK]))
        world.work()
        world.clock.sleep(CHUNK_S)
        progress(min(start + CHUNK, len(day.steps)), len(day.steps))
    world.run()


def _redrive(world: World) -> int:
    """What was received in vain too often is put back, as an operator does; letters with a reason stay."""
    total = 0
    for _ in range(REDRIVES):
        moved = sum(queue.redrive(world.clock.now()) for queue in world.queues.values())
        if not moved:
            break
        total += moved
        world.run()
    return total


def _chooser(random: Random) -> faults.Choose:
    def choose(call: faults.Call) -> str | None:
        if random.random() >= CALLS_FAULTED:
            return None
        kinds = faults.faults_of(call.operation)
        weights = [CRASH_WEIGHT if kind in CRASHES else 1.0 for kind in kinds]
        return random.choices(kinds, weights)[0]

    return choose


def _busy(random: Random) -> Callable[[PlatformCall], int | str | None]:
    def trouble(call: PlatformCall) -> int | str | None:
        setting_up = "/properties/" in call.path
        return random.choice(BUSY) if not setting_up and random.random() < PLATFORM_BUSY else None

    return trouble


def findings(mutant: Mutant, seed: int, deliveries: int, tries: int = 5) -> int:
    """How much is found wrong with a seeded bug; a fault that hits it may need a few seeds to come up."""
    for number in range(tries):
        verdict = soak(seed + number, deliveries, mutant).verdict
        if not verdict.clean:
            return sum(map(len, (verdict.lost, verdict.duplicated, verdict.wrong, verdict.poison_not_set_aside)))
    return 0
