"""Reading blocks of `Name: value` lines, as AMI and ESL send them: bounded, and never for ever."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.bridge.config import Source

MAX_BLOCK = 1024 * 1024  # bytes
Fields = dict[str, str | list[str]]


class Refused(Exception):
    """The PBX did not let us in."""


@asynccontextmanager
async def connected(source: Source) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A TCP connection to the PBX, closed in the end."""
    secure = ssl.create_default_context() if source.tls else None
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection(source.host, source.port, limit=MAX_BLOCK, ssl=secure)
    try:
        yield reader, writer
    finally:
        writer.close()


async def block(reader: asyncio.StreamReader, end: bytes, silence_s: float) -> Fields:
    """The next block as fields; a name that comes twice has a list. Raises EOFError, LimitOverrunError, TimeoutError."""
    async with asyncio.timeout(silence_s):
        raw = await reader.readuntil(end)
    return fields(raw.decode("utf-8", "replace"))


def fields(text: str) -> Fields:
    """The `Name: value` lines of a text; other lines are left out."""
    found: Fields = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            continue
        name, value = name.strip(), value.strip()
        before = found.get(name)
        found[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found
