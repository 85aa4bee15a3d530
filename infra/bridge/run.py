"""The bridge's two loops: hear and spool, batch and post. Neither waits for the other; the disk is between them."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime

from infra.bridge.config import Config
from infra.bridge.lines import Refused
from infra.bridge.post import Answer, post
from infra.bridge.sources import ENDINGS, events_of
from infra.bridge.spool import Spool

LOG = logging.getLogger("renkei.bridge")
STEADY_S = 60.0  # a connection that held so long was no failed attempt
CHANCE = random.SystemRandom()
Post = Callable[[str, bytes, bytes, float, float], Answer]


def now() -> datetime:
    """The clock of this machine: keep it in step (NTP)."""
    return datetime.now(UTC)


def open_spool(config: Config) -> Spool:
    """The spool that the configuration names."""
    return Spool(config.spool, source=config.source.kind, node=config.node, most_bytes=config.most_spooled_bytes)


async def run(config: Config, spool: Spool) -> None:
    """Until cancelled."""
    heard = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hear(config, spool, heard))
        tasks.create_task(deliver(config, spool, heard))


async def hear(config: Config, spool: Spool, heard: asyncio.Event) -> None:
    """Connects to the PBX, again and again; each event is on the disk before the next is read."""
    attempt = 0
    while True:
        began = time.monotonic()
        await _hear_once(config, spool, heard)
        attempt = 0 if time.monotonic() - began > STEADY_S else attempt + 1
        await asyncio.sleep(wait_s(config, attempt))


async def _hear_once(config: Config, spool: Spool, heard: asyncio.Event) -> None:
    try:
        async for event in events_of(config.source):
            if not spool.add(event, now()):
                LOG.error("the spool is full: %d events dropped since the start", spool.dropped)
            heard.set()
        LOG.warning("the PBX closed the connection")
    except ENDINGS as error:
        LOG.warning("the PBX's connection ended: %s", error if isinstance(error, Refused) else type(error).__name__)


async def deliver(config: Config, spool: Spool, heard: asyncio.Event) -> None:
    """Posts what is spooled, oldest first; a batch is forgotten only when the hub has accepted it."""
    attempt = 0
    while True:
        answer = await deliver_once(config, spool)
        if answer is None:
            await heard.wait()
            heard.clear()
            await asyncio.sleep(config.linger_s)
        elif answer.accepted:
            attempt = 0
        else:
            LOG.warning("the hub did not accept a batch: %s", answer.status or answer.why)
            await asyncio.sleep(max(wait_s(config, attempt), answer.retry_after_s or 0.0))
            attempt += 1


async def deliver_once(config: Config, spool: Spool, send: Post = post) -> Answer | None:
    """One attempt at the oldest batch; None where nothing is spooled.

    Whatever the hub answers, a batch that it did not accept stays: a wrong secret is put right, a hub comes back.
    """
    try:
        batch = spool.next(config.most_events, config.most_bytes)
    except sqlite3.OperationalError as error:  # no room on the disk to make a batch: nothing is lost, later it works
        return Answer(0, why=type(error).__name__)
    if batch is None:
        return None
    answer = await asyncio.to_thread(send, config.url, batch.body, config.secret, time.time(), config.timeout_s)
    if answer.accepted:
        spool.acknowledge(batch)
    return answer


def wait_s(config: Config, attempt: int) -> float:
    """Doubling, at most `longest_wait_s`, with half of it by chance so that many bridges do not come at once."""
    longest = min(config.longest_wait_s, config.first_wait_s * float(1 << min(attempt, 16)))
    return longest * (0.5 + CHANCE.random() / 2)
