"""One contact in HubSpot and in Salesforce: typed and changed there by people, announced as the platforms do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local import emulator
from infra.local.story import deliveries
from infra.local.story.sending import send, send_event
from infra.local.story.stage import Stage
from infra.local.story.telling import outgoing

OBJECTS = {"hubspot": "contacts", "salesforce": "Contact"}
# Our field -> the platform's.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "hubspot": {
        "last_name": "lastname",
        "first_name": "firstname",
        "email": "email",
        "phone": "phone",
        "title": "jobtitle",
    },
    "salesforce": {
        "last_name": "LastName",
        "first_name": "FirstName",
        "email": "Email",
        "phone": "Phone",
        "title": "Title",
    },
}


@dataclass(slots=True)
class Pair:
    """The contact's records on a stage, `ids` by platform; fields are called as the hub calls them."""

    stage: Stage
    ids: dict[str, str] = field(default_factory=dict)

    def enter(self, platform: str, values: Mapping[str, str], at_s: float) -> None:
        """A person enters the contact, at that time (Unix seconds)."""
        theirs = {FIELDS[platform][name]: value for name, value in values.items()}
        body = {"object": OBJECTS[platform], "values": theirs, "at": at_s}
        self.ids[platform] = self.stage.standin(platform, "enter", body)["id"]

    def edit(self, platform: str, name: str, value: str) -> None:
        """A person changes a field."""
        body = {"object": OBJECTS[platform], "id": self.ids[platform], "values": {FIELDS[platform][name]: value}}
        self.stage.standin(platform, "edit", body)

    def workflow(self, name: str, value: str) -> None:
        """From now on HubSpot writes the value upon the field, once, when the field was written."""
        body = {"kind": "contacts", "record": self.ids["hubspot"], "name": FIELDS["hubspot"][name], "value": value}
        self.stage.standin("hubspot", "workflows", body)

    def held(self, name: str) -> list[str | None]:
        """What HubSpot and Salesforce have in the field."""
        return [self._row(platform).get(FIELDS[platform][name]) for platform in OBJECTS]

    def written(self, name: str) -> dict[str, int]:
        """How often the hub has written the field on each platform, by what that was asked."""
        return {platform: self._asked(platform, FIELDS[platform][name]) for platform in OBJECTS}

    def announced(self) -> dict[str, list[dict[str, Any]]]:
        """What each platform has to announce, which it then forgets."""
        return {platform: self.stage.standin(platform, "hooks", {}) for platform in OBJECTS}

    def deliver(self) -> int:
        """Announces what there is: HubSpot's webhooks signed, Salesforce's events on their bus; how much that was."""
        hooks = self.announced()
        for hook in hooks["hubspot"]:
            body = hook["body"].encode()
            send(self.stage.platforms, outgoing(self.stage, "hubspot", "news", body, dict(hook["headers"])))
        source, bus = deliveries.event_source(self.stage.known), emulator.events(self.stage.place)
        for event in (one["envelope"] for one in hooks["salesforce"]):
            send_event(bus, deliveries.SALESFORCE_BUS, source, event["detail"], event["detail-type"])
        return sum(map(len, hooks.values()))

    def _row(self, platform: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.stage.standin(platform, f"held/{OBJECTS[platform]}/{self.ids[platform]}")
        return found

    def _asked(self, platform: str, theirs: str) -> int:
        calls = self.stage.standin(platform, "calls")["calls"]
        rows = [row for call in calls if isinstance(call["body"], dict) for row in _rows(call["body"])]
        return sum(str(row.get("id")) == self.ids[platform] and theirs in row for row in rows)


def _rows(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The records that a request writes, each with the platform's own fields."""
    for row in body.get("inputs") or body.get("records") or ():
        yield {**row, **row.get("properties", {})}
