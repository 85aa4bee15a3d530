"""The event bus and the queues of a world, behind their ports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.errors import Reject
from hub.ports import MAX_POSTPONE_S

if TYPE_CHECKING:
    from tests.harness.world import World


class WorldBus:
    """The event bus with its rules."""

    def __init__(self, world: World) -> None:
        self.events: list[dict[str, Any]] = []
        self._world = world

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        """Accepts everything and puts it on the queues whose rule matches."""
        for event in events:
            text = json.dumps(event, ensure_ascii=False)
            self.events.append(dict(event))
            for queue in self._world.routed(event["type"], event["data"]):
                self._world.enqueue(queue, text)
        return []


class WorldQueue:
    """The Queue port onto the simulated queues."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, queue: str, body: str, *, reason: str = "") -> None:
        """A message, or a dead letter where the name says so."""
        name = queue.removesuffix("-dead")
        if name != queue:
            self._world.queues[name].send_dead(body, reason)
        else:
            self._world.enqueue(name, body)

    def postpone(self, queue: str, receipt: str, seconds: float) -> None:
        """Hides a received message in simulated time; Reject for a receipt that is not the message's last."""
        hidden_s = min(seconds, MAX_POSTPONE_S)
        if not self._world.queues[queue].postpone(receipt, hidden_s, self._world.clock.now()):
            raise Reject("the receipt is not good")
