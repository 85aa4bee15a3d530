"""People who ask the API: one thing after the other, each again with the same key until the hub says that it is done."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.unit.api_client import AGENT, event, jwt_of

if TYPE_CHECKING:
    from tests.harness.world import World

AGAIN_S = 25.0  # a request that was lost blocks its key for a minute
ATTEMPTS = 20
LATER = frozenset({409, 429})


@dataclass(slots=True)
class Asking:
    """A request that has not been answered yet."""

    method: str
    path: str
    body: Mapping[str, Any]
    key: str
    due: float = 0.0
    attempts: int = 0


class People:
    """Asks in order; an answer that is no success and will never be one is kept in `refused`."""

    def __init__(self, world: World) -> None:
        self.waiting: list[Asking] = []
        self.answers: list[tuple[str, Any]] = []
        self.refused: list[tuple[str, int, Any]] = []
        self._world = world

    def ask(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Somebody will ask for this."""
        key = uuid.uuid5(
            uuid.NAMESPACE_URL, f"{method} {path} {json.dumps(body)} {len(self.answers) + len(self.waiting)}"
        )
        self.waiting.append(Asking(method, path, body, str(key)))

    def due(self) -> float | None:
        """When the next request is sent, or None."""
        return self.waiting[0].due if self.waiting else None

    def next(self) -> None:
        """Sends the next request."""
        asking, now = self.waiting[0], self._world.clock.now()
        headers = {"idempotency-key": asking.key}
        sent = event(asking.method, asking.path, None, json.dumps(asking.body), headers, jwt_of(AGENT))
        answer = self._world.attempt("api", sent)
        status = 502 if answer is None else int(answer["statusCode"])
        asking.attempts += 1
        asking.due = now + AGAIN_S
        if (status >= 500 or status in LATER) and asking.attempts < ATTEMPTS:
            return
        self.waiting.pop(0)
        body = json.loads(answer["body"]) if answer and answer.get("body") else None
        self.answers.append((asking.path, body))
        if status >= 300:
            self.refused.append((asking.path, status, body))
