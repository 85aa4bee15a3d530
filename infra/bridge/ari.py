"""Asterisk's REST interface (ARI): events over a WebSocket that we open."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import websockets
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from infra.bridge.config import Source
from infra.bridge.lines import MAX_BLOCK, Refused

EVENTS = frozenset(
    {
        *("StasisStart", "ChannelCreated", "ChannelStateChange", "ChannelDestroyed", "Dial"),
        *("ChannelHold", "ChannelUnhold", "BridgeBlindTransfer", "BridgeAttendedTransfer"),
        *("RecordingStarted", "RecordingFinished", "RecordingFailed"),
    }
)


async def events(source: Source) -> AsyncIterator[dict[str, Any]]:
    """The chosen events, from the connection until it ends; raises Refused for a wrong user or password."""
    chosen = frozenset(source.events) or EVENTS
    credentials = base64.b64encode(f"{source.user}:{source.password}".encode()).decode()
    query = urlencode({"app": source.app, "subscribeAll": str(source.all_channels).lower()})
    url = f"{'wss' if source.tls else 'ws'}://{source.host}:{source.port}/ari/events?{query}"
    try:
        async with connect(
            url, additional_headers={"Authorization": f"Basic {credentials}"}, max_size=MAX_BLOCK, proxy=None
        ) as socket:
            async for text in socket:
                event = json.loads(text)
                if isinstance(event, dict) and event.get("type") in chosen:
                    yield event
    except InvalidStatus as error:
        raise Refused(f"ARI: answered {error.response.status_code}") from error
    except websockets.WebSocketException as error:
        raise EOFError("ARI: the connection ended") from error
