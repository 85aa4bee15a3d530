"""The soak: a day's traffic through a world in which calls fail, machines die and platforms are busy (`make soak`).

Then the same with well-known mistakes seeded, one at a time: each must be noticed. Then the connectors are fuzzed, and
their verifiers compared with the vendors'. Then an account of 100,000 is imported while workers die, and people edit on
three CRMs that are written to both ways. Then a town of people on five platforms is told apart, and conversations whose
events come in any order are compared with the sorted ones. Figures go to build/soak.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tests.benchmarks import fuzz, importing, syncing, town
from tests.benchmarks.fuzz import Fuzzed
from tests.harness import faults
from tests.harness.mutants import MUTANTS
from tests.harness.mutants_identity import ORDER_MUTANTS
from tests.harness.soaking import Progress, Result, findings, soak
from tests.harness.talks import CONVERSATIONS, Order, compare

FIGURES = Path("build/soak.json")
MUTANT_DELIVERIES = 500
MUTANT_CONVERSATIONS = 20
LEAST_INVERSIONS = 10  # of the twenty events of a conversation, so many come after a later one
SHOWN = 5


def vacuous(result: Result) -> list[str]:
    """What a soak did not put to the proof, though it should have."""
    kinds = {*faults.WRITE_FAULTS, faults.REFUSED, faults.MISREPORTED, faults.CONFLICT}
    missing = sorted(f"no call had the fault: {kind}" for kind in kinds - set(result.faulted))
    missing += [f"the platforms never answered {status}" for status in ("429", "500", "502") if not result.busy[status]]
    checks = {
        "nothing was out of order": result.traffic.inversions,
        "nothing was duplicated": result.traffic.duplicated,
        "nothing was poison": len(result.traffic.poison),
    }
    return missing + [what for what, count in checks.items() if not count]


def figures(main: Result, caught: dict[str, bool], fuzzed: Fuzzed, disagreements: int) -> dict[str, float]:
    """The figures by name."""
    return {
        "soak.deliveries": main.deliveries,
        "soak.lost": len(main.verdict.lost),
        "soak.duplicated": len(main.verdict.duplicated),
        "soak.wrong": len(main.verdict.wrong),
        "soak.poison_not_set_aside": len(main.verdict.poison_not_set_aside),
        "soak.redriven": main.redriven,
        "soak.calls": main.calls,
        "soak.calls_faulted": main.faulted.total(),
        "soak.seeded_bugs": len(caught),
        "soak.seeded_bugs_caught": sum(caught.values()),
        "fuzz.mutants": fuzzed.mutants.total(),
        "fuzz.unhandled": len(fuzzed.unhandled),
        "oracle.disagreements": disagreements,
    }


def main(arguments: list[str] | None = None) -> int:
    """0 where nothing is lost, doubled or wrong, poison set aside, each seeded bug caught, nothing raised, the town told."""
    options = _options(arguments)
    results = [_soak(seed, options.deliveries) for seed in options.seeds]
    caught = {} if options.no_mutants else _all_caught(options.seeds[0])
    fuzzed, disagreements = _fuzz(options.seeds[0], options.fuzz, options.fuzz_limit_s), _disagreements()
    people = _town(options.town_seed, options.town) if options.town else {}
    history = _import(options.seeds[0], options.people_imported) if options.people_imported else {}
    agreed, edits = _sync(options.seeds[0], options.edits) if options.edits else (True, {})
    FIGURES.parent.mkdir(exist_ok=True)
    order = _order(options.seeds[0], options.conversations)
    measured = figures(_worst(results), caught, fuzzed, disagreements) | people | history | edits | _figures_of(order)
    FIGURES.write_text(json.dumps(measured, indent=2) + "\n")
    print(f"figures: {FIGURES}")
    good = [
        *(result.verdict.clean and not vacuous(result) for result in results),
        *caught.values(),
        not (fuzzed.unhandled or fuzzed.missing),
        fuzzed.mutants.total() >= options.fuzz,
        disagreements == 0,
        not (people and town.missed(people)),
        not (history and importing.missed(history)),
        agreed,
        order.equal == order.conversations and order.inversions >= LEAST_INVERSIONS * order.conversations,
    ]
    return int(not all(good))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], metavar="SEED")
    parser.add_argument("--no-mutants", action="store_true")
    parser.add_argument("--fuzz", type=int, default=fuzz.MUTANTS, metavar="MUTANTS")
    parser.add_argument("--fuzz-limit-s", type=float, default=fuzz.LIMIT_S, metavar="SECONDS")
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    parser.add_argument("--town", type=int, default=town.PEOPLE, metavar="PEOPLE", help="0: no town")
    parser.add_argument("--town-seed", type=int, default=1, metavar="SEED")
    parser.add_argument("--people-imported", type=int, default=importing.PEOPLE, metavar="PEOPLE", help="0: no import")
    parser.add_argument("--edits", type=int, default=syncing.EDITS, metavar="EDITS", help="0: no two-way writing")
    return parser.parse_args(arguments)


def _worst(results: list[Result]) -> Result:
    return max(results, key=lambda one: (not one.verdict.clean, one.deliveries))


def _soak(seed: int, deliveries: int) -> Result:
    started = time.monotonic()
    result = soak(seed, deliveries, progress=_progress(f"seed {seed}"))
    took_s = time.monotonic() - started
    print(
        f"\rseed {seed}: {result.deliveries} deliveries ({result.traffic.duplicated} copies, "
        f"{result.traffic.inversions} inversions, {len(result.traffic.poison)} poison) in {took_s:.1f} s; "
        f"{result.faulted.total()} of {result.calls} calls faulted, platforms busy {result.busy.total()} times, "
        f"{result.redriven} redriven"
    )
    for kind, count in sorted(result.faulted.items()):
        print(f"  {kind}: {count}")
    for function, count in sorted(result.raised.items()):
        print(f"  raised out of a handler: {function}: {count}")
    _print_findings(result)
    return result


def _print_findings(result: Result) -> None:
    verdict = result.verdict
    named = {
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "wrong": verdict.wrong,
        "poison not set aside": verdict.poison_not_set_aside,
        "vacuous": vacuous(result),
    }
    for name, found in named.items():
        print(f"  {name}: {len(found)}")
        for one in found[:SHOWN]:
            print(f"    {one}")


def _fuzz(seed: int, mutants: int, limit_s: float) -> Fuzzed:
    started, first = time.monotonic(), seed * 1_000_000
    print(f"fuzz: {mutants} mutants of the examples of every connector, {limit_s:.0f} s at most", flush=True)
    found = fuzz.fuzz(fuzz.every_connector(), first, mutants, limit_s, _progress("fuzz"))
    took_s, done = time.monotonic() - started, found.mutants.total()
    print(f"\rfuzz: {done} mutants of {len(found.mutants)} connectors in {took_s:.1f} s, seeds from {first}")
    print(f"  unhandled: {len(found.unhandled)}")
    for one in found.unhandled[:SHOWN]:
        print(f"    {one}")
    for name in found.missing:
        print(f"  no example that could be changed: {name}")
    if done < mutants:
        print(f"  the time was over {mutants - done} mutants too early")
    return found


def _disagreements() -> int:
    found = fuzz.disagreements()
    print(f"the vendors' verifiers and ours: {found} disagreements without a documented reason", flush=True)
    return found


def _town(seed: int, people: int) -> dict[str, float]:
    shown: dict[str, Progress] = {}

    def progress(what: str, done: int, of: int) -> None:
        shown.setdefault(what, _progress(f"town: {what}"))(done, of)

    found = town.measure(seed, people, progress)
    print("\r" + "\n".join(town.report(found)), flush=True)
    return found.figures


def _import(seed: int, people: int) -> dict[str, float]:
    found = importing.measure(seed, people, progress=_progress("import"))
    print("\r" + "\n".join(importing.report(found)), flush=True)
    return found.figures


def _sync(seed: int, edits: int) -> tuple[bool, dict[str, float]]:
    found = syncing.measure(seed, edits, progress=_progress("two-way"))
    print("\r" + "\n".join(syncing.report(found)), flush=True)
    return not syncing.missed(found), found.figures


def _order(seed: int, conversations: int) -> Order:
    started = time.monotonic()
    order = compare(seed, conversations)
    print(f"order: {order.equal} of {conversations} conversations equal to the sorted run, {order.events} events,")
    print(f"  {order.inversions} after a later one of their conversation, in {time.monotonic() - started:.1f} s")
    for one in order.wrong[:SHOWN]:
        print(f"    {one}")
    return order


def _figures_of(order: Order) -> dict[str, float]:
    return {"order.equal": order.equal, "order.inversions": order.inversions}


def _all_caught(seed: int) -> dict[str, bool]:
    return {name: _caught(name, seed) for name in MUTANTS} | {name: _noticed(name, seed) for name in ORDER_MUTANTS}


def _noticed(name: str, seed: int) -> bool:
    found = MUTANT_CONVERSATIONS - compare(seed, MUTANT_CONVERSATIONS, ORDER_MUTANTS[name]).equal
    print(f"seeded bug, {name}: {f'caught, {found} conversations differ' if found else 'NOT CAUGHT'}", flush=True)
    return found > 0


def _caught(name: str, seed: int) -> bool:
    found = findings(MUTANTS[name], seed, MUTANT_DELIVERIES)
    print(f"seeded bug, {name}: {f'caught, {found} findings' if found else 'NOT CAUGHT'}", flush=True)
    return found > 0


def _progress(label: str) -> Progress:
    def show(done: int, of: int) -> None:
        if sys.stdout.isatty():
            print(f"\r{label}: {done} of {of}", end="", flush=True)
        elif done == of or done % max(min(of // 10, 2000), 1) == 0:
            print(f"{label}: {done} of {of}", flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
