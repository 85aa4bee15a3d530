"""What happens with messages: WhatsApp and SMS."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from hub.domain.parties import Party
from hub.domain.values import Model


class Media(Model):
    """A file on the platform; `url` expires, `id` is what it is fetched by."""

    id: str | None = None
    url: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    caption: str | None = None
    voice: bool | None = None


class MessageData(Model):
    """A message received from, or sent to, a customer. `content` is text, image, audio … in the platform's word.

    `native` keeps the platform's own object for everything without a field of ours (location, order, flow reply …).
    """

    message_id: str
    channel: Literal["whatsapp", "sms"]
    direction: Literal["inbound", "outbound"]
    customer: Party
    business: str | None = None  # our number: E.164 or the platform's id of it
    content: str = "text"
    text: str | None = None
    media: tuple[Media, ...] = ()
    reply_to: str | None = None
    group_id: str | None = None
    forwarded: bool = False
    origin: Literal["live", "history", "standby", "echo"] = "live"
    native: dict[str, Any] = Field(default_factory=dict)


class MessageChangeData(Model):
    """Something that happened to an earlier message: `message_id` names that one.

    status: sent|delivered|read|played|failed (or the platform's own); reaction: emoji or None when taken back.
    `window_until`: until when the business may answer freely, where the platform says so (RFC 3339 UTC).
    """

    message_id: str
    channel: Literal["whatsapp", "sms"]
    customer: Party
    business: str | None = None
    status: str | None = None
    reaction: str | None = None
    text: str | None = None
    change_id: str | None = None
    group_id: str | None = None
    by: Literal["customer", "business", "platform"] = "platform"
    callback_data: str | None = None
    window_until: str | None = None
    errors: tuple[dict[str, Any], ...] = ()
    native: dict[str, Any] = Field(default_factory=dict)
