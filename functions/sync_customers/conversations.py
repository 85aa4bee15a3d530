"""What a message event says about its conversation."""

from __future__ import annotations

from hub.conversations import ConversationStore
from hub.domain.conversations import State, corrected, inbound, outbound, windowed
from hub.domain.events import Event, MessageChangeData, MessageData
from hub.timeline_store import Entry, Filing
from sync_customers.entries import when

# Imported history is no news, whoever reads it.
NEWS = frozenset({"live", "standby", "echo"})


class Talks:
    """Notes messages in conversations; a group is no conversation with a customer."""

    def __init__(self, conversations: ConversationStore) -> None:
        self._conversations = conversations

    def said(self, event: Event, data: MessageData, filing: Filing | None, entry: Entry) -> None:
        """Notes a message; its time is its entry's, which is that of its earliest copy."""
        if filing and not data.group_id and data.origin in NEWS:
            self._note(event, data.channel, filing, _said(data, entry))

    def changed(self, event: Event, data: MessageChangeData, filing: Filing | None, entry: Entry) -> None:
        """Notes a correction, and a window that the platform tells of; a plain status changes nothing."""
        state = None if data.group_id else _changed(event, data, entry)
        if filing and state:
            self._note(event, data.channel, filing, state)

    def _note(self, event: Event, channel: str, filing: Filing, state: State) -> None:
        self._conversations.note(filing.persona, event.connection, channel, state)


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
    return windowed(data.window_until) if data.window_until else None
