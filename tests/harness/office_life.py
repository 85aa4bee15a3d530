"""A life in the office: people edit on three CRMs while webhooks are lost, doubled or late, and machines die.

At the end everybody is asked, and what was written is counted: once per edit and CRM, and nothing once all is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from infra.local.standins.server import Call as PlatformCall
from tests.harness.faults import Call, Injector, faults_of
from tests.harness.office import Office, Post, Write
from tests.harness.platforms import LOST

ALL = ("hubspot", "salesforce", "pipedrive")
PAUSES_S = (1.5, 2.0, 5.0, 90.0)
BUSY = (429, 500, 503, LOST)
CALLS_FAULTED = 0.02
# Which of our fields people edit there, and which of them can be written there.
EDITED: Mapping[str, Sequence[str]] = {
    "hubspot": ("title", "phone", "mobile", "email"),
    "salesforce": ("title", "phone", "mobile", "email"),
    "pipedrive": ("phone", "email", "title"),
}
WRITTEN: Mapping[str, Sequence[str]] = {**EDITED, "pipedrive": ("phone", "email")}

Mutant = Callable[[Office], None]


def as_it_is(_office: Office) -> None:
    """No mistake."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a life is and what happens in it; `faulted` is the chance of each call to fail.

    `matching`: whether people who may be the same are looked for as well, which writes no field and takes most of the time.
    """

    edits: int = 12
    people: int = 1
    lost: float = 0.0
    doubled: float = 0.2
    faulted: float = 0.0
    echo_as: str = "app"
    names: Sequence[str] = ALL
    matching: bool = False


@dataclass(slots=True)
class Life:
    """What came of it: `wrong` is what does not agree, `echoes` how often an edit was written to a CRM at most.

    `in_a_row` leaves out what was written again because it was learned later which of two edits was the last.
    """

    seed: int
    wrong: list[str] = field(default_factory=list)
    edits: int = 0
    echoes: int = 0
    in_a_row: int = 0
    writes: int = 0
    late: list[Write] = field(default_factory=list)
    dropped: int = 0
    faults: int = 0
    drift: int = 0

    @property
    def clean(self) -> bool:
        """Whether all agree, no edit was written twice, and nothing at the end."""
        return not self.wrong and not self.late and self.echoes <= 1


def live(
    seed: int, plan: Plan, mutant: Mutant = as_it_is, progress: Callable[[int, int], None] = lambda _n, _of: None
) -> Life:
    """One life; the same seed gives the same one."""
    return _Living(seed, plan, mutant).run(progress)


class _Living:
    def __init__(self, seed: int, plan: Plan, mutant: Mutant) -> None:
        self.plan, self.random, self.life = plan, Random(seed), Life(seed)
        self.faults = Random(seed + 1)
        self.stormy = False
        self.injector = Injector(self._fault)
        self.office = Office(
            plan.names,
            random=self.random,
            injector=self.injector,
            trouble=self._trouble,
            post=Post(doubled=plan.doubled),
        )
        self.office.world.paused = frozenset() if plan.matching else frozenset({"match_customers"})
        for crm in self.office.crms.values():
            crm.standin.misbehaviour.echo_as = plan.echo_as  # type: ignore[assignment]
        self.people = [self._person(number) for number in range(plan.people)]
        self.office.settle()
        self.office.wait(300)
        self.said: dict[tuple[int, str], list[str]] = {}
        mutant(self.office)

    def run(self, progress: Callable[[int, int], None]) -> Life:
        """The whole of it."""
        self.office.writes.clear()
        self.office.post = Post(self.plan.lost, self.plan.doubled, shuffled=True)
        self.stormy = True
        for number in range(self.plan.edits):
            self._edit(number)
            self.office.wait(self.random.choice(PAUSES_S))
            if self.random.random() < 0.5:
                self._work_a_little()
            progress(number + 1, self.plan.edits)
        self._come_to_rest()
        self._look()
        return self.life

    def _person(self, number: int) -> dict[str, str]:
        known = {"last_name": f"Kato {number}", "email": f"p{number}@example.com", "phone": f"+8131234{number:04d}"}
        title = {"title": "Buyer"}
        return {name: self.office[name].enter(first_name="Mio", **known, **title) for name in self.plan.names}

    def _edit(self, number: int) -> None:
        name = self.random.choice(self.plan.names)
        person, edited = self.random.randrange(len(self.people)), self.random.choice(EDITED[name])
        self.said.setdefault((person, edited), []).append(_value(edited, number))
        self.office[name].edit(self.people[person][name], **{edited: _value(edited, number)})
        self.life.edits += 1

    def _work_a_little(self) -> None:
        self.office.post_out()
        with suppress(AssertionError):  # it does not come to rest in so few steps, nor shall it
            self.office.world.work(self.random.randint(1, 30))

    def _come_to_rest(self) -> None:
        self.office.settle()
        self.stormy = False
        self.office.post = Post()
        self.life.dropped = self.office.dropped.total()
        for _ in range(3):
            if not self._redriven():
                break
            self.office.settle()
        if self.life.dropped:
            self.office.compare()
        self.life.wrong += self._differences()
        self.life.echoes, self.life.in_a_row = _most(self.office.writes), _most_in_a_row(self.office.writes)
        self.life.writes = sum(one.changed for one in self.office.writes)
        self.life.faults = sum(self.injector.hits.values())

    def _redriven(self) -> int:
        """What was received in vain too often is put back, as an operator does; how many messages that were."""
        world = self.office.world
        return sum(queue.redrive(world.clock.now()) for queue in world.queues.values())

    def _differences(self) -> list[str]:
        found = []
        for (person, edited), said in self.said.items():
            there = {name: self._held(person, name, edited) for name in self.plan.names if edited in WRITTEN[name]}
            known = self._known(person, edited)
            # Who loses webhooks may learn of an edit by the row's time only, which may be later than another edit.
            right = said if self.life.dropped else said[-1:]
            agree = set(there.values()) == {known} and known in right
            found += [] if agree else [f"person {person}: {edited} is {there}, {known} in the hub, not {right}"]
        return found

    def _held(self, person: int, name: str, edited: str) -> str | None:
        return self.office[name].held(self.people[person][name], edited)

    def _known(self, person: int, edited: str) -> str | None:
        customer = self.office.customer(self.plan.names[0], self.people[person][self.plan.names[0]])
        told = customer.fields.get(edited) if customer else None
        return told["value"] if told else None

    def _look(self) -> None:
        """All is said: time passes, everything is announced once more, everything compared; nothing is written."""
        self.office.writes.clear()
        self.office.wait(3600)
        self.office.settle()
        self.office.repeat_all()
        self.office.settle()
        self.office.compare()
        self.life.late = list(self.office.writes)
        self.life.drift = self.office.drift()
        self.life.wrong += self._differences()

    def _fault(self, call: Call) -> str | None:
        if not self.stormy or self.faults.random() >= self.plan.faulted:
            return None
        return self.faults.choice(faults_of(call.operation))

    def _trouble(self, _call: PlatformCall) -> int | str | None:
        return self.faults.choice(BUSY) if self.stormy and self.faults.random() < self.plan.faulted else None


def _value(edited: str, number: int) -> str:
    """Another value for each edit."""
    return {
        "title": f"Title {number}",
        "phone": f"+8144{number:07d}",
        "mobile": f"+8190{number:08d}",
        "email": f"e{number}@example.com",
    }[edited]


def _most(writes: Sequence[Write]) -> int:
    """How often the same value was written into one field where it was not."""
    counts = Counter((one.crm, one.contact, one.field, one.value) for one in writes if one.changed)
    return max(counts.values(), default=0)


def _most_in_a_row(writes: Sequence[Write]) -> int:
    """The same without those between which another value was written into the field."""
    last: dict[tuple[str, str, str], tuple[str, int]] = {}
    most = 0
    for one in writes:
        if one.changed:
            value, times = last.get((one.crm, one.contact, one.field), ("", 0))
            times = times + 1 if value == one.value else 1
            last[one.crm, one.contact, one.field], most = (one.value, times), max(most, times)
    return most


__all__ = ["ALL", "Life", "Mutant", "Plan", "as_it_is", "live"]
