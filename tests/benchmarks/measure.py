"""What a piece of Python costs: instructions by `perf` or valgrind where the machine has them, else CPU time."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from statistics import median

ROUNDS = 5
_REFS = re.compile(r"I\s+refs:\s+([\d,]+)")
_PERF = re.compile(r"([\d,]+)\s+instructions:u")

Run = Callable[[Sequence[str], Mapping[str, str] | None], float]


@cache
def method() -> tuple[str, Run]:
    """How this machine measures: the method's name, and the cost of a run of Python with these arguments."""
    if shutil.which("perf") and _PERF.search(output(["perf", "stat", "-e", "instructions:u", "true"], None)):
        return "instructions (perf)", lambda arguments, environment: _by_perf(arguments, environment)
    if shutil.which("valgrind"):
        return "instructions (valgrind)", lambda arguments, environment: _by_valgrind(arguments, environment)
    return "CPU seconds", _by_time


def cost(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    """The cost of `python <arguments>` in this machine's unit; RuntimeError where it fails."""
    return method()[1](arguments, environment)


def repeated(arguments: Sequence[str], times: int) -> float:
    """The cost of one repetition, where the last argument says how often: the start of Python does not count."""
    few = max(1, times // 10)
    return (cost([*arguments, str(times + few)]) - cost([*arguments, str(few)])) / times


def _by_perf(arguments: Sequence[str], environment: Mapping[str, str] | None) -> float:
    return _number(_PERF, output(["perf", "stat", "-e", "instructions:u", sys.executable, *arguments], environment))


def _by_valgrind(arguments: Sequence[str], environment: Mapping[str, str] | None) -> float:
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    return _number(_REFS, output([*tool, sys.executable, *arguments], environment))


def _by_time(arguments: Sequence[str], environment: Mapping[str, str] | None) -> float:
    return median(_seconds(arguments, environment) for _ in range(ROUNDS))


def _seconds(arguments: Sequence[str], environment: Mapping[str, str] | None) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output([sys.executable, *arguments], environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def output(command: Sequence[str], environment: Mapping[str, str] | None) -> str:
    """What the command prints; RuntimeError with all of it where it fails."""
    settings = {**os.environ, "PYTHONHASHSEED": "0", **(environment or {})}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:6])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _number(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    if found is None:
        raise RuntimeError(f"no count in: {text[-300:]}")
    return float(found[1].replace(",", ""))
