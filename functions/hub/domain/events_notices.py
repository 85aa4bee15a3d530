"""News that is no message, call or record: consent, templates, accounts, privacy, and the hub's own announcements."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from hub.domain.events_records import Concerning
from hub.domain.parties import Party, RecordRef
from hub.domain.values import Line, Model, Text


class NoticeData(Model):
    """News about an account, template, number, consent or anything else that is no message, call or record."""

    subject: str | None = None
    customer: Party = Party()
    status: str | None = None
    native: dict[str, Any] = Field(default_factory=dict)


class ConsentData(NoticeData, Concerning):
    """A customer allowed, or no longer allows, to be written to or called. `status` is the platform's own word.

    `channel` all means every channel that the platform knows; `purpose` is what it is about (marketing, service, a
    list's name); `text` what the customer was shown or wrote.
    """

    channel: Literal["whatsapp", "sms", "email", "call", "all", "unknown"] = "unknown"
    purpose: str | None = None
    state: Literal["granted", "denied", "unknown"] = "unknown"
    source: str | None = None  # the form, the keyword, the person: in the platform's words
    text: Text | None = None


class TemplateData(NoticeData):
    """A message template changed: `status`, `category`, `quality` and `reason` are the platform's words.

    `subject` is the template's id, `state` what it means for sending.
    """

    name: str | None = None
    language: str | None = None
    state: Literal["usable", "paused", "unusable", "pending", "deleted", "unknown"] = "unknown"
    category: str | None = None
    previous_category: str | None = None
    quality: str | None = None
    reason: str | None = None


class AccountNoticeData(NoticeData):
    """News about the connection's account: quality, limits, alerts, reviews, capability, security, an app removed.

    `topic` is the platform's word for the kind of news, `subject` what it is about (an id), `status` its new state;
    `critical` means that work stops or will stop.
    """

    topic: str
    severity: Literal["info", "warning", "critical"] = "info"
    business: str | None = None  # our number that it is about
    title: Line | None = None
    text: Text | None = None
    limit: str | None = None  # a new limit in the platform's words
    due_at: str | None = None


class PrivacyData(Concerning):
    """A person or platform asks that data be deleted, or be handed over (`privacy.data_requested`).

    `scope` account: everything of the account (an app that was removed). `record` is the person's record on the
    platform where it names one, `records` what else the request lists (orders …), `due_at` the platform's deadline.
    """

    record: RecordRef | None = None
    change: str = "changed"  # as in record.touched, where the platform sends the request as a change of the record
    scope: Literal["customer", "account"] = "customer"
    request_id: str | None = None
    records: tuple[RecordRef, ...] = ()
    due_at: str | None = None
    fields: tuple[str, ...] = ()
    native: dict[str, Any] = Field(default_factory=dict)


class EntryChangedData(Model):
    """A timeline entry was written: read it by `entry` (it may be newer by now)."""

    entry: str
    persona: str | None = None
    kind: str


class CustomerLinkedData(Model):
    """A persona gained an identifier, a record or a link: what waited for that can go on.

    `decided` says that a person decided it, about the persona alone or together with `other`, so that what was done
    before may have to be done otherwise.
    """

    persona: str
    decided: bool = False
    other: str | None = None


class CustomerChangedData(Model):
    """Somebody said something new about a field of a customer: it may have to be told to others."""

    persona: str


class CustomerNamedData(Model):
    """A record or profile under a persona holds a name, perhaps another one than before: read it there."""

    persona: str
