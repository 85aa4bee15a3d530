"""Where one local run lives: its directory, its ports, its addresses."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
STANDINS = (
    *("issuer", "hubspot", "salesforce", "meta", "twilio"),
    *("dynamics365", "freshsales", "intercom", "mailchimp", "pipedrive", "shopify", "woocommerce", "zendesk", "zoho"),
)
REGION = "us-east-1"
ACCOUNT = "000000000000"


class Stop(Exception):
    """The run cannot go on; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """One run; two runs with different directories and ports do not see each other."""

    directory: Path
    emulator_port: int
    first_standin_port: int

    @property
    def endpoint(self) -> str:
        """The emulator's address, as the CDK CLI, boto3 and the Lambdas use it."""
        return f"http://localhost:{self.emulator_port}"

    @property
    def state_file(self) -> Path:
        """What `make story` and `make down` read."""
        return self.directory / "state.json"

    def standin_port(self, name: str) -> int:
        """The port of one stand-in."""
        return self.first_standin_port + STANDINS.index(name)

    def standin(self, name: str) -> str:
        """The address of one stand-in."""
        return f"http://localhost:{self.standin_port(name)}"

    def ports(self) -> dict[int, str]:
        """Every port that the run listens on, and what for."""
        return {self.emulator_port: "the emulator"} | {
            self.standin_port(name): f"the stand-in {name}" for name in STANDINS
        }


def from_arguments(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> Place:
    """The place that flags, else RENKEI_LOCAL_* variables, else the defaults name."""
    parser = argparse.ArgumentParser(description="renkei on this machine")
    parser.add_argument("--port", type=int, default=int(environment.get("RENKEI_LOCAL_PORT", "4566")))
    parser.add_argument("--standins", type=int, default=int(environment.get("RENKEI_LOCAL_STANDINS", "4601")))
    parser.add_argument("--directory", type=Path, default=Path(environment.get("RENKEI_LOCAL_DIR", BUILD / "local")))
    found = parser.parse_args(arguments)
    return Place(found.directory.absolute(), found.port, found.standins)


def check_ports(place: Place) -> None:
    """Stop where anything already listens on a port that the run needs."""
    for port, purpose in place.ports().items():
        if _busy(port):
            raise Stop(
                f"port {port} ({purpose}) is in use: run `make down` if an earlier run left it, "
                "or choose others with RENKEI_LOCAL_PORT and RENKEI_LOCAL_STANDINS."
            )


def _busy(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def free_place(directory: Path) -> Place:
    """A place on ports that are free now, for a run beside others."""
    first = next(port for port in range(20_000 + os.getpid() % 20_000, 60_000, 10) if _all_free(port))
    return Place(directory, first, first + 1)


def _all_free(first: int) -> bool:
    return not any(_busy(port) for port in range(first, first + 1 + len(STANDINS)))
