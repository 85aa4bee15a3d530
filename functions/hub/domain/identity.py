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
    "whatsapp_parent_user_id": 4,
    "sip": 5,
    "client": 6,
    "username": 7,
}
# Kinds that several people may come to hold (a switchboard, a family's number, a number given to somebody else).
SHAREABLE = frozenset({"phone", "email"})
# Kinds of which one person has one on a connection: two of them behind one shareable identifier are two people.
EXCLUSIVE = frozenset({"record", "whatsapp_user_id"})
# Names that change hands: shown with the customer, never a reason to join two.
PASSING = frozenset({"username"})
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
    def passing(self) -> bool:
        """True for a name that may be somebody else's tomorrow."""
        return self.identifier.kind in PASSING

    @property
    def crowded(self) -> frozenset[str]:
        """The kinds of which several, in one scope, are connected with this shareable identifier."""
        if self.identifier.kind not in SHAREABLE:
            return frozenset()
        holders = Counter(one for one in self.neighbours.values() if one[0] in EXCLUSIVE)
        return frozenset(kind for (kind, _, _), count in holders.items() if count > 1)

    @property
    def kept_apart(self) -> frozenset[str]:
        """The neighbours whom this identifier does not reach, whatever they are: a switchboard's need not be read."""
        crowded = self.crowded
        return frozenset(one for one, (kind, _, _) in self.neighbours.items() if kind in crowded)

    def reaches(self, other: Persona) -> bool:
        """Whether the edge to `other` makes them one customer; the same answer from either side."""
        if other.id not in self.neighbours or self.id not in other.neighbours:
            return False
        return other.identifier.kind not in self.crowded and self.identifier.kind not in other.crowded


def in_order(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Distinct identifiers, the most specific first; the same for any order given."""
    return sorted(set(identifiers), key=lambda one: (RANK[one.kind], one.key))


def object_of(identifier: Identifier) -> str:
    """The object of a record identifier (contact, company …), else ""."""
    return identifier.value.partition(":")[0] if identifier.kind == "record" else ""


def customer_id(personas: Sequence[Persona]) -> str:
    """The id shown for a customer: any of its persona ids would do, the smallest is the same for everybody.

    A passing name counts only where there is nothing else, for two customers may have held it.
    """
    return min((persona.passing, persona.id) for persona in personas)[1]
