"""Cost and speed as ratios in one run (`make bench`); figures go to build/bench.json.

Ratios because machines differ. Nothing is asserted: a slow machine is no fault of a change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.function import FUNCTIONS
from tests.benchmarks import starting
from tests.benchmarks.bill import Bill, bill
from tests.benchmarks.measure import method, repeated

FIGURES = Path("build/bench.json")
TIMES = 300
WORKLOADS = ("-m", "tests.benchmarks.workloads")
TARGET_USD = 8.50


def main() -> int:
    """Prints the table, writes the figures."""
    print(f"measured in {method()[0]}\n", flush=True)
    figures = {name: value for part in (_starts(), _growth(), _warm(), _bill(bill())) for name, value in part}
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nfigures: {FIGURES}")
    return 0


def _starts() -> Iterator[tuple[str, float]]:
    print('INIT from the built asset, over boto3.client("sqs") alone; files compiled at import', flush=True)
    base = starting.baseline()
    print(f"  {'boto3.client(sqs)':24}{1:8.2f}", flush=True)
    for function in FUNCTIONS:
        cost, compiled = starting.init(function)
        print(f"  {function:24}{cost / base:8.2f}{compiled:8d}", flush=True)
        yield f"{function}.init_ratio", round(cost / base, 3)
        yield f"{function}.compiled_at_import", compiled


def _growth() -> Iterator[tuple[str, float]]:
    print("\nINIT with all connectors of the kind, over INIT with one (target at most 1.10)", flush=True)
    grown = {}
    for function in FUNCTIONS:
        if function.startswith(("ingest_", "map_")):
            grown[function] = starting.growth(function)
            print(f"  {function:24}{grown[function]:8.3f}", flush=True)
    yield "connectors.init_growth", round(max(grown.values()), 3)


def _warm() -> Iterator[tuple[str, float]]:
    print("\nwarm, per WhatsApp text", flush=True)
    for name, work, floor, meaning in (
        ("ingest.warm_ratio", "ingest", "ingest_floor", "ingest with its signed SQS request over hmac + json.loads"),
        ("map.ratio", "mapping", "mapping_floor", "body to published events over json to dict to json"),
    ):
        ratio = repeated([*WORKLOADS, work], TIMES) / repeated([*WORKLOADS, floor], TIMES)
        print(f"  {name:24}{ratio:8.2f}  {meaning}", flush=True)
        yield name, round(ratio, 3)


def _bill(main_path: Bill) -> Iterator[tuple[str, float]]:
    print("\na known customer's WhatsApp text: ingest, map, sync_customers, publish_changes, batches of ten")
    print(f"  {'per webhook':38}{'units':>10}{'$ per million':>16}")
    for name, dollars in main_path.lines().items():
        print(f"  {name:38}{main_path.units[name]:10.3g}{dollars:16.2f}")
    print(f"  {'total (target at most 8.50)':38}{'':10}{main_path.usd_per_million:16.2f}")
    print(f"  {main_path.requests:.2f} AWS requests; {main_path.log_bytes:.0f} log bytes, "
          f"{main_path.own_log_bytes:.0f} of them the hub's own lines")  # fmt: skip
    yield "main_path.aws_requests", round(main_path.requests, 2)
    yield "main_path.log_bytes", round(main_path.log_bytes)
    yield "main_path.usd_per_million", round(main_path.usd_per_million, 2)


if __name__ == "__main__":
    sys.exit(main())
