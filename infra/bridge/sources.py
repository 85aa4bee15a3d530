"""The three ways to hear a PBX; each yields its events as it sends them, until the connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from infra.bridge.ami import ami_events
from infra.bridge.ari import ari_events
from infra.bridge.config import Source
from infra.bridge.esl import esl_events
from infra.bridge.lines import Refused

Events = Callable[[Source], AsyncIterator[dict[str, Any]]]
SOURCES: dict[str, Events] = {"ami": ami_events, "ari": ari_events, "esl": esl_events}
# What ends a connection: it is made anew. `Refused` too, for a password may be put right while we try.
ENDINGS = (OSError, EOFError, ValueError, asyncio.LimitOverrunError, TimeoutError, Refused)
