"""`make story`: the story again, about a new person, against what `make up` runs."""

from __future__ import annotations

import sys
from dataclasses import replace

from infra.local import show
from infra.local.place import Place, Stop, from_arguments
from infra.local.story import outcome
from infra.local.story.deciding import new_deciding
from infra.local.story.stage import Running, open_stage
from infra.local.story.syncing import new_syncing
from infra.local.story.telling import new_telling


def tell_once(place: Place, running: Running) -> bool:
    """Tells the story and shows what it led to; whether every promise was kept."""
    stage = open_stage(place, running)
    telling = new_telling(stage, running.told)
    deciding = new_deciding(stage, running.told, telling.person.began_at_ms)
    syncing = new_syncing(stage, running.told, telling.person.began_at_ms)
    show.tell(telling, deciding, syncing)
    with show.working("waiting until nothing moves any more"):
        outcome.settle(place)
    return show.outcome(outcome.read(telling), deciding.kept | syncing.kept)


def main() -> int:
    """0 where every promise was kept, else 1."""
    place = from_arguments()
    try:
        running = Running.read(place.state_file)
        replace(running, told=running.told + 1).write(place.state_file)
        return 0 if tell_once(place, running) else 1
    except OSError:
        show.stopped(Stop("nothing is up: run `make up` in another terminal first."))
    except Stop as stop:
        show.stopped(stop)
    return 1


if __name__ == "__main__":
    sys.exit(main())
