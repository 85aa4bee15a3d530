"""SQS in simulated time: visibility, receive counts and the redrive to the dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.harness.shapes import receipt_of

MAX_RECEIVES = 250
VISIBILITY_S = 180.0


@dataclass(slots=True)
class Waiting:
    """A message that nobody has deleted yet."""

    id: str
    body: str
    visible_at: float
    receives: int = 0
    reason: str = ""
    sent_at: float = 0.0

    def received(self) -> tuple[str, str, int, float]:
        """What a function is told of it (`shapes.sqs_event`)."""
        return self.id, self.body, self.receives, self.sent_at


class SimQueue:
    """One queue; `dead` collects what was received 250 times in vain or was sent there with a reason."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: list[Waiting] = []
        self.dead: list[Waiting] = []
        self._sent = 0
        self._next: float | None = None  # when the next one can be received, while nothing changes

    def send(self, body: str, now: float) -> None:
        """One more message, visible at once."""
        self._sent += 1
        self.waiting.append(Waiting(f"{self.name}-{self._sent}", body, now, sent_at=now))
        self._next = now if self._next is None else min(self._next, now)

    def send_dead(self, body: str, reason: str) -> None:
        """One dead letter."""
        self.dead.append(Waiting(f"{self.name}-dead-{len(self.dead)}", body, 0.0, reason=reason))

    def redrive(self, now: float) -> int:
        """Puts the dead letters that have no reason back on the queue; returns how many."""
        back = [message for message in self.dead if not message.reason]
        self.dead = [message for message in self.dead if message.reason]
        for message in back:
            self.send(message.body, now)
        return len(back)

    def receive(self, now: float, most: int, shuffle: Random | None = None) -> list[Waiting]:
        """Up to `most` visible messages, hidden from now on; in the order of sending, or in any order."""
        visible = [message for message in self.waiting if message.visible_at <= now]
        if shuffle:
            visible = shuffle.sample(visible, min(len(visible), shuffle.randint(1, most)))
        batch = visible[:most]
        for message in batch:
            message.receives += 1
            message.visible_at = now + VISIBILITY_S
        self._look()
        return self._without_exhausted(batch)

    def postpone(self, receipt: str, seconds: float, now: float) -> bool:
        """Hides the message of that receipt for so long from now; whether the receipt is good."""
        found = [message for message in self.waiting if receipt_of(message.id, message.receives) == receipt]
        for message in found:
            message.visible_at = now + seconds
        self._look()
        return bool(found)

    def delete(self, messages: list[Waiting]) -> None:
        """Forgets messages that were worked."""
        done = {message.id for message in messages}
        self.waiting = [message for message in self.waiting if message.id not in done]
        self._look()

    def next_visible(self) -> float | None:
        """When the next message can be received, or None where there is none."""
        return self._next

    def _look(self) -> None:
        self._next = min((message.visible_at for message in self.waiting), default=None)

    def _without_exhausted(self, batch: list[Waiting]) -> list[Waiting]:
        exhausted = [message for message in batch if message.receives > MAX_RECEIVES]
        if exhausted:
            self.delete(exhausted)
            self.dead += exhausted
        return [message for message in batch if message.receives <= MAX_RECEIVES]
