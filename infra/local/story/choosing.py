"""What the long story sends: for every connector found in the folder, examples that must be seen afterwards.

Nothing here knows a platform. Settings and secrets follow from the examples and the manifest, the deliveries from what
the connector itself makes of each example: for each way that it is fed (kind and source) one that belongs on a
customer's timeline, and one that becomes a notice, where there are such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.connector import Connector, names
from hub.delivery import Connection
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine
from tests.contracts.evidence import CONNECTION_ID, SECRET, Evidence, Example, evidence_of, named_secret

LOOKED_UP = ("phone", "email", "record")  # what the API finds a customer by
NOTICES = frozenset(
    {"account", "agent", "template", "privacy", "consent", "form", "activity", "deal", "ticket", "order"}
)
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/story-all-"
Way = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One example and the events that it becomes; `source` is webhook, eventbridge or kinesis."""

    example: Example
    source: str
    events: tuple[Event, ...]
    unmapped: int

    @property
    def way(self) -> Way:
        """How the platform feeds it in."""
        return self.example.kind, self.source

    @property
    def timely(self) -> list[Event]:
        """The events that belong on the timeline of somebody whom the API finds."""
        return [event for event in self.events if event.type != "record.touched" and looked_up_by(event)]

    @property
    def notices(self) -> list[Event]:
        """The events that name nobody and become a notice."""
        return [event for event in self.events if event.type.partition(".")[0] in NOTICES and not looked_up_by(event)]


@dataclass(frozen=True, slots=True)
class Platform:
    """A connector with the connection that its examples want, and what is sent."""

    evidence: Evidence
    settings: Mapping[str, Any]
    chosen: tuple[Chosen, ...]

    @property
    def connector(self) -> Connector:
        """Its manifest."""
        return self.evidence.connector

    def on(self, connection_id: str) -> Platform:
        """The same with the events that its own connection gives: ids may depend on it."""
        remade = (_mapped(self.evidence, one.example, self.settings, connection_id) for one in self.chosen)
        return replace(self, chosen=tuple(filter(None, remade)))

    def draft(self, operated: Mapping[str, Any]) -> dict[str, Any]:
        """What an operator would fill in; `operated` is the draft of the stand-in's account where there is one."""
        secrets = {name: named_secret(name) for name in self.connector.secret_names}
        secrets |= {name: text for name, text in operated.get("secrets", {}).items() if name in secrets}
        own = {name: value for name, value in operated.get("settings", {}).items() if name not in self.settings}
        settings = {**own, **self.settings}
        settings.pop("event_source", None)
        if sources := self._event_sources():
            settings["event_source"] = sources if len(sources) > 1 else sources[0]
        signing = self.connector.key_pair(SECRET)[1].decode()
        named = {**secrets, "signing": signing} if "webhook" in self.connector.sources else secrets
        name = f"{self.connector.title}, every platform"
        return {"platform": self.connector.name, "name": name, "settings": settings, "secrets": named}

    def stream(self) -> str:
        """The ARN of the stream that its records come from."""
        return STREAM + self.connector.name

    def _event_sources(self) -> list[str]:
        envelopes = [one.example.request["body"]["source"] for one in self.chosen if one.source == "eventbridge"]
        streams = [self.stream() for one in self.chosen if one.source == "kinesis"]
        return list(dict.fromkeys([*envelopes, *streams]))


def every_platform() -> list[Platform]:
    """Every connector found, by name; one of which nothing can be seen has nothing chosen."""
    return [choose(evidence_of(name)) for name in names()]


def choose(evidence: Evidence) -> Platform:
    """The examples to send, of those that fit the settings which most examples have."""
    settings = _usual([example.settings for example in evidence.deliveries])
    mapped = [one for example in evidence.deliveries if (one := _mapped(evidence, example, settings, CONNECTION_ID))]
    ways = sorted({one.way for one in mapped})
    chosen = [one for way in ways for one in _best(evidence, [other for other in mapped if other.way == way])]
    return Platform(evidence, settings, tuple(chosen))


def _usual(settings: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    counted = Counter(repr(sorted(one.items())) for one in settings)
    return max(settings, key=lambda one: counted[repr(sorted(one.items()))], default={})


def _mapped(evidence: Evidence, example: Example, settings: Mapping[str, Any], connection_id: str) -> Chosen | None:
    connection = Connection(connection_id, evidence.connector.name, settings=settings)
    delivery = replace(evidence.delivery(example), connection_id=connection_id)
    try:
        found: Mapped = evidence.connector.map_delivery(delivery, connection)
    except Quarantine:
        return None
    return Chosen(example, _source(evidence, example), found.events, len(found.unmapped))


def _source(evidence: Evidence, example: Example) -> str:
    if not evidence.comes_by_bus(example):
        return "webhook"
    return example.source or next(iter(sorted(evidence.connector.sources - {"webhook"})))


def _best(evidence: Evidence, found: list[Chosen]) -> Iterator[Chosen]:
    """The best of one way that is seen on a timeline, and the best other one that is seen among the notices."""
    order = sorted(found, key=lambda one: _cost(evidence.connector, one))
    first = next((one for one in order if one.timely), None)
    second = next((one for one in order if one.notices and one is not first), None)
    yield from filter(None, (first, second))


def _cost(connector: Connector, one: Chosen) -> tuple[int, int, int]:
    """What is sent rather not: records that must be read elsewhere, and parts without words of ours.

    Of a platform that the hub writes to, nobody whom others know: their calls would be logged on a record that the
    stand-in has never seen.
    """
    shared = sum(kind != "record" for event in one.events for kind, _ in looked_up_by(event)) if connector.client else 0
    return sum(event.type == "record.touched" for event in one.events), shared, one.unmapped


def looked_up_by(event: Event, connection_id: str = CONNECTION_ID) -> list[tuple[str, str]]:
    """What the API can find the event's customer by: (phone | email | record, value)."""
    data, stage = event.data, event.type.partition(".")[0]
    if stage == "company" or event.type.startswith("privacy."):
        return []
    named = [*(data.get("customer") or {}).get("identifiers", ()), *(data.get("identifiers") or ())]
    found = [(one["kind"], one["value"]) for one in named if one["kind"] in LOOKED_UP[:2]]
    records = [one["value"] for one in named if one["kind"] == "record"]
    people = [*(data.get("contacts") or ()), *([data["record"]] if stage == "contact" else ())]
    records += [f"{one['object']}:{one['id']}" for one in people]
    return [*found, *(("record", f"{connection_id}:{value}") for value in dict.fromkeys(records))]
