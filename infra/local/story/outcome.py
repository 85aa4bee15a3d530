"""What the story must have led to, read from the API and from what the stand-ins received."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.emulator import session
from infra.local.place import Place
from infra.local.story.telling import Telling

CALM_S = 2.5
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that there is to see about one telling."""

    telling: Telling
    customers: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    strays: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    refusals: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    given_up: int

    def title(self) -> Mapping[str, Any]:
        """The title of the first customer with its source, {} where there is none."""
        fields: dict[str, Any] = self.customers[0]["fields"] if self.customers else {}
        found: dict[str, Any] = fields.get("title", {})
        return found

    def shape(self) -> list[tuple[str, str, str]]:
        """Kind, platform and what happened of each entry, in order."""
        return [(one["kind"], one["platform"], _what(one["shown"])) for one in self.timeline]

    def checks(self) -> dict[str, bool]:
        """Each promise of the story and whether it was kept."""
        person, title = self.telling.person, self.title()
        by = title.get("source", {}).get("platform"), title.get("at", "")[:16]
        nine = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(person.at_ms(9) / 1000))
        return {
            "one customer": len(self.customers) == 1,
            "five timeline entries in the platforms' own order": self.shape() == EXPECTED,
            "the title from Salesforce with its time": (title.get("value"), *by)
            == (person.new_title, "salesforce", nine),
            "one call logged in HubSpot on the right contact": len(self.calls) == 1,
            "two messages logged in HubSpot on the right contact": len(self.messages) == 2 and not self.strays,
            "the call logged once as a task in Salesforce": len(self.tasks) == 1,
            "the forged and the stale delivery refused": {one["reason"] for one in self.refusals} >= REFUSED,
            "the unreadable delivery set aside": len(self.quarantined) == 1,
            "no dead letters": self.given_up == 0,
        }


EXPECTED = [
    ("record", "hubspot", "created"),
    ("message", "whatsapp_cloud", "text"),
    ("message", "whatsapp_cloud", "image"),
    ("call", "twilio", "ended"),
    ("record", "salesforce", "changed"),
]
REFUSED = {"wrong_signature", "stale"}


def settle(place: Place) -> None:
    """Waits until every queue has been empty for a while."""
    deadline = time.monotonic() + PATIENCE_S
    calm_since = time.monotonic()
    while time.monotonic() < min(deadline, calm_since + CALM_S):
        if waiting(place, dead=False):
            calm_since = time.monotonic()
        time.sleep(0.2)


def waiting(place: Place, *, dead: bool) -> int:
    """How many messages the queues hold: the dead-letter queues, or all others."""
    sqs = session().client("sqs", endpoint_url=place.endpoint)
    urls = [url for url in sqs.list_queues().get("QueueUrls", []) if url.endswith("-dead") is dead]
    shown = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in urls]
    return sum(
        int(one["ApproximateNumberOfMessages"]) + int(one["ApproximateNumberOfMessagesNotVisible"]) for one in shown
    )


def read(telling: Telling) -> Outcome:
    """What there is to see now."""
    stage, operator = telling.stage, telling.stage.operator
    hubspot, salesforce = stage.standin("hubspot", "records"), stage.standin("salesforce", "records")
    told_at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(telling.told_at))
    refusals = operator.get("/v1/refusals", limit="100")["refusals"]
    quarantined = operator.get("/v1/set-aside", kind="quarantine", limit="100")["items"]
    return Outcome(
        telling=telling,
        customers=telling.customers(),
        timeline=telling.timeline(),
        calls=_about(hubspot["calls"], telling.hubspot_id),
        messages=_about(hubspot["communications"], telling.hubspot_id),
        strays=[one for one in hubspot["calls"] + hubspot["communications"] if len(one["associations"]) != 1],
        tasks=[task for task in salesforce.get("Task", []) if task.get("WhoId") == telling.salesforce_id],
        refusals=[one for one in refusals if one["at"][:16] >= told_at[:16]],
        quarantined=[one for one in quarantined if one["received_at"] >= told_at],
        given_up=waiting(stage.place, dead=True),
    )


def _about(records: list[dict[str, Any]], contact_id: str) -> list[dict[str, Any]]:
    return [one for one in records if {"object": "contacts", "id": contact_id} in one["associations"]]


def _what(shown: Mapping[str, Any]) -> str:
    return str(shown.get("change") or shown.get("content") or shown.get("state") or "text")
