"""The webhooks of a HubSpot account: arrays of at most 100 notifications, one property each.

https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks (read November 2026)
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.hubspot_schema import SINGULAR
from infra.local.standins.misbehaving import Hook

MOST_EVENTS = 100
# HubSpot offers no subscription to these.
SILENT = frozenset({"hs_lastmodifieddate", "lastmodifieddate", "num_unique_conversion_events"})
Notice = Mapping[str, Any]


@dataclass(slots=True)
class Announcer:
    """Makes the notifications of one account and puts each change's into hooks of at most 100."""

    portal_id: int
    app_id: int
    hooks: list[Hook]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(900_000_001))

    def created(self, kind: str, record_id: str) -> list[Notice]:
        """That a record is new."""
        return [{"subscriptionType": f"{SINGULAR[kind]}.creation", "objectId": int(record_id), "changeFlag": "CREATED"}]

    def changed(self, kind: str, record_id: str, properties: Mapping[str, str]) -> list[Notice]:
        """One notification per property."""
        common: Notice = {"subscriptionType": f"{SINGULAR[kind]}.propertyChange", "objectId": int(record_id)}
        told = {name: value for name, value in properties.items() if name not in SILENT}
        return [{**common, "propertyName": name, "propertyValue": value} for name, value in told.items()]

    def deleted(self, kind: str, record_id: str) -> list[Notice]:
        """That a record went into the recycle bin."""
        return [{"subscriptionType": f"{SINGULAR[kind]}.deletion", "objectId": int(record_id), "changeFlag": "DELETED"}]

    def merged(self, kind: str, primary: str, gone: str, survivor: str, moved: int) -> list[Notice]:
        """That two records became one, whose id may be a third."""
        ids = {"primaryObjectId": int(primary), "mergedObjectIds": [int(gone)], "newObjectId": int(survivor)}
        common: Notice = {"subscriptionType": f"{SINGULAR[kind]}.merge", "objectId": int(survivor)}
        return [{**common, **ids, "numberOfPropertiesMoved": moved}]

    def associated(self, one: tuple[str, str], other: tuple[str, str], *, removed: bool, primary: bool) -> list[Notice]:
        """One notification per side."""
        told: list[Notice] = []
        for (kind, record_id), (to_kind, to_id) in ((one, other), (other, one)):
            if kind in SINGULAR and to_kind in SINGULAR:
                said = {
                    "subscriptionType": f"{SINGULAR[kind]}.associationChange",
                    "associationType": f"{SINGULAR[kind]}_TO_{SINGULAR[to_kind]}".upper(),
                    "fromObjectId": int(record_id),
                    "toObjectId": int(to_id),
                    "associationRemoved": removed,
                    "isPrimaryAssociation": primary,
                }
                told.append(said)
        return told

    def announce(self, notices: Sequence[Notice], source: str, source_id: str, at_ms: int) -> None:
        """Appends the hooks for what one change brought about."""
        common: Notice = {"portalId": self.portal_id, "appId": self.app_id, "occurredAt": at_ms, "attemptNumber": 0}
        said = {"changeSource": source, "sourceId": source_id}
        events = [
            {"eventId": next(self.numbers), "subscriptionId": _subscription(one), **common, **said, **one}
            for one in notices
        ]
        for start in range(0, len(events), MOST_EVENTS):
            body = json.dumps(events[start : start + MOST_EVENTS], ensure_ascii=False, separators=(",", ":"))
            self.hooks.append(Hook(body=body.encode(), headers={"content-type": "application/json"}))


def _subscription(notice: Notice) -> int:
    """A subscription's id: the same for the same type and property."""
    named = f"{notice['subscriptionType']}/{notice.get('propertyName', '')}"
    return 3_000_000 + sum(place * ord(letter) for place, letter in enumerate(named, 1)) % 900_000
