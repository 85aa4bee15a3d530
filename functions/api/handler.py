"""The API function: one HTTP request in, one answer out."""

from __future__ import annotations

from typing import Any

from api.app import answer
from hub.wiring import Hub, api_hub


def handler(event: dict[str, Any], context: Any, hub: Hub | None = None) -> dict[str, Any]:
    """Answers an HTTP API (payload 2.0) request; every error is application/problem+json."""
    hub = hub or api_hub()
    response = answer(event, context, hub)
    hub.telemetry.flush("api")
    return response
