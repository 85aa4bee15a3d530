"""Builds what a function ships, without Docker: its folder, `hub`, its connectors, its locked third-party packages.

Bytecode is compiled last and by hash: CDK stamps every file in an asset with one fixed time, so ordinary bytecode
never matches and each cold start would compile everything again (seen in aws-cdk 2.1148.1, November 2026).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "functions"
BUILT = ROOT / "build" / "packages"
LAMBDA_PYTHON = (3, 13)
LAMBDA_PLATFORM = "aarch64-manylinux_2_28"  # Lambda runs Python 3.13 on Amazon Linux 2023, which has glibc 2.34
IN_LAMBDA = "/var/task"
LEFT_OUT = ("__pycache__", "*.pyc", "README.md", "tests", "deliveries", "py.typed", "asyncapi*", ".*")

# Who compares names, and so needs how they are read (420 KB): the groups of the functions that read customers.
COMPARING = frozenset({"api", "sync", "match"})
READINGS = frozenset({"readings.txt", "readings.NOTICE.txt"})


@dataclass(frozen=True, slots=True)
class Bundle:
    """What to build: the function's folder, a dependency group, the kinds of its connectors; for here or for AWS."""

    function: str
    group: str
    kinds: frozenset[str]
    local: bool

    def build(self, out: Path) -> None:
        """Fills the folder `out`; the same sources give the same bytes."""
        python = sys.executable if self.local else lambda_python()
        packages = third_party(self.groups, local=self.local, python=python)
        if packages is not None:
            shutil.copytree(packages, out, dirs_exist_ok=True)
        for source in (self.function, "hub", "connectors"):
            shutil.copytree(FUNCTIONS / source, out / source, ignore=self._left_out)
        _compile([out / source for source in (self.function, "hub", "connectors")], out, python)

    @property
    def groups(self) -> tuple[str, ...]:
        """The function's dependency group; for one that verifies, also what its connectors' schemes need."""
        return (self.group, *(f"needs_{name}" for name in needs_of(self.kinds) if self.group == "ingest"))

    def _left_out(self, folder: str, names: list[str]) -> set[str]:
        unwanted = shutil.ignore_patterns(*LEFT_OUT)(folder, names)
        if Path(folder) == FUNCTIONS / "connectors":
            unwanted |= set(names) - {"__init__.py", *connectors_of(self.kinds)}
        if Path(folder) == FUNCTIONS / "hub" and self.group not in COMPARING:
            unwanted |= READINGS & set(names)
        return set(unwanted)


def connectors_of(kinds: frozenset[str]) -> list[str]:
    """The connectors that serve any of the kinds, by name."""
    from hub.connector import load, names

    return [name for name in names() if load(name).kinds & kinds]


def needs_of(kinds: frozenset[str]) -> list[str]:
    """The packages that the signature schemes of the kinds' connectors need, by name."""
    from hub.connector import load

    return sorted({need for name in connectors_of(kinds) for need in load(name).needs})


def code(bundle: Bundle) -> lambda_.Code:
    """The bundle as a function's code; `command` only tells CDK's cache one bundle from another."""
    return lambda_.Code.from_asset(
        str(FUNCTIONS),
        asset_hash_type=cdk.AssetHashType.OUTPUT,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("none"),
            command=[bundle.function, *bundle.groups, *sorted(bundle.kinds), str(bundle.local)],
            local=_Local(bundle),
        ),
    )


@jsii.implements(cdk.ILocalBundling)
class _Local:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def try_bundle(self, output_dir: str, *_: Any, **__: Any) -> bool:
        self.bundle.build(Path(output_dir))
        return True


def third_party(groups: tuple[str, ...], *, local: bool, python: str | None) -> Path | None:
    """A folder with the groups' packages from uv.lock, installed and compiled once; None where all are empty."""
    requirements = _locked(groups)
    if not requirements:
        return None
    target = _for_here() if local else _for_lambda()
    text = "\n".join([requirements, *target, str(python and _version(python)), sys.platform])
    ready = BUILT / hashlib.sha256(text.encode()).hexdigest()[:16]
    if not ready.exists():
        _install(requirements, target, ready, python)
    return ready


@cache
def _locked(groups: tuple[str, ...]) -> str:
    """The groups' exact packages with hashes."""
    only = [part for group in groups for part in ("--only-group", group)]
    command = ["export", "--frozen", *only, "--no-emit-project", "--no-header", "--no-annotate"]
    return _uv(*command, "--format", "requirements-txt").strip()


def _for_here() -> list[str]:
    return ["--python", sys.executable]


def _for_lambda() -> list[str]:
    return ["--python-platform", LAMBDA_PLATFORM, "--python-version", ".".join(map(str, LAMBDA_PYTHON))]


def _install(requirements: str, target: Iterable[str], ready: Path, python: str | None) -> None:
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ready.parent) as work:
        lock, out = Path(work, "lock.txt"), Path(work, "out")
        lock.write_text(requirements + "\n")
        options = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--link-mode", "copy"]
        _uv("pip", "install", "--quiet", "--target", str(out), *target, *options, "-r", str(lock))
        for unwanted in (out / "bin", out / ".lock"):
            shutil.rmtree(unwanted) if unwanted.is_dir() else unwanted.unlink(missing_ok=True)
        _compile([out], out, python)
        _move(out, ready)


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:  # another build finished the same folder first
        if not target.is_dir():
            raise


def _uv(*arguments: str) -> str:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON": sys.executable}
    environment.pop("VIRTUAL_ENV", None)
    return _run([find_uv_bin(), *arguments], environment)


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} {' '.join(command[1:4])} … failed:\n{done.stderr}{done.stdout}")
    return done.stdout


def _compile(folders: Iterable[Path], out: Path, python: str | None) -> None:
    """Bytecode that is valid whatever the file times are, with the paths it will have in Lambda."""
    if python is None:
        return
    options = ["-q", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", str(out), "-p", IN_LAMBDA]
    _run([python, "-I", "-m", "compileall", *options, *map(str, folders)])


@cache
def lambda_python() -> str | None:
    """A Python of the Lambda's own version on this machine; None, with one warning, where there is none."""
    found = next((python for python in _candidates() if _version(python) == LAMBDA_PYTHON), None)
    if found is None:
        wanted = ".".join(map(str, LAMBDA_PYTHON))
        print(f"No working Python {wanted} was found: the functions will work, but each cold start will be several "
              "times slower because their bytecode could not be compiled.", file=sys.stderr)  # fmt: skip
    return found


def _candidates() -> Iterator[str]:
    yield sys.executable
    wanted = ".".join(map(str, LAMBDA_PYTHON))
    yield from filter(None, [shutil.which(f"python{wanted}")])
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{wanted}*/bin/python")))


@cache
def _version(python: str) -> tuple[int, ...] | None:
    """Major and minor version; None for a launcher that does not start (pyenv leaves such behind)."""
    command = [python, "-I", "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(map(int, done.stdout.split()))
