"""Who is who: identifiers are nodes, evidence is edges, a customer is what hangs together.

A persona is one identifier. Nothing is ever moved: an event is filed under a persona, and evidence that two personas
are the same person is an edge between them. Nodes and edges only grow and do not depend on the order in which they
arrived; which edges count is decided when they are read, so the decision can change and be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.domain.events import Identifier

# The node that stands for a set of identifiers attested together: the most specific one.
RANK: Mapping[str, int] = {
    "record": 0,
    "whatsapp_user_id": 1,
    "phone": 2,
    "email": 3,
    "username": 4,
    "whatsapp_parent_user_id": 5,
    "sip": 6,
    "client": 7,
}
# Kinds that several people may share; two records of one platform that hold the same value do not become one person.
SHAREABLE = frozenset({"phone", "email"})
MAX_PERSONAS = 50


@dataclass(frozen=True, slots=True)
class Persona:
    """One identifier as stored: `id` is its keyed hash, `neighbours` the personas that evidence connects it with.

    `neighbours` maps a persona's id to its (kind, scope, object), where object is that of a record, else "".
    """

    id: str
    identifier: Identifier
    neighbours: Mapping[str, tuple[str, str, str]]

    @property
    def shared(self) -> bool:
        """True where several records of the same kind on one connection hold this identifier."""
        if self.identifier.kind not in SHAREABLE:
            return False
        holders = Counter((scope, thing) for kind, scope, thing in self.neighbours.values() if kind == "record")
        return any(count > 1 for count in holders.values())

    def reaches(self, other: Persona) -> bool:
        """Whether the edge to `other` makes them one customer; the same answer from either side."""
        records_apart = "record" in (self.identifier.kind, other.identifier.kind)
        return not (records_apart and (self.shared or other.shared))


def in_order(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Distinct identifiers, the most specific first; the same for any order given."""
    return sorted(set(identifiers), key=lambda one: (RANK[one.kind], one.key))


def object_of(identifier: Identifier) -> str:
    """The object of a record identifier (contact, company …), else ""."""
    return identifier.value.partition(":")[0] if identifier.kind == "record" else ""


def customer_id(personas: Sequence[Persona]) -> str:
    """The id shown for a customer: any of its persona ids would do, the smallest is the same for everybody."""
    return min(persona.id for persona in personas)
