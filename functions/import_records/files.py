"""A page of a file's rows -> contacts on the bus, as history that only fills gaps."""

from __future__ import annotations

from hub.errors import Reject
from hub.jobs import Job
from hub.wiring import Hub


def file_page(hub: Hub, job: Job) -> Job:
    """Publishes the next page of rows."""
    raise Reject("the file is no longer kept")
