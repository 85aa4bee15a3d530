"""The import: a whole account comes in while its workers die and people go on working; then three in ten webhooks are lost.

In memory: the platform is a list behind the sync client's protocol, everything else is the hub (`make soak`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from tests.harness.importing import Progress, run
from tests.harness.importing_town import Imported

PEOPLE, KILLS = 100_000, 20
WANTED_NOUGHT = ("import.lost", "import.overwritten_live", "import.effects", "reconcile.drift_after")


def measure(seed: int, people: int = PEOPLE, kills: int = KILLS, progress: Progress = lambda _n, _of: None) -> Imported:
    """One run."""
    return run(seed, people, kills, progress)


def missed(figures: Mapping[str, float], kills: int = KILLS) -> list[str]:
    """The goals that the figures do not reach, in words."""
    wrong = [f"{name}: {figures[name]:.0f}, wanted 0" for name in WANTED_NOUGHT if figures[name]]
    wrong += ["not every death came before the end"] if figures["import.kills"] < kills else []
    return wrong + (["no webhook was lost"] if not figures["reconcile.unheard"] else [])


def report(found: Imported, kills: int = KILLS) -> list[str]:
    """The lines that are printed."""
    lines = [
        f"import, seed {found.seed}: {found.people} contacts in {found.pages} pages and {found.invocations} invocations, "
        f"{found.kills} workers killed, {found.took_s:.0f} s",
        f"  {found.writes} writes of the job, {found.repaired} of {found.unheard} unheard changes mended",
    ]
    lines += [f"  {name}: {value}" for name, value in found.figures.items()]
    return lines + [f"  GOAL MISSED: {one}" for one in missed(found.figures, kills)]


def main(arguments: list[str] | None = None) -> int:
    """0 where nothing is lost, overwritten or sent, and nothing differs in the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    found = measure(options.seed, options.people, options.kills)
    print("\n".join(report(found, options.kills)))
    return int(bool(missed(found.figures, options.kills)))


if __name__ == "__main__":
    sys.exit(main())
