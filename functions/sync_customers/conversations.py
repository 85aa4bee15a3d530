"""What a message event says about its conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.conversations import ConversationStore
from hub.directory import Directory
from hub.domain.conversations import State, corrected, inbound, join, knows, met, outbound, windowed
from hub.domain.events import Event, Identifier, MessageChangeData, MessageData
from hub.domain.identity import RANK, in_order
from hub.ports import Item
from hub.timeline_store import Entry, Filing
from sync_customers.entries import when

# Imported history is no news, whoever reads it.
NEWS = frozenset({"live", "standby", "echo"})


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation that a message belongs to, as it was before; `whom` stands for all it tells of who wrote it."""

    item: Item
    filing: Filing
    whom: str
    knows: bool


class Talks:
    """Notes messages in conversations; a group is no conversation with a customer."""

    def __init__(self, directory: Directory) -> None:
        self._conversations = ConversationStore(directory.store)
        self._directory = directory

    def of(self, event: Event, data: MessageData) -> Talk | None:
        """The conversation of a message; None for one that is in none."""
        identifiers = in_order(data.customer.identifiers)
        if not identifiers or data.group_id or data.origin not in NEWS:
            return None
        persona = self._directory.persona_id(identifiers[0])
        item = self._conversations.load(persona, event.connection, data.channel)
        whom = self._whom(event, identifiers, data.customer.name)
        return Talk(item, Filing(persona, RANK[identifiers[0].kind]), whom, knows(item.body, whom, event.time))

    def _whom(self, event: Event, identifiers: Sequence[Identifier], name: str | None) -> str:
        """Of a day, because a name is claimed as of the day."""
        told = "\n".join([event.type, *(one.key for one in identifiers), name or ""])
        return event.time[:10] + self._directory.hashed(f"met\n{told}")[:8]

    def said(self, event: Event, data: MessageData, talk: Talk, entry: Entry) -> None:
        """Notes a message whose customer and entry are stored; its time is its entry's, that of its earliest copy."""
        self._conversations.note(talk.item, join(_said(data, entry), met(talk.whom, event.time)))

    def changed(self, event: Event, data: MessageChangeData, filing: Filing | None, entry: Entry) -> None:
        """Notes a correction, and a window that the platform tells of; a plain status changes nothing."""
        state = None if data.group_id else _changed(event, data, entry)
        if filing and state:
            known = self._conversations.load(filing.persona, event.connection, data.channel)
            self._conversations.note(known, state)


def _said(data: MessageData, entry: Entry) -> State:
    caption = next((one.caption for one in data.media if one.caption), None)
    text = data.text or caption or ("" if data.content == "text" else f"[{data.content}]")
    if data.direction == "inbound":
        return inbound(entry.at, entry.id, text, data.customer.name)
    return outbound(entry.at, entry.id, text, by_hand=data.origin == "echo")


def _changed(event: Event, data: MessageChangeData, entry: Entry) -> State | None:
    at, _ = when(event)
    if event.type == "message.revoked":
        return corrected(at, entry.id, "")
    if event.type == "message.edited" and data.text:
        return corrected(at, entry.id, data.text)
    return windowed(data.window_until, at) if data.window_until else None
