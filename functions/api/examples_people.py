"""Examples of customers for the OpenAPI document: one person on HubSpot and WhatsApp, another on Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HUBSPOT, SALESFORCE, WHATSAPP = "01ky3q8v2m7c5d9e4f6g8h0j2k", "01ky3q9a7b5c3d1e8f6g4h2j0k", "01ky3qa1b2c3d4e5f6g7h8j9k0"
CONTACT, PHONE, LEAD = "cqvd5oq3y6ilnsxrzk2o7pwfha", "k5jzrkq2tm6dwfyx3nbgv7ohae", "xa4bcr7pq2mtwyz5kdjonfv3he"
AGENT = "3f6c2a1e-7d40-4a52-9a39-5b1d6f0c7e11"
ETAG = '"mq3x7kzv5b2nwy4tdhcojrfpea"'
PHONE_NUMBER, WHY = "+815031234567", "She called from the number in the contract and confirmed her name."

_AT = {
    "linked": "2026-11-02T01:15:00.000Z",
    "title": "2026-11-09T05:30:00.000Z",
    "decided": "2026-11-22T09:00:00.000Z",
}


def identifier(persona: str, kind: str, value: str, scope: str = "") -> dict[str, Any]:
    """An identifier that is the customer's and nobody else's."""
    always = [{"since": None, "until": None}]
    found = {"kind": kind, "value": value, "scope": scope, "persona": persona, "periods": always}
    return {**found, "current": True, "shared": False}


def claim(value: str, platform: str, connection: str, record: str, at: str = _AT["title"]) -> dict[str, Any]:
    """What a platform says."""
    source = {"connection": connection, "platform": platform, "record": record}
    return {"value": value, "source": source, "at": at, "precision": "field"}


ENGINEER = claim("Engineer", "hubspot", HUBSPOT, "contact:101")
DIRECTOR = claim("Director", "salesforce", SALESFORCE, "contact:003Xx000004TmiQIAS", "2026-11-20T02:00:00.000Z")
LINK: Mapping[str, Any] = {
    "a": CONTACT,
    "b": PHONE,
    "strength": "held",
    "evidence": [
        {
            "connection": HUBSPOT,
            "reason": "contact.changed",
            "at": _AT["linked"],
            "event": "5e0c9a7d3b1f4826a7c5e3d1f9b80624",
        }
    ],
    "decision": None,
}
DECISION: Mapping[str, Any] = {
    "id": "9c1e7b3a5d2f4860b8d6f4a2c0e91735",
    "verdict": "same",
    "by": AGENT,
    "at": _AT["decided"],
    "why": WHY,
}
DECIDED: Mapping[str, Any] = {"a": CONTACT, "b": LEAD, "strength": "decided", "evidence": [], "decision": DECISION}
IDENTIFIERS = [
    identifier(CONTACT, "record", "contact:101", HUBSPOT),
    identifier(PHONE, "phone", PHONE_NUMBER),
]
LEAD_IDENTIFIER = identifier(LEAD, "record", "contact:003Xx000004TmiQIAS", SALESFORCE)


def record(platform: str, connection: str, native_id: str) -> dict[str, Any]:
    """A record on a platform."""
    return {"connection": connection, "platform": platform, "object": "contact", "id": native_id, "deleted": False}


def field(won: Mapping[str, Any], *others: Mapping[str, Any]) -> dict[str, Any]:
    """A field as its policy decided it."""
    return {**won, "policy": "last_writer", "values": [], "others": list(others)}


HERS: Mapping[str, Any] = {
    "id": CONTACT,
    "identifiers": IDENTIFIERS,
    "fields": {"title": field(ENGINEER)},
    "records": [record("hubspot", HUBSPOT, "101")],
    "personas": [CONTACT, PHONE],
    "links": [LINK],
    "candidates": [{"id": LEAD, "through": PHONE, "why": "shared"}],
    "unassigned": [],
    "conflicts": [],
    "etag": ETAG,
}
THEIRS: Mapping[str, Any] = {
    "id": LEAD,
    "identifiers": [LEAD_IDENTIFIER],
    "fields": {"title": field(DIRECTOR)},
    "records": [record("salesforce", SALESFORCE, "003Xx000004TmiQIAS")],
    "personas": [LEAD],
    "links": [],
    "candidates": [],
    "unassigned": [],
    "conflicts": [],
    "etag": '"t7w2vq5ykzj3nbm6xdrhcofpea"',
}
MERGED: Mapping[str, Any] = {
    **HERS,
    "identifiers": [*IDENTIFIERS, LEAD_IDENTIFIER],
    "fields": {"title": field(DIRECTOR, ENGINEER)},
    "records": [*HERS["records"], *THEIRS["records"]],
    "personas": [CONTACT, PHONE, LEAD],
    "links": [LINK, DECIDED],
    "candidates": [],
    "unassigned": [],
    "etag": '"b6yzq3kvd7m2xwtn5rjhcofpea"',
}
PREVIEWED = {**MERGED, "etag": None}
TWO = {"customer": HERS, "other": THEIRS}
TITLES = {"field": "title", "before": field(ENGINEER), "after": field(DIRECTOR, ENGINEER)}
MERGE_PREVIEW = {
    "customer": PREVIEWED,
    "personas": 3,
    "fields": [{**TITLES, "other_before": field(DIRECTOR)}],
    "conflicts": [],
}
PARTED_TITLES = {
    "field": "title",
    "before": field(DIRECTOR, ENGINEER),
    "after": field(ENGINEER),
    "other_after": field(DIRECTOR),
}
PART_PREVIEW = {"customer": {**HERS, "etag": None}, "other": {**THEIRS, "etag": None}, "fields": [PARTED_TITLES]}
