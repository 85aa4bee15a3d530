"""What was written to a CRM, as an entry of the customer's timeline: which fields, what stood there, who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.directory import Directory
from hub.domain.identity import RANK
from hub.timeline_store import Filing, TimelineStore
from sync_crm.planning import Plan


@dataclass(slots=True)
class Telling:
    """Files entries of kind `sync`; repeating changes nothing."""

    directory: Directory
    timeline: TimelineStore

    def tell(self, plan: Plan, before: Mapping[str, str | None]) -> None:
        """One entry for each writing of a record."""
        name = f"{plan.kind}:{plan.change.id}"
        entry = self.directory.hashed(f"entry\n{plan.connection.id}\nsync\n{name}@{plan.at}")
        envelope = {"id": entry, "connection": plan.connection.id, "platform": plan.connection.platform}
        filing = Filing(plan.persona, RANK["record"])
        self.timeline.record(entry, "sync", envelope, _fact(plan, name, before), filing, fresh=True)


def _fact(plan: Plan, name: str, before: Mapping[str, str | None]) -> dict[str, Any]:
    written = [
        {
            "field": one.field,
            "value": one.value,
            "before": before.get(one.field),
            "source": dict(one.claim["source"]),
            "said_at": one.claim["at"],
            "rule": dict(one.claim.get("rule", {})),
        }
        for one in plan.wanted
    ]
    data = {"record": name, "connection": plan.connection.id, "written": written}
    at = plan.at
    return {"type": "sync.written", "at": at, "timequality": "platform", "data": data, "raw": "", "received": at}
