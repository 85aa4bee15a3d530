"""The parts of a delivery, each on its own, and put together; shared by all WhatsApp providers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import ValidationError

from hub.domain.events import Event, Mapped, Unmapped
from hub.whatsapp.reading import Json, Unreadable

# None: a part that carries nothing by the platform's own documents.
Part = Event | Unmapped | None


def guarded(unreadable: str, item: object, read: Callable[[Json], Part]) -> Part:
    """The item's part, or the item set aside as `unreadable`: a bad one never takes its neighbours along."""
    if not isinstance(item, dict):
        return Unmapped(type=unreadable, native=item)
    try:
        return read(item)
    except (Unreadable, ValidationError):
        return Unmapped(type=unreadable, native=item)


def collect(parts: Iterable[Part]) -> Mapped:
    """The parts sorted by what they are; a second copy of an event inside one delivery is set aside, not repeated."""
    events: dict[str, Event] = {}
    unmapped: list[Unmapped] = []
    ignored = 0
    for part in parts:
        if isinstance(part, Unmapped):
            unmapped.append(part)
        elif part is None or events.get(part.id) == part:
            ignored += 1
        elif part.id in events:
            unmapped.append(Unmapped(type=f"{part.type}/conflicting", native=part.data))
        else:
            events[part.id] = part
    return Mapped(events=tuple(events.values()), unmapped=tuple(unmapped), ignored=ignored)
