"""The three ways to hear a PBX; each yields its events as it sends them, until the connection ends."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from typing import Any

from infra.bridge.config import Source
from infra.bridge.lines import Refused

# What ends a connection: it is made anew. `Refused` too, for a password may be put right while we try.
ENDINGS = (OSError, EOFError, ValueError, asyncio.LimitOverrunError, TimeoutError, Refused)


def events_of(source: Source) -> AsyncIterator[dict[str, Any]]:
    """The events from there; only the module of that kind is imported, for only ARI needs more than Python."""
    module = importlib.import_module(f"infra.bridge.{source.kind}")
    found: AsyncIterator[dict[str, Any]] = module.events(source)
    return found
