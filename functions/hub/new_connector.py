"""Makes the folder of a new connector, which runs at once, and lets the conformance suite say what it still owes.

`python -m hub.new_connector NAME KIND [--into FOLDER]`: exit code 0 where nothing is owed, 1 where something is,
2 where the name or the kind cannot be used.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hub.connector import KINDS

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}", re.ASCII)
_ROOT = Path(__file__).resolve().parents[2]

INIT = '''"""{title}: not documented yet."""

from hub.connector import Connector
from hub.signatures import StaticToken

SCHEME = StaticToken("x-{dashed}-token")

CONNECTOR = Connector(
    name="{name}",
    title="{title}",
    kinds=frozenset({{"{kind}"}}),
    signature="a static token in the header x-{dashed}-token",
    verify=SCHEME.verify,
    sign=SCHEME.sign,
    mapping="{package}.webhook",
    documents=(),
    identity="",
    emits=(),
    retries="",
)
'''
WEBHOOK = '''"""Deliveries of {title} to events: none yet, all is unmapped."""

from __future__ import annotations

from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.parsing import dict_at, parse_json


def map_delivery(delivery: Delivery, _connection: Connection) -> Mapped:
    """One unmapped part for each delivery; Quarantine for a body that is not JSON."""
    document = parse_json(delivery.body)
    return Mapped(unmapped=(Unmapped(type="delivery", native=dict_at(document)),))
'''
DELIVERY = """{
  "description": "The least that can be sent: an object that no event is made of yet.",
  "request": {"headers": {"Content-Type": "application/json"}, "body": {"type": "example"}},
  "unmapped": ["delivery"]
}
"""
README = """# {title}

## Set-up on the platform's side

## Settings and secrets

## What is received, and what becomes of it

## What makes two deliveries the same one

## Quirks

## Sources

"""
FILES = {"__init__.py": INIT, "webhook.py": WEBHOOK, "deliveries/example.json": DELIVERY, "README.md": README}


class Unusable(Exception):
    """A name or kind that cannot be used; the text says why."""


def make(name: str, kind: str, into: Path, package: str = "connectors") -> Path:
    """The new folder `into/name`, importable as `package.name`; raises Unusable and then leaves nothing behind."""
    if not _NAME.fullmatch(name):
        raise Unusable(f"{name!r} is no name: lower case letters, digits and underscores, a letter first, 2 to 31.")
    if kind not in KINDS:
        raise Unusable(f"{kind!r} is no kind: {', '.join(KINDS)}.")
    if (into / name).exists():
        raise Unusable(f"There is a connector {name} already.")
    for file, text in FILES.items():
        path = into / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, name, kind, f"{package}.{name}" if package else name), "utf-8")
    return into / name


def _filled(text: str, name: str, kind: str, package: str) -> str:
    title, dashed = name.replace("_", " ").capitalize(), name.replace("_", "-")
    return text if text is DELIVERY else text.format(name=name, kind=kind, package=package, title=title, dashed=dashed)


def main(arguments: Sequence[str]) -> int:
    """Makes the folder, then runs the conformance suite on it and returns what it returned."""
    parser = argparse.ArgumentParser(prog="hub.new_connector", description="Makes the folder of a new connector.")
    parser.add_argument("name")
    parser.add_argument("kind")
    parser.add_argument("--into", type=Path, help="a folder other than functions/connectors")
    given = parser.parse_args(arguments)
    into = given.into or _ROOT / "functions" / "connectors"
    try:
        folder = make(given.name, given.kind, into, "" if given.into else "connectors")
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Made {folder}. What it still owes:", flush=True)
    return _conformance(folder, "" if given.into else "connectors")


def _conformance(folder: Path, package: str) -> int:
    paths = [str(_ROOT / "functions"), str(_ROOT), str(folder.parent)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "tests.contracts.owed", str(folder), f"{package}.{folder.name}".strip(".")]
    return subprocess.run(command, cwd=_ROOT, env=environment, check=False).returncode  # noqa: S603 - our own module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
