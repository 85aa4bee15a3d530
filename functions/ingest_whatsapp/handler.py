"""Webhooks of WhatsApp and SMS: verified, stored, answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.ingest import receive
from hub.wiring import Hub, edge_hub


def handler(event: Mapping[str, Any], _context: object, hub: Hub | None = None) -> dict[str, Any]:
    """Answers one API Gateway event (payload 2.0)."""
    return receive(event, "whatsapp", hub or edge_hub())
