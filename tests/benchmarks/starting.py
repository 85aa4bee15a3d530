"""Cold starts: what INIT costs from the built asset, as Lambda holds it, over `boto3.client("sqs")` alone."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from infra.bundling import Bundle, connectors_of
from infra.function import FUNCTIONS
from tests.benchmarks.measure import cost, output

STAMP_S = 315_532_800  # 1 January 1980, which CDK writes on every file of an asset
RUNTIME = str(Path(boto3.__file__).parent.parent)  # where Lambda's runtime has boto3, after the function's own
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_REGION": "us-east-1",
    "RENKEI_STATE_TABLE": "state",
    "RENKEI_CONNECTIONS_TABLE": "connections",
    "RENKEI_BUCKET": "bucket",
    "RENKEI_BUS": "bus",
    "RENKEI_QUEUE_PREFIX": "https://sqs.us-east-1.amazonaws.com/123456789012/",
    "RENKEI_PUBLIC_URL": "https://hooks.example.com",
    "RENKEI_HASH_KEY_SECRET": "hash-key",
}
HUBS = {"ingest": "edge_hub", "api": "api_hub"}
BASE = "import sys; sys.path.append(sys.argv[1]); import boto3; boto3.client('sqs', region_name='us-east-1')"
# The path as in Lambda: the function's own packages first, then the runtime's.
INIT = """
import sys
asset, runtime, function, hub = sys.argv[1:5]
sys.path[:0] = [asset]
sys.path.append(runtime)
import importlib
importlib.import_module(f"{function}.handler")
from hub import wiring
getattr(wiring, hub)()
"""
COMPILED = f"""
import sys, json
compiled = []
def hook(event, arguments):
    if event == "compile" and str(arguments[1]).endswith(".py"):
        compiled.append(str(arguments[1]))
sys.addaudithook(hook)
exec({INIT!r})
own = [name for name in compiled if not name.startswith(runtime)]
print(json.dumps(own))
"""


def baseline() -> float:
    """The cost of `boto3.client("sqs")` alone, with valid bytecode."""
    output([sys.executable, "-I", "-c", BASE, RUNTIME], ENVIRONMENT)
    return cost(["-I", "-S", "-c", BASE, RUNTIME], ENVIRONMENT)


def init(function: str) -> tuple[float, int]:
    """The cost of the function's INIT (import of the handler, the hub put together), and the files compiled by it."""
    with _asset(function) as asset:
        compiling = [sys.executable, "-I", "-S", "-c", COMPILED, *_arguments(function, asset)]
        compiled = json.loads(output(compiling, ENVIRONMENT))
        return cost(_init(function, asset), ENVIRONMENT), len(compiled)


def growth(function: str) -> float:
    """The cost of the function's INIT with all connectors of its kind over that with one; RuntimeError with one only."""
    shipped = connectors_of(FUNCTIONS[function].kinds)
    if len(shipped) < 2:
        raise RuntimeError(f"{function} ships {len(shipped)} connector: there is nothing to compare")
    with _asset(function) as asset:
        every = cost(_init(function, asset), ENVIRONMENT)
        for name in shipped[1:]:
            shutil.rmtree(asset / "connectors" / name)
        return every / cost(_init(function, asset), ENVIRONMENT)


def _init(function: str, asset: Path) -> list[str]:
    return ["-I", "-S", "-c", INIT, *_arguments(function, asset)]


def _arguments(function: str, asset: Path) -> list[str]:
    hub = HUBS.get(function.split("_")[0], "aws_hub")
    return [str(asset), RUNTIME, function, hub]


@contextmanager
def _asset(function: str) -> Iterator[Path]:
    """The built asset, stamped as CDK's zip leaves it in Lambda."""
    size = FUNCTIONS[function]
    with tempfile.TemporaryDirectory() as work:
        asset = Path(work, "task")
        asset.mkdir()
        Bundle(function, size.group, size.kinds, local=True).build(asset)
        for path in asset.rglob("*"):
            os.utime(path, (STAMP_S, STAMP_S))
        yield asset
