"""`python -m infra.bridge CONFIG.toml`: runs until it is told to stop; `--check` reads the file, counts and ends."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from infra.bridge.config import BadConfig, load
from infra.bridge.run import open_spool, run


def main(arguments: list[str] | None = None) -> int:
    """0 when stopped, 2 for a configuration that cannot be used."""
    parser = argparse.ArgumentParser(prog="renkei-bridge", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--check", action="store_true", help="say what waits in the spool, and end")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        config = load(options.config)
    except (BadConfig, OSError, ValueError) as error:
        print(f"{options.config}: {error}", file=sys.stderr)
        return 2
    os.umask(0o077)  # the spool holds phone numbers: for this user alone
    spool = open_spool(config)
    if options.check:
        print("events waiting: {}, batches waiting: {}".format(*spool.waiting()))
        return 0
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_until_stopped(run(config, spool)))
    return 0


async def _until_stopped(running: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(running)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


if __name__ == "__main__":
    raise SystemExit(main())
