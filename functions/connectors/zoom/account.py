"""News of Zoom Phone that are about the account: settings, devices, numbers, removed records, alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from connectors.zoom.reading import News, kept
from hub.calling import Part, key_at
from hub.domain.events import AccountNoticeData
from hub.parsing import text_at

Severity = Literal["info", "warning", "critical"]
NOTICES: Mapping[str, Severity] = {
    **dict.fromkeys(
        (
            *("phone.account_settings_updated", "phone.group_settings_updated", "phone.device_registration"),
            *("phone.generic_device_provision", "phone.peering_number_cnam_updated"),
            *("phone.peering_number_emergency_address_updated", "phone.call_log_deleted"),
            *("phone.call_log_permanently_deleted", "phone.call_history_deleted", "phone.call_element_deleted"),
            *("phone.voicemail_deleted", "phone.voicemail_permanently_deleted"),
        ),
        "info",
    ),
    "phone.sms_etiquette_block": "warning",
    "phone.sms_etiquette_warn": "warning",
    "phone.emergency_alert": "critical",
    "app_deauthorized": "critical",
}
IDS = ("id", "group_id", "device_id", "user_id", "call_id", "client_id")
# Settings, addresses and passwords stay in the raw delivery.
KEPT = ("device_name", "device_type", "router", "deliver_to", "move_to_trash", "delete_all", "carrier_code")


def _notice(news: News) -> Iterator[Part]:
    holder = news.item or news.payload
    subject = next((found for name in IDS if (found := key_at(holder, name))), None)
    data = AccountNoticeData(
        topic=news.event,
        subject=subject,
        severity=NOTICES[news.event],
        title=text_at(holder, "policy_name"),
        native=kept(holder, *KEPT),
    )
    when = news.time("date_time", "execute_time", "ringing_start_time")
    yield news.make("account.notice", data, subject or news.event, when, subject, when or news.maker.delivery_id)


ACCOUNT: Mapping[str, Callable[[News], Iterable[Part]]] = dict.fromkeys(NOTICES, _notice)
