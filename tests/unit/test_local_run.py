"""The local run: it finds a Python that works, a port that is free, and stops what it started and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.local import bootstrap, deploy, running
from infra.local.place import ROOT, Place, Stop, check_ports, free_place, from_arguments
from infra.local.processes import Started, is_ours
from infra.local.standins.accounts import Accounts, new_accounts
from infra.local.story.stage import Running


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_that_only_prints_an_error_is_not_taken(tmp_path: Path) -> None:
    broken = script(tmp_path / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    assert bootstrap.probe(broken) == ("", "")


def test_an_interpreter_that_works_is_known_by_version_and_path() -> None:
    version, path = bootstrap.probe(sys.executable)
    assert version == "{}.{}".format(*sys.version_info[:2])
    assert Path(path).exists()


def test_something_that_is_not_there_is_not_taken(tmp_path: Path) -> None:
    assert bootstrap.probe(str(tmp_path / "nothing")) == ("", "")


def test_no_module_beside_the_bootstrap_hides_one_of_pythons_own() -> None:
    assert not {path.stem for path in (ROOT / "infra/local").glob("*.py")} & sys.stdlib_module_names


def test_the_lock_files_name_no_host_but_the_public_registries() -> None:
    npm = (ROOT / "infra/local/cdk/package-lock.json").read_text()
    assert "resolved" not in npm
    assert "://" not in npm
    emulator = (ROOT / "infra/local/emulator/uv.lock").read_text()
    hosts = {part.split("/")[0] for part in emulator.split("https://")[1:]}
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_a_port_in_use_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    place = free_place(tmp_path)
    check_ports(place)
    with socket.create_server(("127.0.0.1", place.standin_port("meta"))), pytest.raises(Stop) as stop:
        check_ports(place)
    sentence = str(stop.value)
    assert str(place.standin_port("meta")) in sentence
    assert "make down" in sentence
    assert "\n" not in sentence


def test_flags_win_over_the_environment(tmp_path: Path) -> None:
    place = from_arguments(["--port", "5000"], {"RENKEI_LOCAL_PORT": "6000", "RENKEI_LOCAL_DIR": str(tmp_path)})
    assert (place.emulator_port, place.directory) == (5000, tmp_path)


def test_stopping_ends_a_whole_group_even_one_that_does_not_listen_to_sigterm(tmp_path: Path) -> None:
    started = Started()
    child = tmp_path / "child"
    stubborn = script(tmp_path / "stubborn", f"trap '' TERM; sleep 600 & echo $! > {child}; wait; wait")
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        started.start("stubborn", [stubborn], os.environ, tmp_path / "log")
        while not child.exists() or not child.read_text().strip():
            time.sleep(0.02)
        started.stop()
        assert not is_ours(int(child.read_text()), "sleep")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_taking_down_stops_only_what_still_is_what_the_state_file_says(tmp_path: Path) -> None:
    place = Place(tmp_path, 1, 2)
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        Running("", {"ministack": bystander.pid}, {}, {}, 0).write(place.state_file)
        assert running.take_down(place) == []
        assert bystander.poll() is None
        assert not place.state_file.exists()
    finally:
        bystander.kill()
        bystander.wait()


def test_taking_down_where_nothing_is_up_is_no_error(tmp_path: Path) -> None:
    assert running.take_down(Place(tmp_path, 1, 2)) == []


def test_the_reason_of_a_failed_deploy_is_the_line_that_tells_it(tmp_path: Path) -> None:
    log = tmp_path / "deploy.log"
    log.write_text(
        "Traceback\nValueError: log_days must be one of 1, 3\npython -m infra.app: Subprocess exited with error 1\n"
    )
    assert deploy.why(log) == "ValueError: log_days must be one of 1, 3"


def test_accounts_are_readable_by_this_user_alone_and_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    known = new_accounts()
    known.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Accounts.read(path) == known
