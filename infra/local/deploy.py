"""Deploys the stack onto the emulator with the real CDK command line."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.local.emulator import aws_environment
from infra.local.place import BUILD, ROOT, Place, Stop
from infra.local.processes import stop_groups

CDK = BUILD / "cdk" / "node_modules" / "aws-cdk" / "bin" / "cdk"


def deploy(place: Place, context: Mapping[str, str], progress: Callable[[str], None]) -> dict[str, str]:
    """The stack's outputs by name; `progress` hears each line of the CLI; Stop where the deploy fails."""
    if not CDK.exists():
        raise Stop("the CDK command line is not installed: run `make setup`.")
    outputs = place.directory / "outputs.json"
    outputs.unlink(missing_ok=True)
    log = place.directory / "deploy.log"
    if _run(command(place, context, outputs), place, log, progress):
        raise Stop(f"the deploy failed ({why(log)}): the whole story is in {log}.")
    return _only_stack(json.loads(outputs.read_text()))


def command(place: Place, context: Mapping[str, str], outputs: Path) -> list[str]:
    """The command as it would be typed."""
    flags = ["--all", "--require-approval", "never", "--no-notices", "--progress", "events", "--ci", "--no-color"]
    places = ["--outputs-file", str(outputs), "--output", str(place.directory / "cdk.out")]
    settings = [part for name, value in context.items() for part in ("--context", f"{name}={value}")]
    return ["node", str(CDK), "deploy", "--app", "python -m infra.app", *flags, *places, *settings]


def _run(command: list[str], place: Place, log: Path, progress: Callable[[str], None]) -> int:
    """The CLI's exit status; it runs in a group of its own, which ends with us whatever happens."""
    path = f"{ROOT / '.venv' / 'bin'}:{aws_environment(place).get('PATH', '')}"
    own = {"PATH": path, "PYTHONUNBUFFERED": "1", "CDK_DISABLE_CLI_TELEMETRY": "1", "NO_COLOR": "1"}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=aws_environment(place) | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        with log.open("w") as output:
            for line in process.stdout or ():
                output.write(line)
                progress(line.strip())
        return process.wait()
    finally:
        stop_groups([process.pid])


def why(log: Path) -> str:
    """The line of the CLI's output that tells best what failed."""
    lines = [line.strip() for line in log.read_text().splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"failed|error:", line, re.I) and "Subprocess exited" not in line]
    return (telling or lines or ["no output"])[-1][:200]


def _only_stack(outputs: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: value for stack in outputs.values() for name, value in stack.items()}
