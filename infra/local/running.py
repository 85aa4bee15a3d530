"""Brings everything up, in order, and takes it down again."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx

from infra.local import emulator
from infra.local.deploy import deploy
from infra.local.emulator import aws_environment
from infra.local.operating import sign_in
from infra.local.place import ROOT, Place, Stop, check_ports
from infra.local.processes import Started, is_ours, stop_groups
from infra.local.standins.accounts import Accounts, new_accounts
from infra.local.story.deliveries import SALESFORCE_BUS
from infra.local.story.stage import Running, register

STANDINS_TIMEOUT_S = 20.0
WORDS = {"ministack": "ministack", "standins": "infra.local.standins"}
Working = Callable[[str], AbstractContextManager[Callable[[str], None]]]


def bring_up(place: Place, started: Started, working: Working) -> Running:
    """Emulator, stand-ins, stack, connections; `working` shows each of them. Stop where one does not come up."""
    check_ports(place)
    shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir(parents=True)
    known = new_accounts()
    known.write(place.directory / "accounts.json")
    with working("the local AWS emulator and the stand-in platforms"):
        emulator.start(place, started)
        emulator.bootstrap(place)
        _start_standins(place, started)
    _remember(place, started, "", {}, {})
    with working("cdk deploy") as progress:
        outputs = deploy(place, _context(place, known), progress)
    with working("a connection to each platform, through the API"):
        operator = sign_in(place, known, outputs["ApiUrl"])
        ids, webhooks = register(operator, place, known)
    return _remember(place, started, outputs["ApiUrl"], ids, webhooks)


def take_down(place: Place) -> list[str]:
    """Stops what the state file names and still runs; the names of what was stopped."""
    try:
        groups = Running.read(place.state_file).groups
    except OSError:
        return []
    found = {name: group for name, group in groups.items() if is_ours(group, WORDS[name])}
    stop_groups(list(found.values()))
    place.state_file.unlink()
    return list(found)


def _context(place: Place, known: Accounts) -> dict[str, str]:
    return {
        "local": "true",
        "nag": "false",
        "local_endpoint": place.endpoint,
        "oidc_issuer": place.standin("issuer"),
        "oidc_audience": known.oidc_audience,
        "local_event_buses": SALESFORCE_BUS,
    }


def _start_standins(place: Place, started: Started) -> None:
    command = [sys.executable, "-m", "infra.local.standins", "--port", str(place.emulator_port)]
    where = ["--standins", str(place.first_standin_port), "--directory", str(place.directory)]
    log = place.directory / "standins.log"
    started.start("standins", [*command, *where], aws_environment(place) | {"PYTHONPATH": _python_path()}, log)
    deadline = time.monotonic() + STANDINS_TIMEOUT_S
    while time.monotonic() < deadline and started.died() is None:
        try:
            if httpx.get(f"{place.standin('issuer')}/jwks", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise Stop(f"the stand-in platforms did not start: look at the end of {log}.")


def _python_path() -> str:
    return f"{ROOT}:{ROOT / 'functions'}"


def _remember(place: Place, started: Started, api_url: str, ids: dict[str, str], webhooks: dict[str, str]) -> Running:
    running = Running(api_url, started.groups(), ids, webhooks, told=0)
    running.write(place.state_file)
    return running
