"""What is run over and over and counted: `python -m tests.benchmarks.workloads NAME TIMES`."""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from tests.benchmarks import fieldmap, pages, work_events

Work = Callable[[], object]


def ingest_floor() -> Work:
    """The signature and one reading of the body: nobody can do less."""
    body, secret = work_events.body(), work_events.SECRET

    def work() -> object:
        hmac.digest(secret, body, "sha256")
        return json.loads(body)

    return work


def ingest() -> Work:
    """A WhatsApp text through the handler with the adapters of AWS: all but the socket."""
    from ingest_whatsapp.handler import handler

    event, hub = work_events.request(), work_events.edge_hub()
    answer: Mapping[str, Any] = handler(event, None, hub)
    if answer["statusCode"] != 200 or len(work_events.SENT) != 1:
        raise RuntimeError(f"the benchmark's own delivery was not accepted: {answer}")
    return lambda: handler(event, None, hub)


def mapping_floor() -> Work:
    """The body to a dictionary and back, which keeps nothing and checks nothing."""
    body = work_events.body()
    return lambda: json.dumps(json.loads(body))


def mapping() -> Work:
    """The body to the events as they are published."""
    from connectors.whatsapp_cloud import CONNECTOR
    from hub.publishing import encode

    delivery, connection = work_events.delivery(), work_events.CONNECTION
    if len(CONNECTOR.map_delivery(delivery, connection).events) != 1:
        raise RuntimeError("the benchmark's own delivery was not mapped")

    def work() -> object:
        mapped = CONNECTOR.map_delivery(delivery, connection)
        return [encode(event.model_dump(mode="json")) for event in mapped.events]

    return work


def page_floor() -> Work:
    """The 25 entries of a page by boto3 and TypeDeserializer: typed attributes into plain ones, nothing more."""
    store, customer_id = pages.customer_with(pages.FEW)
    return pages.bare(pages.Table(store), customer_id)


def page() -> Work:
    """The same page through the API's handler: whose it is, the entries, the JSON of the answer."""
    store, customer_id = pages.customer_with(pages.FEW)
    return pages.asking(pages.Table(store), customer_id)


WORKLOADS: Mapping[str, Callable[[], Work]] = {
    "ingest_floor": ingest_floor,
    "ingest": ingest,
    "mapping_floor": mapping_floor,
    "mapping": mapping,
    "page_floor": page_floor,
    "page": page,
    "fields_floor": fieldmap.by_hand,
    "fields": fieldmap.mapped,
}


if __name__ == "__main__":
    chosen = WORKLOADS[sys.argv[1]]()
    for _ in range(int(sys.argv[2])):
        chosen()
