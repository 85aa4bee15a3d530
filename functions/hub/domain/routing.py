"""Which events go to which consumer: the one table for the bus rules, the tests' bus and the AsyncAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# queue -> exact types, or prefixes that end with a dot.
RULES: Mapping[str, tuple[str, ...]] = {
    "sync-customers": (
        *("message.", "call.", "contact.", "company.", "deal.", "ticket.", "order.", "activity.", "form."),
        *("identity.", "consent.", "template.", "account.", "agent.", "privacy."),
    ),
    "sync-crm": (
        *("record.touched", "timeline.changed", "customer.linked", "customer.changed"),
        "privacy.deletion_requested",
    ),
    "match-customers": ("customer.linked", "customer.named"),
    "reconcile-records": ("record.touched", "account.notice"),
}
# Of these types the queue gets only events whose data hold these values.
ONLY: Mapping[tuple[str, str], Mapping[str, str]] = {("reconcile-records", "record.touched"): {"change": "gap"}}


def consumers(event_type: str, data: Mapping[str, Any] | None = None) -> list[str]:
    """The queues that an event of this type, with these data, goes to; without data those that it may go to."""
    queues = [queue for queue, rules in RULES.items() if any(_matches(rule, event_type) for rule in rules)]
    return queues if data is None else [queue for queue in queues if _wanted(ONLY.get((queue, event_type), {}), data)]


def _wanted(only: Mapping[str, str], data: Mapping[str, Any]) -> bool:
    return all(data.get(name) == value for name, value in only.items())


def _matches(rule: str, event_type: str) -> bool:
    return event_type.startswith(rule) if rule.endswith(".") else event_type == rule
