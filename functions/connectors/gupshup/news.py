"""What is no conversation, in Gupshup's own form (v2): opt-ins, templates, the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.gupshup.talk import at
from hub.domain.events import AccountNoticeData, ConsentData, TemplateData
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, text_at
from hub.whatsapp.parts import Part
from hub.whatsapp.people import party, person, scope_of
from hub.whatsapp.reading import Json, required, without, word

CONSENT: Mapping[str, Literal["granted", "denied"]] = {"opted-in": "granted", "opted-out": "denied"}
TEMPLATES: Mapping[str, Literal["usable", "paused", "unusable", "pending", "deleted"]] = {
    "approved": "usable",
    "paused": "paused",
    "rejected": "unusable",
    "disabled": "unusable",
    "in_appeal": "pending",
    "deleted": "deleted",
}
SEVERITY: Mapping[str, Literal["warning", "critical"]] = {
    "ACCOUNT_VIOLATION": "warning",
    "ACCOUNT_RESTRICTED": "critical",
    "ACCOUNT_DISABLE": "critical",
    "FLAGGED": "warning",
    "DOWNGRADE": "warning",
    "rejected": "critical",
}
_LIMITS = ("newTier", "currentTier", "maxDailyConversationPerPhone")


def read_consent(maker: EventMaker, body: Json) -> Part:
    """A customer opted in or out; `sandbox-start` says only that a callback URL was set."""
    payload = dict_at(body, "payload")
    kind = required(payload, "type")
    if kind == "sandbox-start":
        return None
    phone = required(payload, "phone")
    data = ConsentData(
        subject=word(kind),
        status=kind,
        state=CONSENT.get(kind, "unknown"),
        channel="whatsapp",
        customer=party(person(payload, "user_id", ("parent_user_id",), "phone"), scope_of(maker.connection)),
        source=id_at(body, "app"),
        native=without(payload, "phone", "type"),
    )
    key = (phone, kind, body.get("timestamp"))
    return maker.event("consent.changed", data, subject=word(kind), time=at(body), key=key)


def read_template(maker: EventMaker, body: Json) -> Part:
    """A template's status or category changed, or Meta says that its category is not the right one."""
    payload = dict_at(body, "payload")
    template, kind, status = required(payload, "id"), required(payload, "type"), id_at(payload, "status")
    category = dict_at(payload, "category")
    data = TemplateData(
        subject=template,
        status=status or kind,
        name=id_at(payload, "elementName"),
        language=id_at(payload, "languageCode"),
        state=TEMPLATES.get((status or "").lower(), "unknown"),
        category=id_at(category, "new") or id_at(category, "current"),
        previous_category=id_at(category, "old"),
        quality=id_at(payload, "quality"),
        reason=id_at(payload, "rejectedReason") or id_at(payload, "description"),
        native=dict(payload),
    )
    key = (template, kind, status, body.get("timestamp"))
    return maker.event("template.changed", data, subject=template, time=at(body), key=key)


def read_account(maker: EventMaker, body: Json) -> Part:
    """News about the account or one of its numbers."""
    payload = dict_at(body, "payload")
    said = dict_at(payload, "payload")
    topic, status = required(payload, "type"), id_at(said, "status") or id_at(said, "event")
    data = AccountNoticeData(
        topic=topic,
        subject=id_at(body, "app"),
        status=status,
        severity=SEVERITY.get(status or "", "info"),
        business=id_at(body, "phone"),
        limit=next((found for key in _LIMITS if (found := id_at(said, key))), None),
        text=text_at(said, "description"),
        native=dict(said),
    )
    key = (id_at(body, "app"), topic, status, body.get("timestamp"))
    return maker.event("account.notice", data, subject=word(topic), time=at(body), key=key)
