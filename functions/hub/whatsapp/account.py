"""News of the account, its numbers, its flows and who answers: one table says where each field keeps its words.

https://developers.facebook.com/docs/whatsapp/webhooks (read in mirrors, 2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hub.domain.events import AccountNoticeData, Party
from hub.parsing import dict_at, id_at, text_at
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import person
from hub.whatsapp.reading import Json, digest, word

Severity = Literal["info", "warning", "critical"]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class News:
    """Where a field keeps its words; of several places the first that holds something."""

    status: tuple[Place, ...]
    subject: tuple[Place, ...] = ()
    title: tuple[Place, ...] = ()
    text: tuple[Place, ...] = ()
    limit: tuple[Place, ...] = ()


FIELDS: Mapping[str, News] = {
    "account_alerts": News(
        tuple(("alert_info", "alert_" + name) for name in ("status", "type", "severity")),
        subject=(("entity_id",),),
        title=(("alert_info", "alert_type"),),
        text=(("alert_info", "alert_description"),),
    ),
    "account_review_update": News((("decision",),)),
    "account_settings_update": News((("type",),)),
    "account_update": News(
        (("event",),),
        subject=(("waba_info", "waba_id"),),
        title=(
            *(("violation_info", "violation_type"), ("ban_info", "waba_ban_state")),
            *(("restriction_info", 0, "restriction_type"), ("disconnection_info", "reason")),
        ),
        text=(("restriction_info", 0, "remediation"), ("violation_info", "remediation")),
        limit=(("volume_tier_info", "tier"),),
    ),
    "business_capability_update": News(
        (),
        limit=(("max_daily_conversations_per_business",), ("max_daily_conversation_per_phone",)),
    ),
    "business_username_updates": News((("status",),), subject=(("username",),)),
    "flows": News((("event",),), subject=(("flow_id",),), title=(("new_status",),), text=(("message",), ("warning",))),
    "messaging_handovers": News((("type",),)),
    "partner_solutions": News((("event",),), subject=(("solution_id",),), title=(("solution_status",),)),
    "payment_configuration_update": News((("status",),), subject=(("configuration_name",),)),
    "phone_number_name_update": News(
        (("decision",),), title=(("requested_verified_name",),), text=(("rejection_reason",),)
    ),
    "phone_number_quality_update": News(
        (("event",),), limit=(("max_daily_conversations_per_business",), ("current_limit",))
    ),
    "security": News((("event",),)),
}
WORDS: Mapping[str, Severity] = {
    **dict.fromkeys(("CRITICAL", "DISABLED_UPDATE", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED"), "critical"),
    **dict.fromkeys(("ACCOUNT_RESTRICTION", "PARTNER_REMOVED", "BLOCKED"), "critical"),
    **dict.fromkeys(("WARNING", "ACCOUNT_VIOLATION", "REJECTED", "DEFERRED", "FLAGGED", "DOWNGRADE"), "warning"),
    **dict.fromkeys(("PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS", "THROTTLED"), "warning"),
    **dict.fromkeys(("CLIENT_ERROR_RATE", "ENDPOINT_ERROR_RATE", "ENDPOINT_LATENCY"), "warning"),
    **dict.fromkeys(("ENDPOINT_AVAILABILITY", "FLOW_VERSION_EXPIRY_WARNING", "PARTNER_APP_UNINSTALLED"), "warning"),
}
# A word that says that the trouble is over, or that Meta took it back.
OVER = frozenset({"DEACTIVATED", "REINSTATE", "RESOLVED"})


def read_account(context: Context, value: Json) -> Part:
    """One piece of news; without a word of its own the whole value says what it is."""
    news = FIELDS[context.field]
    status = _said(value, news.status)
    if news.status and status is None:
        return context.unmapped("unreadable", value)
    data = AccountNoticeData(
        topic=context.field,
        subject=_said(value, news.subject),
        status=status,
        severity=_severity(value, news, status),
        business=_number(context, value),
        title=_said(value, news.title),
        text=_said(value, news.text),
        limit=_said(value, news.limit),
        customer=_sender(context, value),
        native=dict(value),
    )
    key = (context.field, digest([context.at, value]))
    return context.event("account.notice", data, value, subject=_subject(context, status), key=key)


def read_error(context: Context, item: Json) -> Part:
    """An error that Meta reports beside, or instead of, what happened."""
    code = id_at(item, "code")
    if code is None:
        return context.unmapped("errors", item)
    data = AccountNoticeData(
        topic="errors",
        status=code,
        severity="warning",
        business=context.number or context.display or None,
        title=text_at(item, "title") or text_at(item, "message"),
        text=text_at(item, "error_data", "details"),
        native={"field": context.field, **item},
    )
    key = (context.number, context.field, digest([context.beside, item]))
    return context.event("account.notice", data, item, subject=f"{context.field}:errors", key=key)


def _subject(context: Context, status: str | None) -> str:
    return f"{context.field}:{word(status)}" if status else context.field


def _said(value: Json, places: tuple[Place, ...]) -> str | None:
    return next((found for place in places if (found := id_at(value, *place))), None)


def _severity(value: Json, news: News, status: str | None) -> Severity:
    words = [status, id_at(dict_at(value, "alert_info"), "alert_severity"), _said(value, news.title)]
    if OVER & {*words, id_at(value, "alert_state")}:
        return "info"
    found = {WORDS[one] for one in words if one and one in WORDS}
    return "critical" if "critical" in found else "warning" if "warning" in found else "info"


def _number(context: Context, value: Json) -> str | None:
    """Our number that it is about: three fields have a place of their own for it."""
    places = (
        *((one, "phone_number_id") for one in ("recipient", "phone_number_settings")),
        *(("display_phone_number",), ("phone_number",)),
    )
    return context.number or _said(value, places) or context.display or None


def _sender(context: Context, value: Json) -> Party:
    """Whose conversation was handed over."""
    sender = dict_at(value, "sender")
    return context.party(person(sender, "user_id", ("parent_user_id",), "phone_number")) if sender else Party()
