"""Execution contexts as a registered webhook step sends them: RemoteExecutionContext in JSON, with a post image.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-webhooks (read November 2026)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.dynamics_schema import Table
from infra.local.standins.misbehaving import Hook

CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"
ANNOUNCED = frozenset({"contact", "lead", "account", "opportunity", "incident", "phonecall", "task", "annotation"})
HEADERS = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One message carried out: `number` counts them, `user` is who asked for it, `depth` counts what followed on it."""

    number: int
    user: str
    at_s: float
    depth: int = 1


def hook(
    organization_id: str, message: str, table: Table, row_id: str, parameters: list[Any], image: Any, by: Operation
) -> Hook:
    """The request of an asynchronous step after the operation."""
    images = [{"key": "renkei", "value": image}] if image else []
    body = {
        "BusinessUnitId": "5a1e5f00-0000-4000-8000-000000000002",
        "CorrelationId": f"c0221a70-0000-4000-8000-{by.number:012x}",
        "Depth": by.depth,
        "InitiatingUserId": by.user,
        "InputParameters": parameters,
        "IsExecutingOffline": False,
        "IsInTransaction": False,
        "IsolationMode": 1,
        "MessageName": message,
        "Mode": 1,
        "OperationCreatedOn": f"/Date({round(by.at_s * 1000)}+0000)/",
        "OperationId": f"0be2a710-0000-4000-8000-{by.number * 100 + by.depth:012x}",
        "OrganizationId": organization_id,
        "OrganizationName": "standin",
        "OutputParameters": [],
        "ParentContext": None,
        "PostEntityImages": images,
        "PreEntityImages": [],
        "PrimaryEntityId": row_id,
        "PrimaryEntityName": table.name,
        "RequestId": None,
        "SecondaryEntityName": "none",
        "SharedVariables": [],
        "Stage": 40,
        "UserId": by.user,
    }
    return Hook(json.dumps(body, ensure_ascii=False).encode(), HEADERS)


def entity(table: Table, row_id: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    """An Entity with those columns, choices with their labels."""
    attributes = [{"key": name, "value": _value(table, name, value)} for name, value in columns.items()]
    choices = {name: table.columns[name]["choice"] for name in columns if "choice" in table.columns.get(name, {})}
    labels = [
        {"key": name, "value": options[str(columns[name])]}
        for name, options in choices.items()
        if columns[name] is not None
    ]
    return {
        "__type": f"Entity:{CONTRACTS}",
        "Attributes": [*attributes, {"key": table.id, "value": row_id}],
        "EntityState": None,
        "FormattedValues": labels,
        "Id": row_id,
        "KeyAttributes": [],
        "LogicalName": table.name,
        "RelatedEntities": [],
        "RowVersion": None,
    }


def reference(table: str, row_id: str) -> dict[str, Any]:
    """An EntityReference."""
    known: dict[str, Any] = {"Id": row_id, "KeyAttributes": [], "LogicalName": table, "Name": None, "RowVersion": None}
    return {"__type": f"EntityReference:{CONTRACTS}", **known}


def _value(table: Table, name: str, value: Any) -> Any:
    kind = table.columns.get(name, {"type": "string"})["type"]
    if value is None:
        return None
    if kind == "lookup":
        return reference(value["table"], value["id"])
    if kind in ("choice", "money"):
        named = "OptionSetValue" if kind == "choice" else "Money"
        return {"__type": f"{named}:{CONTRACTS}", "Value": value}
    return _date(value) if kind in ("datetime", "date") else value


def _date(text: str) -> str:
    read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return f"/Date({round(read.replace(tzinfo=read.tzinfo or UTC).timestamp() * 1000)})/"
