"""Cost and speed as ratios in one run (`make bench`); figures go to build/bench.json.

Ratios because machines differ. Nothing is asserted: a slow machine is no fault of a change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.function import FUNCTIONS
from tests.benchmarks import changing, starting
from tests.benchmarks.bill import Bill, bill
from tests.benchmarks.measure import method, repeated
from tests.benchmarks.pages import FEW, MANY, page_requests

FIGURES = Path("build/bench.json")
TIMES = 300
WORKLOADS = ("-m", "tests.benchmarks.workloads")
PAGE_RATIO = (
    "API Gateway's event to answer, with all signed requests to DynamoDB, over boto3's one query of the same 25 items "
    "and TypeDeserializer; sockets stubbed in both (target at most 1.2)"
)


def main() -> int:
    """Prints the table, writes the figures."""
    print(f"measured in {method()[0]}\n", flush=True)
    parts = (_starts(), _growth(), _warm(), _fields(), _pages(), _bill(bill()), _synced())
    figures = {name: value for part in parts for name, value in part}
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
        yield _ratio(name, work, floor, meaning)


def _fields() -> Iterator[tuple[str, float]]:
    print("\na record of 20 fields, 5 of them converted, read and written", flush=True)
    yield _ratio(
        "fieldmap.ratio", "fields", "fields_floor", "the field map over functions by hand (target at most 2.0)"
    )


def _pages() -> Iterator[tuple[str, float]]:
    few, many = page_requests(FEW), page_requests(MANY)
    print("\na page of 25 entries of a customer known by phone and WhatsApp id, through the API's handler", flush=True)
    print(f"  AWS requests with {FEW} entries: {few}; with {MANY}: {many}", flush=True)
    yield "timeline.page_requests", many
    yield "timeline.page_requests_of_100", few
    yield _ratio("timeline.page_ratio", "page", "page_floor", PAGE_RATIO)


def _ratio(name: str, work: str, floor: str, meaning: str) -> tuple[str, float]:
    ratio = repeated([*WORKLOADS, work], TIMES) / repeated([*WORKLOADS, floor], TIMES)
    print(f"  {name:24}{ratio:8.2f}  {meaning}", flush=True)
    return name, round(ratio, 3)


def _bill(main_path: Bill) -> Iterator[tuple[str, float]]:
    print("\na known customer's WhatsApp text: ingest, map, sync_customers, publish_changes, batches of ten")
    print(f"  {'per webhook':38}{'units':>10}{'$ per million':>16}")
    for name, dollars in main_path.lines().items():
        print(f"  {name:38}{main_path.units[name]:10.3g}{dollars:16.2f}")
    print(f"  {'total (target at most 8.50)':38}{'':10}{main_path.usd_per_million:16.2f}")
    print(f"  {main_path.requests:.2f} AWS requests; {main_path.log_bytes:.0f} log bytes, "
          f"{main_path.own_log_bytes:.0f} of them the hub's own lines")  # fmt: skip
    print(f"  {main_path.units['DynamoDB write units']:.2f} write units and {main_path.writes:.2f} requests that write, "
          f"{main_path.reads:.2f} that read")  # fmt: skip
    yield "event.write_units", round(main_path.units["DynamoDB write units"], 2)
    yield "event.write_requests", round(main_path.writes, 2)
    yield "event.read_requests", round(main_path.reads, 2)
    yield "main_path.aws_requests", round(main_path.requests, 2)
    yield "main_path.log_bytes", round(main_path.log_bytes)
    yield "main_path.usd_per_million", round(main_path.usd_per_million, 2)


def _synced() -> Iterator[tuple[str, float]]:
    print("\none field changed in Salesforce, until every other CRM holds it and its echo is recognised")
    for name, (crms, field) in changing.OFFICES.items():
        found = changing.asked(crms, field)
        by_name = ", ".join(f"{call} {count:.1f}" for call, count in {**found.aws, **found.platforms}.items())
        print(f"  {f'{field}, {len(crms)} CRMs':38}{found.total:10.1f}  {by_name}")
        yield f"sync.requests_per_change.{name}", round(found.total, 1)


if __name__ == "__main__":
    sys.exit(main())
