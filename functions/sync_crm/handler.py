"""Bus events into the CRMs: records are read, calls and messages are logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub import batch
from hub.wiring import Hub, aws_hub
from sync_crm.desk import Desk


def handler(event: Mapping[str, Any], context: object, hub: Hub | None = None) -> dict[str, Any]:
    """Works through a batch of events; each stands alone, the failed ones are named."""
    hub = hub or aws_hub()
    desk = Desk(hub, [record["body"] for record in event["Records"]])
    return batch.run(event, desk.handle, hub, function="sync_crm", queue="sync-crm", context=context)
