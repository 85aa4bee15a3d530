"""The stack synthesized once for AWS and once for the local run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.assembly import Assembly, synthesize


@pytest.fixture(scope="session", autouse=True)
def own_node() -> Iterator[None]:
    """The node that is locked beside the project comes before any other on this machine."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    yield
    os.environ["PATH"] = before


@pytest.fixture(scope="session")
def aws(own_node: None, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """As it goes to AWS, with a partner's event source."""
    source = "aws.partner/salesforce.com/00D000000000000AAA/0YL000000000000"
    return synthesize(tmp_path_factory.mktemp("aws"), salesforce_event_sources=[source])


@pytest.fixture(scope="session")
def local(own_node: None, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """As it goes to the emulator, built for this machine."""
    return synthesize(tmp_path_factory.mktemp("local"), local="true", local_event_buses="crm-events")
