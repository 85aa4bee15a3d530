"""Prepares a fresh machine: uv, the two locked environments, node and the CDK CLI. Standard library only.

Runs on any Python 3.7+ for as long as it takes to find a good interpreter, then goes on inside that one.
Nothing is fetched from anywhere but the package registries that pip, uv and npm are configured to use.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
TOOL = BUILD / "tool"
EMULATOR = BUILD / "emulator"
CDK = BUILD / "cdk"
STAMP = BUILD / "setup.stamp"
LOCKS = ("pyproject.toml", "uv.lock", "infra/local/emulator/uv.lock", "infra/local/cdk/package-lock.json")
WANTED = ("3.13", "3.14", "3.12", "3.11")
PROBE = "import ssl, venv, ctypes, sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


class Missing(Exception):
    """One sentence that says what to do."""


def main() -> int:
    """0 when everything is in place, 1 after one sentence on standard error."""
    try:
        return prepare(good_interpreter())
    except Missing as missing:
        print("renkei: %s" % missing, file=sys.stderr)  # noqa: UP031 - must parse on any Python 3
        return 1


def prepare(python: str) -> int:
    """Does what is not done yet; a second run takes a moment."""
    if os.path.realpath(python) != os.path.realpath(sys.executable) and os.environ.get("RENKEI_BOOTSTRAP") != python:
        return subprocess.call([python, __file__], env=dict(os.environ, RENKEI_BOOTSTRAP=python))
    if STAMP.exists() and STAMP.read_text() == fingerprint(python) and in_place():
        return 0
    started = time.monotonic()
    BUILD.mkdir(exist_ok=True)
    steps = (install_uv, sync_project, sync_emulator, install_cdk)
    for number, step in enumerate(steps, 1):
        print("[%d/%d] %s" % (number, len(steps), step.__doc__), flush=True)  # noqa: UP031
        step(python)
    STAMP.write_text(fingerprint(python))
    print("ready after %d s" % (time.monotonic() - started), flush=True)  # noqa: UP031
    return 0


def good_interpreter() -> str:
    """Path of the one that RENKEI_BOOTSTRAP or UV_PYTHON names, else of a 3.13 that works, else of another 3.11+."""
    for name in ("RENKEI_BOOTSTRAP", "UV_PYTHON"):
        version, path = probe(os.environ.get(name) or "none")
        if version in WANTED:
            return path
    found: dict[str, str] = {}
    for candidate in candidates():
        version, path = probe(candidate)
        if version in WANTED:
            found.setdefault(version, path)
        if version == WANTED[0]:
            break
    for version in WANTED:
        if version in found:
            return found[version]
    raise Missing("no working Python 3.11 or later was found: install Python 3.13 with ssl, venv and ctypes.")


def candidates() -> list[str]:
    """Names and paths to try."""
    named = ["python" + version for version in WANTED]
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")))
    pyenv = [str(path / "bin" / "python3") for version in WANTED for path in sorted(root.glob(f"versions/{version}*"))]
    return [*named, *pyenv, "python3", "/usr/bin/python3", sys.executable]


def probe(candidate: str) -> tuple[str, str]:
    """Version and real path of an interpreter that can import what is needed, else two empty strings."""
    try:
        run = subprocess.run([candidate, "-c", PROBE], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "", ""
    version, _, path = run.stdout.strip().partition(" ")
    return (version, path) if run.returncode == 0 and path else ("", "")


def install_uv(python: str) -> None:
    """uv, at the version that the project pins"""
    version = uv_version()
    if uv_is(version):
        return
    shutil.rmtree(TOOL, ignore_errors=True)
    os.environ["PIP_ROOT_USER_ACTION"] = "ignore"
    run([*pip_of(python), "install", "--quiet", "--target", str(TOOL), "uv==" + version], "uv could not be installed")


def pip_of(python: str) -> list[str]:
    """The command for a pip: the interpreter's own, or that of a virtual environment made for it."""
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [python, "-m", "pip"]
    home = BUILD / "pip"
    run([python, "-m", "venv", str(home)], "this Python has neither pip nor ensurepip (install python3-venv)")
    return [str(home / "bin" / "python"), "-m", "pip"]


def uv_version() -> str:
    """The version that pyproject.toml pins."""
    pinned = re.search(r'"uv==([0-9.]+)"', (ROOT / "pyproject.toml").read_text())
    if pinned is None:
        raise Missing("pyproject.toml pins no uv version: restore the file.")
    return pinned.group(1)


def uv_is(version: str) -> bool:
    """Whether our copy of uv runs and has that version."""
    try:
        shown = subprocess.run([str(TOOL / "bin" / "uv"), "--version"], capture_output=True, text=True)
    except OSError:
        return False
    return shown.stdout.split()[1:2] == [version]


def sync_project(python: str) -> None:
    """the project's locked environment (.venv)"""
    uv_sync(python, ROOT, ROOT / ".venv")


def sync_emulator(python: str) -> None:
    """the emulator's own locked environment"""
    uv_sync(python, ROOT / "infra/local/emulator", EMULATOR)


def uv_sync(python: str, project: Path, environment: Path) -> None:
    """Makes an environment exactly what its lock file says."""
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON": python, "UV_PROJECT_ENVIRONMENT": str(environment)}
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    command = [str(TOOL / "bin" / "uv"), "sync", "--frozen", "--project", str(project)]
    run(
        command if sys.stderr.isatty() else [*command, "--quiet"],
        "the packages could not be installed",
        dict(kept, **settings),
    )


def install_cdk(_python: str) -> None:
    """the pinned CDK command line, on node from the package registry"""
    CDK.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(str(ROOT / "infra/local/cdk" / name), str(CDK / name))
    path = os.pathsep.join([str(ROOT / ".venv/bin"), os.environ.get("PATH", "")])
    command = [str(ROOT / ".venv/bin/npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(CDK)]
    run(command, "the CDK command line could not be installed", dict(os.environ, PATH=path))


def in_place() -> bool:
    """Whether what the stamp speaks of is still there."""
    made = (ROOT / ".venv/bin/python", EMULATOR / "bin/python", CDK / "node_modules/aws-cdk/bin/cdk")
    return all(path.exists() for path in made)


def fingerprint(python: str) -> str:
    """Changes with any lock file and with the interpreter."""
    digest = hashlib.sha256(os.path.realpath(python).encode())
    for name in LOCKS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(command: list[str], failed: str, environment: dict[str, str] | None = None) -> None:
    """Runs a command whose output is shown; Missing with a sentence where it fails."""
    try:
        status = subprocess.call(command, env=environment, cwd=str(ROOT))
    except OSError as error:
        raise Missing(f"{failed}: {error}.") from error
    if status:
        raise Missing(f"{failed} (see above): check that the package registries can be reached and run make again.")


if __name__ == "__main__":
    sys.exit(main())
