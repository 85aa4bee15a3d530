"""HubSpot's associations: default ones made, all between two records taken away, many read at once.

Published description: CRM associations, 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.standins.hubspot_account import Account
from infra.local.standins.hubspot_objects import API, batch, inputs_of, object_of
from infra.local.standins.hubspot_records import ASSOCIATION_TYPES, timestamp
from infra.local.standins.hubspot_schema import error
from infra.local.standins.server import Answer, Call, Handler

MOST_READ = 1000
PAIRS = "/crm/associations/{version}/{object}/{to_object}"


@dataclass(slots=True)
class Links:
    """The association endpoints of one account."""

    account: Account

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Every endpoint."""
        yield "PUT", f"{API}/{{id}}/associations/default/{{to_object}}/{{to_id}}", self._associate
        yield "DELETE", f"{API}/{{id}}/associations/{{to_object}}/{{to_id}}", self._part
        yield "POST", f"{PAIRS}/batch/read", self._read

    def _associate(self, call: Call) -> Answer:
        one, other = _ends(call)
        type_id = self.account.associate(one, other, self.account.author())
        if type_id is None:
            return error(404, f"One of {one} and {other} does not exist", "OBJECT_NOT_FOUND")
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        row = {"from": {"id": one[1]}, "to": {"id": other[1]}, "associationSpec": spec}
        return batch([row], [], timestamp(self.account.records.now()))

    def _part(self, call: Call) -> Answer:
        one, other = _ends(call)
        if one[1] not in self.account.records.of(one[0]):
            return error(404, "resource not found", "OBJECT_NOT_FOUND")
        self.account.part(one, other, self.account.author())
        return Answer(204)

    def _read(self, call: Call) -> Answer:
        kind, to_kind, body = object_of(call), object_of(call, "to_object"), call.json()
        rows: list[dict[str, Any]] = []
        missing: list[str] = []
        for one in inputs_of(body):
            linked = self.account.records.linked(kind, one["id"], to_kind)
            types = [{"category": "HUBSPOT_DEFINED", "typeId": ASSOCIATION_TYPES.get((kind, to_kind), 0)}]
            to = [{"toObjectId": other, "associationTypes": types} for other in linked]
            if to:
                rows.append({"from": {"id": one["id"]}, "to": to})
            else:
                missing.append(one["id"])
        why = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "No association found"}
        said = {"context": {"fromObjectId": missing}, "links": {}, "errors": []}
        return batch(rows, [why | said] if missing else [], timestamp(self.account.records.now()))


def _ends(call: Call) -> tuple[tuple[str, str], tuple[str, str]]:
    return (object_of(call), call.parts["id"]), (object_of(call, "to_object"), call.parts["to_id"])
