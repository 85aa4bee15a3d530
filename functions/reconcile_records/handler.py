"""What platforms hold against what the hub holds: on a schedule, after every gap, when somebody asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub import batch
from hub.job_clients import Clients, client_of
from hub.job_worker import Worker, sweep
from hub.oauth_tending import tend
from hub.wiring import Hub, aws_hub
from reconcile_records import gaps, overdue
from reconcile_records.comparing import Comparing

QUEUE = "reconcile-records"


def handler(
    event: Mapping[str, Any], context: object, hub: Hub | None = None, clients: Clients = client_of
) -> dict[str, Any]:
    """Works on the jobs that the messages name; notes gaps that events tell of; `{"sweep": true}` starts what is due."""
    hub = hub or aws_hub()
    worker, comparing = Worker(hub, context), Comparing(hub, clients)

    def work(body: str) -> None:
        message = json.loads(body)
        if message.get("sweep"):
            sweep(hub, QUEUE)
            gaps.start_due(hub)
            overdue.take_up(hub)
            tend(hub)
        elif "specversion" in message:
            gaps.note(hub, message)
        else:
            worker.work(message["job"], message.get("after", ""), comparing.step)

    return batch.run(event, work, hub, function="reconcile_records", queue=QUEUE, context=context)
