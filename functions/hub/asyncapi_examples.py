"""One sentence and one example for every event type; numbers from reserved ranges, names and ids invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PHONE = {"kind": "phone", "value": "+12025550147"}
_CUSTOMER = {"identifiers": [_PHONE], "name": "Hanako Sato"}
_BUSINESS = "+12025550100"
_MESSAGE = {"message_id": "wamid.EXAMPLE1", "channel": "whatsapp", "customer": _CUSTOMER, "business": _BUSINESS}
_CALL = {"call_id": "C1", "leg_id": "C1", "customer": _CUSTOMER}
_ROUTED = {**_CALL, "direction": "inbound", "business": _BUSINESS}
_AGENT = {"agent": "Ken Mori", "agent_id": "A7", "agent_email": "mori@shop.example"}
_CONTACT = {"object": "contact", "id": "11", "native_object": "contacts"}
_AT = "2026-11-20T09:00:00.000Z"
_ORDER_LINE = {"sku": "TEA-1", "title": "Green tea", "quantity": "2", "price": "990", "total": "1980"}

Example = tuple[str, Mapping[str, Any]]

MESSAGES: Mapping[str, Example] = {
    "message.received": ("A customer wrote.", {**_MESSAGE, "direction": "inbound", "text": "Are you open today?"}),
    "message.echoed": (
        "Somebody of the business wrote from its own phone.",
        {**_MESSAGE, "direction": "outbound", "text": "Yes, until six.", "origin": "echo"},
    ),
    "message.edited": ("A message was edited.", {**_MESSAGE, "text": "Are you open tomorrow?", "by": "customer"}),
    "message.revoked": ("A message was taken back.", {**_MESSAGE, "by": "customer"}),
    "message.reacted": ("Somebody reacted to a message.", {**_MESSAGE, "reaction": "👍", "by": "customer"}),
    "message.status_changed": ("A message got further, or failed.", {**_MESSAGE, "status": "delivered"}),
}
CALLS: Mapping[str, Example] = {
    "call.started": ("A call, or a leg of it, began.", {**_ROUTED, "native_status": "initiated"}),
    "call.ringing": ("It rings at somebody's.", {**_ROUTED, **_AGENT, "native_status": "alerting"}),
    "call.queued": ("The caller waits in a queue.", {**_ROUTED, "queue": "Sales", "queue_id": "Q3"}),
    "call.dequeued": ("The caller left a queue.", {**_ROUTED, "queue": "Sales", "queue_id": "Q3", "wait_s": 41}),
    "call.answered": ("Somebody took the call.", {**_ROUTED, **_AGENT, "queue": "Sales"}),
    "call.held": ("The call was put on hold.", {**_ROUTED, **_AGENT}),
    "call.resumed": ("The call was taken off hold.", {**_ROUTED, **_AGENT}),
    "call.transferred": ("The call was handed on.", {**_CALL, **_AGENT, "kind": "queue", "to_queue": "Repairs"}),
    "call.ended": (
        "The call, or a leg of it, is over.",
        {
            **_ROUTED,
            **_AGENT,
            "outcome": "answered",
            "duration_s": 310,
            "wait_s": 41,
            "talk_s": 250,
            "hold_s": 19,
            "acw_s": 35,
            "ended_by": "customer",
            "native_cause": "16",
            "trust": "A",
        },
    ),
    "call.recorded": (
        "A recording was started, or can be fetched.",
        {**_CALL, "recording_id": "R1", "url": "https://voice.example/recordings/R1", "duration_s": 250, "channels": 2},
    ),
    "call.voicemail_left": (
        "The caller left a voicemail.",
        {**_ROUTED, "voicemail_id": "V1", "mailbox": "Sales", "mailbox_kind": "queue", "duration_s": 22},
    ),
    "call.transcribed": (
        "What was said, whole or in parts.",
        {
            **_CALL,
            "transcript_id": "T1",
            "language": "en-US",
            "segments": [{"speaker": "customer", "text": "Good morning.", "start_ms": 0, "end_ms": 900}],
            "summary": "Asked for opening hours.",
        },
    ),
    "call.wrapped_up": (
        "The agent noted how it went.",
        {**_CALL, **_AGENT, "code": "7", "label": "Call back", "notes": "Wants a quote", "tags": ["quote"]},
    ),
    "agent.status_changed": (
        "An agent came, went, or is busy.",
        {**_AGENT, "status": "away", "native_status": "Lunch", "queues": ["Sales"]},
    ),
}
RECORDS: Mapping[str, Example] = {
    "record.touched": ("A record changed and must be read.", {"record": _CONTACT, "fields": ["jobtitle"]}),
    "contact.changed": (
        "What a platform holds of a contact.",
        {
            "record": _CONTACT,
            "claims": [{"field": "title", "value": "Buyer", "at": _AT}],
            "identifiers": [_PHONE],
            "changed": ["title"],
        },
    ),
    "contact.deleted": ("A contact was deleted.", {"record": _CONTACT, "change": "deleted"}),
    "company.changed": (
        "What a platform holds of a company.",
        {
            "record": {"object": "company", "id": "5"},
            "claims": [{"field": "name", "value": "Tea House", "at": _AT}],
            "changed": ["name"],
        },
    ),
    "company.deleted": ("A company was deleted.", {"record": {"object": "company", "id": "5"}, "change": "deleted"}),
    "deal.changed": (
        "A deal was made, or changed.",
        {
            "record": {"object": "deal", "id": "31", "native_object": "Opportunity"},
            "contacts": [_CONTACT],
            "title": "Tea for a year",
            "amount": "240000",
            "currency": "JPY",
            "close_date": "2026-12-20",
            "status": "open",
            "stage": "Offer sent",
            "pipeline": "Shops",
            "probability": "60",
            "version": "4",
        },
    ),
    "deal.deleted": ("A deal was deleted.", {"record": {"object": "deal", "id": "31"}, "change": "deleted"}),
    "ticket.changed": (
        "A ticket was opened, answered, or changed.",
        {
            "record": {"object": "ticket", "id": "81"},
            "customer": _CUSTOMER,
            "title": "Cup arrived broken",
            "status": "open",
            "native_status": "Open",
            "priority": "high",
            "comment": {"id": "9", "text": "A new one is on its way.", "by": "agent", "public": True},
        },
    ),
    "ticket.deleted": ("A ticket was deleted.", {"record": {"object": "ticket", "id": "81"}, "change": "deleted"}),
    "order.changed": (
        "An order, invoice or payment came, or changed.",
        {
            "record": {"object": "order", "id": "5001"},
            "event": "orders/paid",
            "customer": _CUSTOMER,
            "number": "#1001",
            "status": "paid",
            "financial_status": "paid",
            "currency": "JPY",
            "total": "1980",
            "lines": [_ORDER_LINE],
        },
    ),
    "order.deleted": ("An order was deleted.", {"record": {"object": "order", "id": "5001"}, "change": "deleted"}),
    "activity.logged": (
        "Somebody logged, or did, something.",
        {"activity_id": "77", "kind": "task", "title": "Send the offer", "due_at": _AT, "contacts": [_CONTACT]},
    ),
    "form.submitted": (
        "Somebody sent a form in.",
        {
            "submission_id": "S1",
            "form_id": "F1",
            "form_name": "Ask us",
            "customer": _CUSTOMER,
            "answers": [{"name": "q", "label": "Your question", "value": "Do you ship abroad?"}],
        },
    ),
}
NOTICES: Mapping[str, Example] = {
    "identity.changed": (
        "A customer's number or user id changed.",
        {"subject": "wamid.EXAMPLE2", "status": "user_changed_number", "customer": _CUSTOMER},
    ),
    "consent.changed": (
        "A customer allowed, or no longer allows, to be contacted.",
        {
            "customer": _CUSTOMER,
            "channel": "whatsapp",
            "purpose": "marketing_messages",
            "state": "denied",
            "status": "stop",
        },
    ),
    "template.changed": (
        "A message template was approved, rejected, paused or rated.",
        {"subject": "594425479261596", "name": "order_sent", "language": "en", "status": "APPROVED", "state": "usable"},
    ),
    "account.notice": (
        "News about the account.",
        {"topic": "phone_number_quality_update", "subject": _BUSINESS, "status": "FLAGGED", "severity": "warning"},
    ),
    "privacy.deletion_requested": (
        "Data of a person, or of an account, must be deleted.",
        {"record": _CONTACT, "request_id": "P1", "records": [{"object": "order", "id": "5001"}]},
    ),
    "privacy.data_requested": ("A person wants to see the data.", {"customer": _CUSTOMER, "request_id": "P2"}),
    "timeline.changed": ("The hub wrote a timeline entry.", {"entry": "e" * 26, "persona": "p" * 26, "kind": "call"}),
    "customer.linked": ("The hub learnt more of who somebody is.", {"persona": "p" * 26}),
    "customer.changed": ("A field of a customer was said anew.", {"persona": "p" * 26}),
    "customer.named": ("Somebody may be called otherwise now.", {"persona": "p" * 26}),
}
EXAMPLES: Mapping[str, Example] = {**MESSAGES, **CALLS, **RECORDS, **NOTICES}
