"""A job followed to its end: a bar with count, rate and time left on a terminal, else a plain line now and then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn

from hub.cli_api import Api

POLL_S = 2.0
LINE_EVERY_S = 30.0
OVER = frozenset({"done", "failed", "stopped", "paused"})
Shown = Mapping[str, Any]
Write = Callable[[str], None]


def follow(api: Api, job: Shown, write: Write, sleep: Callable[[float], None]) -> int:
    """Follows a job until it has ended or waits for a person; 0 where it is done, else 1."""
    last = _on_a_terminal(api, job, sleep) if sys.stdout.isatty() else _in_lines(api, job, write, sleep)
    write(end_of(last))
    return 0 if last["status"] == "done" else 1


def is_over(job: Shown) -> bool:
    """Whether nothing goes on any more by itself."""
    return job["status"] in OVER


def line(job: Shown) -> str:
    """How far it is, in one line."""
    kind = next((one["kind"] for one in job["kinds"] if not one["done"]), "")
    of = f" of {job['total']}" if job["total"] is not None else ""
    parts = [f"{job['status']}: {job['read']}{of} records", kind, _rate(job), _left(job), job["reason"]]
    return ", ".join(part for part in parts if part)


def end_of(job: Shown) -> str:
    """What it came to."""
    counts = ", ".join(f"{word} {count}" for word, count in job["counts"].items())
    why = f" {job['reason']}" if job["reason"] else ""
    return f"{job['status']}: {counts or 'nothing'}.{why}"


def _in_lines(api: Api, job: Shown, write: Write, sleep: Callable[[float], None]) -> Shown:
    waited, status = 0.0, ""
    while not is_over(job):
        if job["status"] != status or waited >= LINE_EVERY_S:
            write(line(job))
            waited, status = 0.0, job["status"]
        sleep(POLL_S)
        waited += POLL_S
        job = api.get(f"/v1/jobs/{job['id']}")
    return job


def _on_a_terminal(api: Api, job: Shown, sleep: Callable[[float], None]) -> Shown:
    with bar(Console()) as progress:
        task = progress.add_task("", total=None, rate="", left="")
        while True:
            _show(progress, task, job)
            if is_over(job):
                return job
            sleep(POLL_S)
            job = api.get(f"/v1/jobs/{job['id']}")


def bar(console: Console) -> Progress:
    """The bar: what is in hand, how much of how much, how fast, how long still."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]} {task.fields[left]}", markup=False),
        console=console,
    )


def _show(progress: Progress, task: Any, job: Shown) -> None:
    kind = next((one["kind"] for one in job["kinds"] if not one["done"]), "")
    words = f"{job['status']} {kind}".strip()
    progress.update(
        task, description=words, completed=job["read"], total=job["total"], rate=_rate(job), left=_left(job)
    )


def _rate(job: Shown) -> str:
    return f"{job['rate']} a second" if job["rate"] is not None else ""


def _left(job: Shown) -> str:
    return f"{timedelta(seconds=job['left_s'])} left" if job["left_s"] is not None else ""
