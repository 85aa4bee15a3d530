"""Asterisk's manager interface (AMI): TCP, lines. https://docs.asterisk.org/Configuration/Interfaces/"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from infra.bridge.config import Source
from infra.bridge.lines import Refused, block, connected

END = b"\r\n\r\n"
PING_S = 30.0
# What says something about a call or an agent; VarSet, RTCP, NewExten and the like would drown it.
EVENTS = frozenset(
    {
        *("Newchannel", "Newstate", "DialBegin", "DialEnd", "Hangup", "Hold", "Unhold", "Cdr"),
        *("BlindTransfer", "AttendedTransfer", "MixMonitorStart", "MixMonitorStop"),
        *("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon", "AgentCalled", "AgentConnect"),
        *("AgentRingNoAnswer", "AgentComplete", "AgentLogin", "AgentLogoff"),
        *("QueueMemberPause", "QueueMemberStatus", "QueueMemberAdded", "QueueMemberRemoved"),
    }
)


async def events(source: Source) -> AsyncIterator[dict[str, Any]]:
    """The chosen events, from log-in until the connection ends; raises Refused for a wrong user or secret."""
    chosen = frozenset(source.events) or EVENTS
    async with connected(source) as (reader, writer):
        await asyncio.wait_for(reader.readline(), source.silence_s)  # "Asterisk Call Manager/<version>"
        await _send(writer, Action="Login", Username=source.user, Secret=source.password, ActionID="renkei-login")
        pinging = asyncio.create_task(_ping(writer))
        try:
            while True:
                found = await block(reader, END, source.silence_s)
                if found.get("ActionID") == "renkei-login" and found.get("Response") != "Success":
                    raise Refused("AMI: wrong user or secret")
                if found.get("Event") in chosen:
                    yield found
        finally:
            pinging.cancel()


async def _ping(writer: asyncio.StreamWriter) -> None:
    """Makes an idle PBX speak, so that silence means a broken connection."""
    while True:
        await asyncio.sleep(PING_S)
        await _send(writer, Action="Ping")


async def _send(writer: asyncio.StreamWriter, **headers: str) -> None:
    writer.write("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")
    await writer.drain()
