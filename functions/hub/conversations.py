"""Conversations in the state table: one per persona, connection and channel; a customer's are put together when read.

| item | pk | sk | index | body |
|---|---|---|---|---|
| conversation | `P#<persona>` | `CONV#<connection>#<channel>` | `INBOX#<standing>`, `<minute of the last activity>#<persona>#<connection>#<channel>` | see hub.domain.conversations |

Under the persona, so that whoever reads the customer has them; in the index once a message was said. There the minute
is enough: an item that moves in the index costs a write more, and what is said in one go is said within a minute.
What was said with a former holder of an identifier is in their conversations as far as the item still knows it: the
texts of its two last messages each way, the latest decisions and name. It is in the inbox no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

from hub.customer import REST, Customer
from hub.domain import conversations as domain
from hub.domain.conversations import Standing, State
from hub.domain.identity import Persona
from hub.folding import fold
from hub.ports import Item, Page, Store

PREFIX = "CONV#"
_TO_THE_MINUTE = len("2026-11-22T09:00")
STANDINGS: tuple[Standing, ...] = ("open", "closed")


@dataclass(frozen=True, slots=True)
class Part:
    """A conversation as filed under one persona; `state` is what of it is the customer's, of the times until `until`."""

    item: Item
    state: State
    until: str

    @property
    def place(self) -> str:
        """Where it is in the inbox; "" where somebody else's is there, who has the identifier now."""
        mine = domain.last_activity(self.state) == domain.last_activity(self.item.body)
        return self.item.index[1] if mine and self.item.index else ""

    @property
    def standing(self) -> Standing:
        """Its own, whatever is known under other personas."""
        return domain.standing(self.item.body)


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that was said with a customer on one channel of one connection; the joined `state` of its `parts`."""

    customer: Customer
    connection: str
    channel: str
    parts: tuple[Part, ...]

    @property
    def id(self) -> str:
        """One of its ids: with any persona of the customer it is found as well."""
        rest = REST if self.customer.rest else ""
        return f"{rest}{self.customer.anchor}-{self.connection}-{self.channel}"

    @property
    def state(self) -> State:
        """What is known of it."""
        return reduce(domain.join, (part.state for part in self.parts), {})

    @property
    def version(self) -> str:
        """Another one after every change."""
        return ".".join(f"{part.item.pk}@{part.item.version}" for part in self.parts)


class ConversationStore:
    """Writes conversations; every write is conditional and safe to repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, persona: str, connection: str, channel: str) -> Item:
        """The conversation as filed under that persona; an empty item where there is none."""
        pk, sk = f"P#{persona}", f"{PREFIX}{connection}#{channel}"
        return self._store.get(pk, sk) or Item(pk, sk)

    def note(self, known: Item, said: State) -> None:
        """Joins what is known now to what was loaded just before; raises Retry when crowded."""
        fold(self._store, known.pk, known.sk, lambda item: _placed(item, said), known=known)

    def decide(self, conversation: Conversation, said: State) -> None:
        """Joins what a person decided into every part, all or none; Conflict where one was written meanwhile."""
        after = [
            (part.item, _placed(part.item, domain.decided_during(said, part.until))) for part in conversation.parts
        ]
        self._store.put_all([item for before, item in after if item.body != before.body])

    def page(self, standing: Standing, *, limit: int, newest_first: bool, between: tuple[str, str]) -> Page:
        """Parts by their last activity."""
        return self._store.query_index(f"INBOX#{standing}", limit=limit, newest_first=newest_first, between=between)


def conversations_of(customer: Customer) -> list[Conversation]:
    """The customer's conversations, the last active first."""
    parts: dict[tuple[str, str], list[Part]] = {}
    held = {f"P#{one.id}": one for one in customer.personas}
    for item in customer.items:
        if item.sk.startswith(PREFIX) and (state := _held(held[item.pk], item.body)):
            _, connection, channel = item.sk.split("#", 2)
            part = Part(item, state, held[item.pk].periods[-1][1])
            parts.setdefault((connection, channel), []).append(part)
    found = [Conversation(customer, *key, tuple(those)) for key, those in parts.items()]
    return sorted(found, key=lambda one: (domain.last_activity(one.state), one.id), reverse=True)


def conversation_of(customer: Customer, connection: str, channel: str) -> Conversation | None:
    """The customer's conversation on that channel of that connection."""
    return next(
        (one for one in conversations_of(customer) if (one.connection, one.channel) == (connection, channel)), None
    )


def _held(persona: Persona, state: State) -> State | None:
    """What is known to be said while the persona was the customer's; None for nothing."""
    mine = [known for period in persona.periods if (known := domain.during(state, *period))]
    return reduce(domain.join, mine) if mine else None


def _placed(item: Item, said: State) -> Item:
    state = domain.join(item.body, said)
    last, persona = domain.last_activity(state), item.pk.removeprefix("P#")
    _, connection, channel = item.sk.split("#", 2)
    index = (
        (f"INBOX#{domain.standing(state)}", f"{last[:_TO_THE_MINUTE]}#{persona}#{connection}#{channel}")
        if last
        else None
    )
    return replace(item, body=state, index=index)
