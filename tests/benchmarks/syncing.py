"""Two-way writing at length: 1,000 edits on three CRMs, three in ten webhooks lost, one in five doubled, workers dying.

In memory: the CRMs are their stand-ins, everything else is the hub (`make soak`). What was lost, a comparison finds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.harness.office_life import Life, Plan, live

EDITS, EDITS_PER_PERSON = 1_000, 20
LOST, DOUBLED, FAULTED = 0.3, 0.2, 0.02
SHOWN = 5
# Figure -> the most that may come out.
GOALS: Mapping[str, int] = {
    "sync.max_echoes_per_edit": 1,
    "sync.writes_after_settled": 0,
    "sync.wrong": 0,
    "sync.drift_after": 0,
}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of it, by figure and in words."""

    life: Life
    people: int
    took_s: float

    @property
    def figures(self) -> dict[str, float]:
        """By name.

        `sync.max_echoes_per_edit`: how often one edit was written into one other CRM at most, anew where another edit
        was written there in between, because it was learned later which was the last; `sync.max_writes_per_edit`: with
        those. `sync.writes_after_settled`: after all had come to rest, was announced and compared once more.
        """
        life = self.life
        return {
            "sync.edits": life.edits,
            "sync.writes": life.writes,
            "sync.max_echoes_per_edit": life.in_a_row,
            "sync.max_writes_per_edit": life.echoes,
            "sync.writes_after_settled": len(life.late),
            "sync.wrong": len(life.wrong),
            "sync.drift_after": life.drift,
        }


def measure(seed: int, edits: int = EDITS, progress: Progress = lambda _n, _of: None) -> Synced:
    """One run; the same seed gives the same one."""
    began, people = time.monotonic(), max(edits // EDITS_PER_PERSON, 1)
    plan = Plan(edits=edits, people=people, lost=LOST, doubled=DOUBLED, faulted=FAULTED)
    life = live(seed, plan, progress=progress)
    return Synced(life, people, time.monotonic() - began)


def missed(found: Synced) -> list[str]:
    """The goals that the figures do not reach, in words."""
    figures = found.figures
    wrong = [f"{name}: {figures[name]:.0f}, wanted {most}" for name, most in GOALS.items() if figures[name] > most]
    wrong += [] if found.life.dropped else ["no webhook was lost"]
    return wrong + ([] if found.life.faults else ["no call failed"])


def report(found: Synced) -> list[str]:
    """The lines that are printed."""
    life = found.life
    lines = [
        f"two-way, seed {life.seed}: {life.edits} edits of {found.people} people on three CRMs, {life.dropped} webhooks "
        f"lost, {life.faults} calls failed, {found.took_s:.0f} s"
    ]
    lines += [f"  {name}: {value}" for name, value in found.figures.items()]
    lines += [f"  wrong: {one}" for one in life.wrong[:SHOWN]] + [f"  late: {one}" for one in life.late[:SHOWN]]
    return lines + [f"  GOAL MISSED: {one}" for one in missed(found)]


def _shown(done: int, of: int) -> None:
    if done % max(of // 10, 1) == 0:
        print(f"two-way: {done} of {of} edits{', now all comes to rest' if done == of else ''}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """0 where all agree in the end, no edit was written twice, and nothing after that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=EDITS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    found = measure(options.seed, options.edits, _shown)
    print("\n".join(report(found)))
    return int(bool(missed(found)))


if __name__ == "__main__":
    sys.exit(main())
