"""The town: how well 10,000 generated people on five platforms are told apart, and who is suggested (`make soak`)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.harness.town import build
from tests.harness.town_measures import GOALS, Linking, Suggesting, linking, suggesting
from tests.harness.town_running import Progress, settle, silent
from tests.harness.town_suggested import suggested

PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of one town."""

    seed: int
    people: int
    deliveries: int
    identities: int
    customers: int
    linking: Linking
    suggesting: Suggesting
    took_s: float

    @property
    def figures(self) -> dict[str, float]:
        """The figures by name; shares from 0 to 1, rounded down, so that a goal is not met by rounding."""
        shares = {
            "town.precision": self.linking.precision,
            "town.recall": self.linking.recall,
            "town.suggestion_recall": self.suggesting.recall,
            "town.suggestion_precision": self.suggesting.precision,
        }
        counts = {"town.people": self.people, "town.shared_merges": len(self.linking.shared)}
        return {name: int(share * 10_000) / 10_000 for name, share in shares.items()} | counts


def measure(seed: int, people: int = PEOPLE, progress: Progress = silent) -> Found:
    """Builds, files, asks and judges one town; the same seed gives the same figures."""
    started = time.monotonic()
    settled = settle(build(seed, people), progress)
    joined = linking(settled)
    likely = suggesting(settled, suggested(settled, progress))
    took_s = time.monotonic() - started
    counts = (settled.deliveries, len(settled.customer_of), len(settled.customers))
    return Found(seed, people, *counts, joined, likely, took_s)


def missed(figures: Mapping[str, float]) -> list[str]:
    """The goals that the figures do not reach, in words."""
    short = [f"{name}: {figures[name]}, wanted {goal}" for name, goal in GOALS.items() if figures[name] < goal]
    merges = figures["town.shared_merges"]
    return short + ([f"town.shared_merges: {merges:.0f}, wanted 0"] if merges else [])


def report(found: Found) -> list[str]:
    """The lines that `make soak` prints."""
    joined, likely = found.linking, found.suggesting
    lines = [
        f"town, seed {found.seed}: {found.people} people, {found.deliveries} deliveries, {found.identities} identities, "
        f"{found.customers} customers in {found.took_s:.0f} s",
        f"  joined: {len(joined.right)} pairs rightly, {len(joined.false)} wrongly; "
        f"{len(joined.missed)} of {len(joined.wanted)} linkable ones missed",
        f"  suggested: {len(likely.right)} of {len(likely.suggested)} rightly; "
        f"{len(likely.missed)} of {len(likely.wanted)} suggestible ones missed",
    ]
    lines += [f"  {name}: {value}" for name, value in found.figures.items()]
    lines += [f"  wrongly joined because of: {cause}: {count}" for cause, count in joined.causes.most_common()]
    return lines + [f"  GOAL MISSED: {one}" for one in missed(found.figures)]
