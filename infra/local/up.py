"""`make up`: everything on this machine, the story told once, then waiting; Ctrl-C stops what was started."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import replace
from types import FrameType

from infra.local import show
from infra.local.place import STANDINS, Place, Stop, from_arguments
from infra.local.processes import Started
from infra.local.replay import tell_once
from infra.local.running import bring_up


def main() -> int:
    """0 after Ctrl-C; 130 where that came early; 1 where something did not come up or a promise was not kept."""
    place, started = from_arguments(), Started()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    try:
        return _run(place, started)
    except Stop as stop:
        show.stopped(stop)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        started.stop()
        place.state_file.unlink(missing_ok=True)


def _run(place: Place, started: Started) -> int:
    running = bring_up(place, started, show.working)
    good = tell_once(place, running)
    replace(running, told=1).write(place.state_file)
    show.addresses(running.api_url, running.webhooks, {name: place.standin(name) for name in STANDINS})
    show.console.print("\n`make story` tells it again, about somebody else. Ctrl-C stops everything.")
    _wait(place, started)
    return 0 if good else 1


def _wait(place: Place, started: Started) -> None:
    """Returns at Ctrl-C; Stop where something that was started ends by itself."""
    try:
        while (dead := started.died()) is None:
            time.sleep(0.5)
    except KeyboardInterrupt:
        return
    raise Stop(f"{dead} has ended by itself: look at the logs in {place.directory}.")


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
