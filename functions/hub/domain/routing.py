"""Which events go to which consumer: the one table for the bus rules, the tests' bus and the AsyncAPI document."""

from __future__ import annotations

from collections.abc import Mapping

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
}


def consumers(event_type: str) -> list[str]:
    """The queues that an event of this type goes to."""
    return [queue for queue, rules in RULES.items() if any(_matches(rule, event_type) for rule in rules)]


def _matches(rule: str, event_type: str) -> bool:
    return event_type.startswith(rule) if rule.endswith(".") else event_type == rule
