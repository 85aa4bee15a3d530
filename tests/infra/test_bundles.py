"""What is shipped: this function, the hub, its connectors, its locked packages, compiled; nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub.connector import load, names
from infra.bundling import FUNCTIONS as FOLDER
from infra.bundling import IN_LAMBDA, Bundle, connectors_of, needs_of
from infra.function import FUNCTIONS
from tests.infra.assembly import Assembly

OURS = {"hub", "connectors"}
MOST_UNZIPPED = 250 * 1024 * 1024
STAMP = 315_532_800  # 1 January 1980, which CDK writes on every file of an asset
SEEN = """
import sys, json
compiled = []
def hook(event, arguments):
    if event == "compile" and str(arguments[1]).endswith(".py"):
        compiled.append(str(arguments[1]))
sys.path[:0] = sys.argv[1:2]
sys.addaudithook(hook)
import importlib
for name in sys.argv[2:]:
    importlib.import_module(name)
print(json.dumps({"compiled": compiled, "modules": sorted(sys.modules)}))
"""


def _top(assembly: Assembly, name: str) -> set[str]:
    return {path.name for path in assembly.asset(name).iterdir()}


def _shipped_connectors(assembly: Assembly, name: str) -> list[str]:
    return sorted(
        path.name for path in (assembly.asset(name) / "connectors").iterdir() if (path / "__init__.py").exists()
    )


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_bundle_holds_the_connectors_of_its_kinds_and_no_other_function(aws: Assembly, name: str) -> None:
    assert _shipped_connectors(aws, name) == [one for one in names() if load(one).kinds & FUNCTIONS[name].kinds]
    others = {folder.parent.name for folder in FOLDER.glob("*/handler.py")} - {name}
    assert _top(aws, name) & (others | OURS | {name}) == OURS | {name}


def test_the_kinds_differ_so_that_the_bundles_do(aws: Assembly) -> None:
    assert "hubspot" in _shipped_connectors(aws, "ingest_crm")
    assert "hubspot" not in _shipped_connectors(aws, "ingest_telephony")
    assert connectors_of(frozenset()) == []


@pytest.mark.parametrize("kind", ["crm", "whatsapp", "telephony"])
def test_an_ingest_function_ships_no_package_that_none_of_its_connectors_needs(aws: Assembly, kind: str) -> None:
    needed = set(needs_of(frozenset({kind})))
    found = _top(aws, f"ingest_{kind}")
    assert needed <= found
    assert needed or found == OURS | {f"ingest_{kind}"}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_examples_documents_and_tests_stay_at_home(aws: Assembly, name: str) -> None:
    ours = [path for folder in (*OURS, name) for path in (aws.asset(name) / folder).rglob("*")]
    assert [path for path in ours if path.name in ("deliveries", "tests", "README.md", "py.typed")] == []


def test_packages_are_built_for_the_lambdas_processor(aws: Assembly) -> None:
    libraries = [path.name for path in aws.asset("map_crm").rglob("*.so")]
    assert libraries
    assert all("aarch64" in name and "313" in name for name in libraries)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_bundle_stays_far_below_what_lambda_takes(aws: Assembly, name: str) -> None:
    unzipped = sum(path.stat().st_size for path in aws.asset(name).rglob("*") if path.is_file())
    assert unzipped < MOST_UNZIPPED / 3


def _imports(name: str) -> list[str]:
    """What the function will import in its life: its handler, and the parts of its connectors that it calls."""
    connectors = [load(one) for one in connectors_of(FUNCTIONS[name].kinds)]
    parts = {
        "map": [one.mapping for one in connectors],
        "sync": [one.client for one in connectors if one.client],
        "import": [one.client for one in connectors if one.client],
        "reconcile": [one.client for one in connectors if one.client],
        "api": [one.client for one in connectors if one.client],
        "ingest": [f"connectors.{one.name}" for one in connectors],
    }
    return [f"{name}.handler", *parts.get(name.split("_")[0], [])]


def _import_there(assembly: Assembly, name: str, folder: Path) -> dict[str, list[str]]:
    """Imports from a copy stamped as CDK stamps it, with nothing but the standard library beside it."""
    copy = shutil.copytree(assembly.asset(name), folder / name)
    for path in copy.rglob("*"):
        os.utime(path, (STAMP, STAMP))
    command = [sys.executable, "-I", "-S", "-c", SEEN, str(copy), *_imports(name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    seen: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_nothing_is_compiled_and_nothing_is_missing_when_the_asset_is_imported(
    local: Assembly, name: str, tmp_path: Path
) -> None:
    assert _import_there(local, name, tmp_path)["compiled"] == []


@pytest.mark.parametrize("kind", ["crm", "whatsapp", "telephony"])
def test_ingest_imports_no_model_library(local: Assembly, kind: str, tmp_path: Path) -> None:
    modules = _import_there(local, f"ingest_{kind}", tmp_path)["modules"]
    heavy = {"pydantic", "boto3", "botocore", "httpx", "aws_lambda_powertools", "hub.domain.events", "asyncio"}
    assert heavy & set(modules) == set()


def test_without_bytecode_the_same_import_compiles(local: Assembly, tmp_path: Path) -> None:
    asset = shutil.copytree(local.asset("ingest_crm"), tmp_path / "bare", ignore=shutil.ignore_patterns("*.pyc"))
    bare = Assembly(tmp_path, local.template)
    asset.rename(bare.asset("ingest_crm"))
    (tmp_path / "run").mkdir()
    assert _import_there(bare, "ingest_crm", tmp_path / "run")["compiled"] != []


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    size = FUNCTIONS["map_crm"]
    for attempt in ("first", "second"):
        Bundle("map_crm", size.group, size.kinds, local=True).build(tmp_path / attempt)
    assert _contents(tmp_path / "first") == _contents(tmp_path / "second")
    assert any(name.endswith(".pyc") for name in _contents(tmp_path / "first"))


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_tracebacks_name_the_place_in_lambda_not_the_place_where_it_was_built(local: Assembly) -> None:
    [bytecode] = (local.asset("ingest_crm") / "ingest_crm" / "__pycache__").glob("handler.*.pyc")
    assert f"{IN_LAMBDA}/ingest_crm/handler.py".encode() in bytecode.read_bytes()
