"""FreeSWITCH's event socket (ESL), inbound mode: TCP, lines, JSON bodies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from infra.bridge.config import Source
from infra.bridge.lines import MAX_BLOCK, Fields, Refused, block, connected

END = b"\n\n"
# HEARTBEAT comes every 20 s and is not passed on; `CUSTOM` takes all names after it.
EVENTS = (
    *("CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER", "CHANNEL_HOLD"),
    *("CHANNEL_UNHOLD", "CHANNEL_HANGUP_COMPLETE", "RECORD_START", "RECORD_STOP"),
    *("CUSTOM", "callcenter::info", "vm::maintenance"),
)


async def events(source: Source) -> AsyncIterator[dict[str, Any]]:
    """The chosen events, from log-in until the connection ends; raises Refused for a wrong password."""
    async with connected(source) as (reader, writer):
        await block(reader, END, source.silence_s)  # auth/request
        await _ask(reader, writer, f"auth {source.password}", source.silence_s)
        chosen = source.events or EVENTS
        await _ask(reader, writer, f"event json HEARTBEAT {' '.join(chosen)}", source.silence_s)
        while True:
            found = await block(reader, END, source.silence_s)
            event = await _event(reader, found, source.silence_s)
            if event and event.get("Event-Name") != "HEARTBEAT":
                yield event


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: str, silence_s: float) -> None:
    writer.write(command.encode() + END)
    await writer.drain()
    answer: Fields = {}
    while answer.get("Content-Type") != "command/reply":
        answer = await block(reader, END, silence_s)
    if not str(answer.get("Reply-Text", "")).startswith("+OK"):
        raise Refused(f"ESL: refused {command.partition(' ')[0]}")


async def _event(reader: asyncio.StreamReader, head: Fields, silence_s: float) -> dict[str, Any] | None:
    if head.get("Content-Type") == "text/disconnect-notice":
        raise EOFError("ESL: disconnected")
    length = int(str(head.get("Content-Length", "0")))
    if not 0 <= length <= MAX_BLOCK:
        raise ValueError("ESL: a body of impossible length")
    async with asyncio.timeout(silence_s):
        body = await reader.readexactly(length)
    if head.get("Content-Type") != "text/event-json":
        return None
    found = json.loads(body)
    return found if isinstance(found, dict) else None
