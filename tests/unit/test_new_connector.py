"""The folder of a new connector: it runs at once, and what it still owes is said in sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.new_connector import Unusable, main, make

OWED = ("identity", "documents", "retries", "no example that becomes one event alone", "no event type is named")


def test_the_folder_runs_and_its_conformance_run_names_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub.new_connector", "acme_phone", "telephony", "--into", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": "functions"},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert all(word in done.stdout for word in OWED), done.stdout
    assert "raises" not in done.stdout, done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("- ")]) == 3, done.stdout


@pytest.mark.parametrize("name", ["", "A", "a", "9lives", "a-b", "../up", "acme\n", "ä" * 3, "a" * 40])
def test_a_name_that_no_module_can_have_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no name"):
        make(name, "crm", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["acme", "email", "--into", str(tmp_path)]) == 2
    assert "crm, whatsapp, telephony" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_connector_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    folder = make("acme", "crm", tmp_path)
    (folder / "webhook.py").write_text("mine")
    with pytest.raises(Unusable, match="already"):
        make("acme", "crm", tmp_path)
    assert (folder / "webhook.py").read_text() == "mine"
