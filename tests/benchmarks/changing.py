"""What one synced change asks of AWS and of the platforms: counted by operation, in an office of two or three CRMs.

A person changes one field in Salesforce; it ends when every CRM holds it and the echoes have been recognised. Not
counted: connections and secrets, which a warm function has in its memory; what Lambda itself asks of queues and stream.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.harness.office import Office

TWO, THREE = ("hubspot", "salesforce"), ("hubspot", "salesforce", "pipedrive")
# Which CRMs, and which field changes: a name is compared with everybody's, too.
OFFICES = {"title": (TWO, "title"), "name": (TWO, "first_name"), "name_in_three": (THREE, "first_name")}
CHANGES = 10
LIFE_S = 600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Per change: calls of ports by name (`store.get`, `bus.publish` …), requests by platform."""

    aws: dict[str, float]
    platforms: dict[str, float]

    @property
    def total(self) -> float:
        """Requests of both."""
        return sum(self.aws.values()) + sum(self.platforms.values())


def asked(crms: Sequence[str], field: str) -> Asked:
    """The mean of ten changes, each of a contact that all CRMs have; RuntimeError where one did not arrive."""
    office = Office(crms)
    contact = office["salesforce"].enter(
        first_name="Kei", last_name="Ono", email="ono@example.com", phone="+81355500100"
    )
    office.settle()
    others = {name: _found(office, name) for name in crms if name != "salesforce"}
    office.settle()
    before = {name: len(office.requests(name)) for name in crms}
    office.world.injector.calls.clear()
    for number in range(1, CHANGES + 1):
        office.wait(LIFE_S)
        office["salesforce"].edit(contact, **{field: _value(number)})
        office.settle()
        for name, record in others.items():
            if office[name].held(record, field) != _value(number):
                raise RuntimeError(f"the change did not arrive in {name}")
    counted = Counter(call.operation for call in office.world.injector.calls)
    aws = {name: count / CHANGES for name, count in sorted(counted.items()) if name.partition(".")[0] in AWS}
    return Asked(aws, {name: (len(office.requests(name)) - before[name]) / CHANGES for name in crms})


AWS = frozenset({"store", "connection_items", "queue", "bus", "blobs"})


def _value(number: int) -> str:
    return "Kei" + "i" * number


def _found(office: Office, name: str) -> str:
    """The one contact of that CRM; it was entered there, or created by the hub."""
    return office[name].enter(first_name="Kei", last_name="Ono", email="ono@example.com", phone="+81355500100")
