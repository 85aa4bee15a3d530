"""Who somebody may be besides: names are filed to be found, likenesses suggested, conflicts listed; joins nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hub import batch
from hub.directory import Directory
from hub.domain.events import Event
from hub.errors import Reject
from hub.wiring import Hub, aws_hub
from match_customers.consume import Matcher


def handler(event: Mapping[str, Any], context: object, hub: Hub | None = None) -> dict[str, Any]:
    """Works through a batch of events; each stands alone, the failed ones are named."""
    hub = hub or aws_hub()
    matcher = Matcher(hub.store, Directory(hub.store, hub.secrets.hash_key), hub.clock)

    def match(body: str) -> None:
        try:
            matcher.consume(Event.model_validate_json(body))
        except ValidationError as error:
            raise Reject(f"the event is not valid: {error.error_count()} fields") from error

    return batch.run(event, match, hub, function="match_customers", queue="match-customers", context=context)
