"""The inbox: conversations of all customers by their last activity, those of one customer together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.conversations import STANDINGS, Conversation, ConversationStore, conversation_of
from hub.directory import Directory
from hub.domain import conversations as domain
from hub.domain.conversations import Standing, State
from hub.places import Cut, Mark, cut, from_mark, joined, place
from hub.ports import Item

# Where most conversations may be filtered out, so many are looked at per page; the page may be short. Each costs the
# reading of its customer: what is known of it under one persona does not tell what the conversation is.
MOST_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; None asks for all. `assignee` "" is nobody; `waiting` is the latest beginning of a wait."""

    standing: Standing | None = None
    assignee: str | None = None
    channel: str | None = None
    connection: str | None = None
    waiting: str | None = None

    @property
    def picks(self) -> bool:
        """Whether conversations may be passed over, beyond those of another standing."""
        return any(one is not None for one in (self.assignee, self.channel, self.connection, self.waiting))

    def is_on(self, connection: str, channel: str) -> bool:
        """Whether it is about that channel of that connection."""
        return self.connection in (None, connection) and self.channel in (None, channel)

    def has(self, state: State) -> bool:
        """Whether a conversation is one of those."""
        since = domain.waiting_since(state)
        return (
            self.standing in (None, domain.standing(state))
            and self.assignee in (None, domain.assignee(state) or "")
            and (self.waiting is None or (since is not None and since <= self.waiting))
        )


class Inbox:
    """Reads pages of what is wanted."""

    def __init__(self, conversations: ConversationStore, directory: Directory, wanted: Wanted) -> None:
        self._found: dict[str, Conversation] = {}
        self._conversations = conversations
        self._directory = directory
        self._wanted = wanted

    def page(self, limit: int, mark: Mark | None) -> Cut:
        """One query per standing, and for each row its customer."""
        down = mark is None or mark.down
        standings = STANDINGS if self._wanted.standing is None else (self._wanted.standing,)
        most = max(limit, MOST_LOOKED_AT) if self._wanted.picks else limit
        between = from_mark(mark)
        read = [self._conversations.page(one, limit=most, newest_first=down, between=between) for one in standings]
        run = joined(read, down=down)
        return cut(self._chosen(run.items), run, limit, mark, down=down, newest_first=True)

    def on(self, page: Cut) -> list[Conversation]:
        """The conversations of a page, exactly by their last activity, which the index knows to the minute."""
        found = [self._found[place(item)] for item in page.items]
        return sorted(found, key=lambda one: domain.last_activity(one.state), reverse=True)

    def _chosen(self, items: tuple[Item, ...]) -> Iterator[Item]:
        for item in items:
            conversation = self._conversation(item)
            if conversation is not None:
                self._found[place(item)] = conversation
                yield item

    def _conversation(self, item: Item) -> Conversation | None:
        """The conversation that the item is the last part of, so that each is shown once; None for others.

        Where a standing is asked for, of the parts that have it: only they are read.
        """
        _, connection, channel = item.sk.split("#", 2)
        if not self._wanted.is_on(connection, channel):
            return None
        persona, last = item.pk.removeprefix("P#"), domain.last_activity(item.body)
        customer = self._directory.customer(persona, moment=last)
        found = conversation_of(customer, connection, channel) if customer else None
        if found is None or not self._wanted.has(found.state):
            return None
        there = [part for part in found.parts if self._wanted.standing in (None, part.standing)]
        latest = max(there, key=lambda part: part.place, default=None)
        return found if latest and latest.item.pk == item.pk else None
