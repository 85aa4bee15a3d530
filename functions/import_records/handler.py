"""History into the hub: what a platform lists, and files; nothing is sent to anyone because of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub import batch
from hub.job_clients import Clients, client_of
from hub.job_worker import Worker, sweep
from hub.jobs import Job
from hub.wiring import Hub, aws_hub
from import_records.files import FilePages
from import_records.pages import Pages

QUEUE = "import-records"


def handler(
    event: Mapping[str, Any], context: object, hub: Hub | None = None, clients: Clients = client_of
) -> dict[str, Any]:
    """Works on the jobs that the messages name, or looks for those that nobody works on (`{"sweep": true}`)."""
    hub = hub or aws_hub()
    worker, steps = Worker(hub, context), Steps(hub, clients)

    def work(body: str) -> None:
        message = json.loads(body)
        if message.get("sweep"):
            sweep(hub, QUEUE)
        else:
            worker.work(message["job"], message.get("after", ""), steps.step)

    return batch.run(event, work, hub, function="import_records", queue=QUEUE, context=context)


class Steps:
    """The next page of a job, by its kind."""

    def __init__(self, hub: Hub, clients: Clients) -> None:
        self._pages = Pages(hub, clients)
        self._files = FilePages(hub)

    def step(self, job: Job) -> Job:
        """See the two."""
        return self._files.step(job) if job.kind == "csv" else self._pages.step(job)
