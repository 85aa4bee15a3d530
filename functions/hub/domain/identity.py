"""Who is who: identifiers are nodes, evidence is edges, a customer is what hangs together.

A persona is one identifier. Nothing is ever moved: an event is filed under a persona, and evidence that two personas
are the same person is an edge between them. Nodes and edges only grow and do not depend on the order in which they
arrived; which edges count is decided when they are read, so the decision can change and be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    "domain": 8,
}
# Kinds that several may come to hold (a switchboard, a family's number, a number given to somebody else, the domain of
# several firms of one group).
SHAREABLE = frozenset({"phone", "email", "domain"})
# Kinds of which one person has one on a connection: two of them behind one shareable identifier are two people.
EXCLUSIVE = frozenset({"record", "whatsapp_user_id"})
# Names that change hands: shown with the customer, never a reason to join two.
PASSING = frozenset({"username"})
# Mailboxes of a role, which whoever is on duty reads (RFC 2142, and what small firms add): they join nobody.
ROLES = frozenset(
    [
        *("info", "marketing", "sales", "support", "abuse", "noc", "security", "hostmaster", "postmaster", "webmaster"),
        *("admin", "office", "contact", "hello", "mail", "help", "service", "billing", "accounting", "accounts", "hr"),
        *("jobs", "team", "shop", "order", "orders", "booking", "reception", "inquiry", "noreply", "no-reply"),
    ]
)
# Above this many neighbours of one kind an identifier is a switchboard's, or a record is a directory: it joins nobody.
MOST_HOLDERS = 25
# A customer ends here, whatever the evidence: beyond it something is wrong with the evidence.
MAX_PERSONAS = 50
# Times are RFC 3339 UTC; these sort before and after all of them.
START, END = "", "~"

# (kind, scope, object) of which one person has one.
Slot = tuple[str, str, str]
# since (included), until (excluded)
Period = tuple[str, str]
ALWAYS: tuple[Period, ...] = ((START, END),)


@dataclass(frozen=True, slots=True)
class Persona:
    """One identifier of a customer: `id` is its keyed hash.

    `periods` are the times during which it was the customer's: what is filed under it then is theirs. `neighbours`
    maps the personas that evidence connects it with to (kind, scope, object); of the kinds in `crowded` it has several
    now who are not one person, so that it joins none of them.
    """

    id: str
    identifier: Identifier
    neighbours: Mapping[str, Slot] = field(default_factory=dict)
    periods: tuple[Period, ...] = ALWAYS
    crowded: frozenset[str] = frozenset()

    @property
    def passing(self) -> bool:
        """True for a name that may be somebody else's tomorrow."""
        return self.identifier.kind in PASSING

    @property
    def current(self) -> bool:
        """Whether the customer holds it still."""
        return self.periods[-1][1] == END

    @property
    def kept_apart(self) -> frozenset[str]:
        """The neighbours whom this identifier does not reach because several share it."""
        return frozenset(one for one, (kind, _, _) in self.neighbours.items() if kind in self.crowded)


def in_order(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Distinct identifiers, the most specific first; the same for any order given."""
    return sorted(set(identifiers), key=lambda one: (RANK[one.kind], one.key))


def object_of(identifier: Identifier) -> str:
    """The object of a record identifier (contact, company …), else ""."""
    return identifier.value.partition(":")[0] if identifier.kind == "record" else ""


def is_role(identifier: Identifier) -> bool:
    """Whether it is a mailbox that stands for a role and not for somebody."""
    return identifier.kind == "email" and identifier.value.partition("@")[0] in ROLES


def slot_of(identifier: Identifier) -> Slot | None:
    """What a person has one of, or None for a kind of which one person may have several."""
    if identifier.kind not in EXCLUSIVE:
        return None
    return (identifier.kind, identifier.scope, object_of(identifier))


def customer_id(personas: Sequence[Persona]) -> str:
    """The id shown for a customer: any of its persona ids would do, the smallest is the same for everybody.

    A passing name, or an identifier that is somebody else's by now, counts only where there is nothing else.
    """
    return min((persona.passing, not persona.current, persona.id) for persona in personas)[2]


def most_durable(personas: Sequence[Persona]) -> str:
    """The persona that what people decide about the customer is attached to: the one least likely to change hands."""
    return min((not one.current, RANK[one.identifier.kind], one.id) for one in personas)[2]
