"""Deliveries of WhatsApp and SMS become events on the bus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.map import map_batch
from hub.wiring import Hub, aws_hub


def handler(event: Mapping[str, Any], context: object, hub: Hub | None = None) -> dict[str, Any]:
    """Maps one SQS batch; each delivery stands alone, the failed ones are named."""
    return map_batch(event, "whatsapp", hub or aws_hub(), context)
