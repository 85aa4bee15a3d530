"""Where the deliveries of the long story are seen through the API: timelines, notices, what was set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.domain.events import Event
from infra.local.operating import Operator
from infra.local.story.choosing import Chosen, looked_up_by

IDS = ("message_id", "call_id", "activity_id", "submission_id", "agent_id", "request_id")
KIND_OF = {"contact": "record", "deal": "record"}
PAGE = "100"
Found = Mapping[str, Any]


@dataclass(slots=True)
class Sightings:
    """What the API shows now, each page asked for once."""

    operator: Operator
    _customers: dict[tuple[str, str], list[Found]] = field(default_factory=dict)
    _timelines: dict[str, list[Found]] = field(default_factory=dict)
    _lists: dict[str, list[Found]] = field(default_factory=dict)

    def entries(self, connection_id: str, chosen: Sequence[Chosen]) -> list[Found]:
        """The connection's entries on the timelines of everybody whom the deliveries name."""
        named = [event for one in chosen for event in one.timely]
        found = (entry for event in named for entry in self._timeline_of(looked_up_by(event, connection_id)))
        return list({one["id"]: one for one in found if one["connection"] == connection_id}.values())

    def notices(self, connection_id: str) -> list[Found]:
        """The connection's notices."""
        return [one for one in self._listed("/v1/notices", "entries") if one["connection"] == connection_id]

    def set_aside(self, connection_id: str, kind: str) -> int:
        """How many of the connection's deliveries, or parts of them, are unmapped or in quarantine."""
        shown = self._listed(f"/v1/set-aside?kind={kind}", "items")
        return sum(one["connection"] == connection_id for one in shown)

    def _timeline_of(self, known_by: list[tuple[str, str]]) -> Iterator[Found]:
        for customer in {one["id"]: one for way in known_by for one in self._found(way)}:
            if customer not in self._timelines:
                self._timelines[customer] = self._all(f"/v1/customers/{customer}/timeline", "entries")
            yield from self._timelines[customer]

    def _found(self, way: tuple[str, str]) -> list[Found]:
        if way not in self._customers:
            self._customers[way] = self.operator.get("/v1/customers", **dict([way]))["customers"]
        return self._customers[way]

    def _listed(self, path: str, name: str) -> list[Found]:
        if path not in self._lists:
            self._lists[path] = self._all(path, name)
        return self._lists[path]

    def _all(self, path: str, name: str) -> list[Found]:
        path, _, query = path.partition("?")
        asked = dict(part.split("=") for part in query.split("&") if part) | {"limit": PAGE}
        found: list[Found] = []
        while True:
            page = self.operator.get(path, **asked)
            found += page[name]
            if not page["next"]:
                return found
            asked["cursor"] = page["next"]


def of(chosen: Chosen, entries: Sequence[Found]) -> set[str]:
    """The ids of the entries that the delivery's events made or are part of."""
    events = [*chosen.timely, *chosen.notices]
    return {entry["id"] for entry in entries if any(_is_of(event, entry) for event in events)}


def _is_of(event: Event, entry: Found) -> bool:
    """Whether the entry tells of the event: by the platform's own id, else by its time; without either, by its kind."""
    shown, data = entry["shown"], event.data
    if any(data.get(name) and shown.get(name) == data[name] for name in IDS):
        return True
    record = (data.get("record") or {}).get("id")
    if record and (shown.get("record") or {}).get("id") == record:
        return True
    if event.timequality == "received" and entry["kind"] == KIND_OF.get(stage := event.type.partition(".")[0], stage):
        return True
    return bool(entry["at"] == event.time or shown.get("notice") == event.type)
