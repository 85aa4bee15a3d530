"""Starts processes in groups of their own and stops exactly those."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 5.0


@dataclass(slots=True)
class Started:
    """The processes of one run."""

    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Starts a process whose output goes to `log`; a Ctrl-C in the terminal does not reach it."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self.processes[name] = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def groups(self) -> dict[str, int]:
        """Process group by name, for the state file."""
        return {name: process.pid for name, process in self.processes.items()}

    def died(self) -> str | None:
        """The name of a process that has ended by itself, if any."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """Ends every group: asked first, forced after five seconds."""
        stop_groups(list(self.groups().values()))
        for process in self.processes.values():
            process.wait()
        self.processes.clear()


def stop_groups(groups: Sequence[int]) -> None:
    """SIGTERM to the groups, SIGKILL to what is left of them after `PATIENCE_S`."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and any(_alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def is_ours(pid: int, word: str) -> bool:
    """Whether that process still runs and its command line holds `word` (a pid may have been given to another)."""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return word in shown.stdout and "<defunct>" not in shown.stdout


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _alive(group: int) -> bool:
    _reap(group)
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _reap(pid: int) -> None:
    # a zombie still counts as a member of its group
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
