"""Change events as an event relay brings them: only what changed, nulls by name alone, compound fields in parts.

https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/ (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.misbehaving import Hook

ANNOUNCED = frozenset({"Contact", "Lead", "Account", "Opportunity", "Case", "Task"})
NO_NEWS = frozenset({"Id", "CreatedDate", "SystemModstamp", "IsDeleted", "MasterRecordId", "LastModifiedById"})
BY_A_PERSON = "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/"
BY_A_CLIENT = "com/salesforce/api/rest/67.0;client={}"
INTEGRATION_USER, SOMEBODY = "005RK0000000001AAA", "005RK0000000002AAA"
_ADDRESS = re.compile(r"(Mailing|Billing|)(Street|City|State|PostalCode|Country)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who makes a change: an API client by name, or a person at the screen."""

    client: str = ""

    @property
    def words(self) -> str:
        """`changeOrigin`."""
        return BY_A_CLIENT.format(self.client) if self.client else BY_A_PERSON

    @property
    def user(self) -> str:
        """`commitUser`."""
        return INTEGRATION_USER if self.client else SOMEBODY


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction's change of one record; `number` counts commits, `sequence` the changes inside of one."""

    number: int
    sequence: int
    at_s: float
    origin: Origin


def hook(organization_id: str, sobject: str, record_id: str, kind: str, values: Mapping[str, Any], by: Commit) -> Hook:
    """The envelope of a CREATE, UPDATE, DELETE or UNDELETE with the values that the event is about."""
    news = {name: value for name, value in values.items() if name not in NO_NEWS}
    header = {
        "entityName": sobject,
        "recordIds": [record_id],
        "changeType": kind,
        "changeOrigin": by.origin.words,
        "transactionKey": f"0000c1a5-7e11-4b2d-9f00-{by.number:012x}",
        "sequenceNumber": by.sequence,
        "commitTimestamp": round(by.at_s * 1000),
        "commitNumber": 1_234_567_890_000_000_000 + by.number,
        "commitUser": by.origin.user,
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [_dotted(sobject, name) for name in news] if kind == "UPDATE" else [],
    }
    payload = {"ChangeEventHeader": header, **_compound(sobject, news)}
    return Hook(envelope=_envelope(organization_id, sobject, by, payload))


def _envelope(organization_id: str, sobject: str, by: Commit, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"6f1c0d1e-0000-4000-8000-{by.number * 100 + by.sequence:012x}",
        "detail-type": f"{sobject}ChangeEvent",
        "source": f"aws.partner/salesforce.com/{organization_id}/0YLRK0000000001AAA",
        "account": "111122223333",
        "time": datetime.fromtimestamp(by.at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-central-1",
        "resources": [],
        "detail": {"payload": payload},
    }


def _compound(sobject: str, values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            continue
        whole, _, part = _dotted(sobject, name).rpartition(".")
        (body.setdefault(whole, {}) if whole else body)[part] = value
    return body


def _dotted(sobject: str, name: str) -> str:
    """The name inside the compound field that holds it."""
    if sobject in ("Contact", "Lead") and name in ("FirstName", "LastName"):
        return f"Name.{name}"
    address = _ADDRESS.fullmatch(name)
    return f"{address[1]}Address.{address[2]}" if address and sobject != "Opportunity" else name
