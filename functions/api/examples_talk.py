"""Examples of timelines, conversations and explained fields for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.examples_people import AGENT, CONTACT, DECISION, DIRECTOR, ENGINEER, LEAD, WHATSAPP, WHY

ENTRY = "w3mdq7zkx5v2ybtn6rjhcofpea"
CURSOR = "q83vASNFZ4kBI0VniavN7w"

TIMELINE: Mapping[str, Any] = {
    "entries": [
        {
            "id": "p5zkq3vdx7m2wytn6rjhcobfea",
            "kind": "merge",
            "at": DECISION["at"],
            "connection": "renkei",
            "platform": "renkei",
            "shown": {"verdict": "same", "with": LEAD, "by": AGENT, "why": WHY, "decision": DECISION["id"]},
        },
        {
            "id": ENTRY,
            "kind": "message",
            "at": "2026-11-22T08:41:07.000Z",
            "connection": WHATSAPP,
            "platform": "whatsapp_cloud",
            "shown": {
                "channel": "whatsapp",
                "direction": "inbound",
                "text": "Is my order on its way?",
                "status": None,
                "statuses": [],
                "edits": [],
                "reactions": [],
                "revoked_at": None,
            },
        },
    ],
    "next": CURSOR,
    "previous": None,
}
CONVERSATION: Mapping[str, Any] = {
    "id": f"{CONTACT}-{WHATSAPP}-whatsapp",
    "customer": CONTACT,
    "connection": WHATSAPP,
    "channel": "whatsapp",
    "state": "open",
    "last_activity_at": "2026-11-22T08:41:07.000Z",
    "last_inbound": {"at": "2026-11-22T08:41:07.000Z", "entry": ENTRY, "text": "Is my order on its way?"},
    "last_outbound": None,
    "unread": 1,
    "unread_more": False,
    "waiting_since": "2026-11-22T08:41:07.000Z",
    "window_until": "2026-11-23T08:41:07.000Z",
    "assignee": None,
    "handled_by": "nobody",
    "name": "Hanako",
}
ASSIGNED = {**CONVERSATION, "assignee": AGENT, "handled_by": "person"}
INBOX = {
    "rows": [{"customer": CONTACT, "name": "Hanako Sato", "conversation": CONVERSATION}],
    "next": None,
    "previous": None,
}

_LATER = {"word": "later", "sentence": "salesforce said so last, at 2026-11-20T02:00:00.000Z."}
_PIN = {"id": DECISION["id"], "by": AGENT, "at": DECISION["at"], "why": "She corrected it herself."}
EXPLAINED: Mapping[str, Any] = {
    "field": "title",
    "value": "Director",
    "policy": "last_writer",
    "claim": {**DIRECTOR, "rule": _LATER},
    "values": [],
    "others": [{**ENGINEER, "rule": {"word": "later", "sentence": "salesforce said another value later."}}],
    "pin": None,
}
WITH_HISTORY = {**EXPLAINED, "history": [DIRECTOR, ENGINEER], "pins": [], "choices": []}
_PINNED = {**_PIN, "value": "Engineer"}
REVERTED = {
    **EXPLAINED,
    "value": "Engineer",
    "policy": "pinned",
    "claim": {**ENGINEER, "rule": {"word": "pinned", "sentence": f"A person pinned this at {DECISION['at']}."}},
    "others": [{**DIRECTOR, "rule": {"word": "pinned", "sentence": f"A person pinned another at {DECISION['at']}."}}],
    "pin": _PINNED,
    "history": [DIRECTOR, ENGINEER],
    "pins": [_PINNED],
    "choices": [],
}
_BY_HER = {"source": {"connection": "renkei", "platform": "renkei", "record": f"choice:{DECISION['id']}"}}
_CHOSEN_CLAIM = {**ENGINEER, **_BY_HER, "at": DECISION["at"], "precision": "field"}
CHOSEN = {
    **EXPLAINED,
    "value": "Engineer",
    "claim": {**_CHOSEN_CLAIM, "rule": {"word": "later", "sentence": f"renkei said so last, at {DECISION['at']}."}},
    "others": [{**DIRECTOR, "rule": {"word": "later", "sentence": "renkei said another value later."}}],
    "history": [DIRECTOR, ENGINEER],
    "pins": [],
    "choices": [{**_PINNED, "withdrawn": False}],
}
WITHDRAWN = {**WITH_HISTORY, "choices": [{**_PIN, "value": None, "withdrawn": True}, {**_PINNED, "withdrawn": False}]}
_WRITTEN = {"id": ENTRY, "kind": "activity", "at": DECISION["at"], "connection": "renkei", "platform": "renkei"}
_BY = {"by": AGENT, "deleted": False, "actions": [{"action": "written", "at": DECISION["at"]}]}
NOTE = {**_WRITTEN, "shown": {"activity_id": DECISION["id"], "kind": "note", "text": "Calls back on Monday.", **_BY}}
TASK = {
    **_WRITTEN,
    "shown": {
        "activity_id": DECISION["id"],
        "kind": "task",
        "title": "Send the offer",
        "status": "open",
        "due_at": "2026-11-30T03:00:00.000Z",
        **_BY,
    },
}
FIELD_CONFLICTS = {
    "conflicts": [
        {
            "customer": CONTACT,
            "name": "Hanako Sato",
            "field": "title",
            "kind": "before_link",
            "why": "The records said different things before they were known to be one person's. "
            "Choose one, or another.",
            "claims": [
                {name: one[name] for name in ("value", "at", "source")} | {"refused_by": None}
                for one in (DIRECTOR, ENGINEER)
            ],
            "at": "2026-11-21T23:10:00.000Z",
        }
    ],
    "next": None,
}
