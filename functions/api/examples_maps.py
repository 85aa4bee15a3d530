"""Examples of field maps and policies; names are made up."""

from __future__ import annotations

from typing import Any

SAID = {"by": "someone", "at": "2026-11-21T09:00:00.000Z", "why": "Sizes come from the shop."}
LINES = {"x_size": {"theirs": "shirt_size", "codec": "picklist", "words": {"small": "s", "large": ["l", "xl"]}}}
_LINE: dict[str, Any] = {
    "field": "x_size",
    "origin": "connection",
    "theirs": "shirt_size",
    "codec": "picklist",
    "direction": "both",
    "required": False,
    "policy": "",
    "words": {"small": ["s"], "large": ["l", "xl"]},
    "note": "",
    "lossy": "",
    "currency": "",
    "separator": "",
    "kind": "company",
    "number": False,
}
_TITLE = {**_LINE, "field": "title", "origin": "connector", "theirs": "jobtitle", "codec": "text", "words": {}}
MAP = {
    "native_object": "contacts",
    "object": "contact",
    "version": 2,
    "latest": 2,
    "fits": True,
    "lines": [_TITLE, _LINE],
}
NATIVE_FIELDS = {
    "fields": [
        {
            "name": "shirt_size",
            "label": "Shirt size",
            "type": "picklist",
            "writable": True,
            "required": False,
            "unique": False,
            "custom": True,
            "options": [{"value": "s", "label": "S"}, {"value": "l", "label": "L"}, {"value": "xl", "label": "XL"}],
            "mapped_to": "x_size",
        }
    ]
}
VERSION = {"version": 2, "in_force": False, "lines": LINES, "saved": SAID, "activated": []}
PREVIEW = {
    "version": 2,
    "record": "contact:4211",
    "customer": "aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "sends": True,
    "read": [
        {"field": "title", "before": "Engineer", "after": "Engineer"},
        {"field": "x_size", "before": None, "after": "large"},
    ],
    "written": [
        {"field": "title", "held": "Engineer", "wanted": "Architect", "row": {"jobtitle": "Architect"}, "why": None}
    ],
}
POLICY = {"field": "title", "policy": "owner", "order": ["salesforce", "hubspot"], "chosen": True}
CHOICE = {"policy": "owner", "order": ["salesforce", "hubspot"], "why": "Sales keeps titles."}
POLICIES = {
    "version": 1,
    "policies": [{"field": "email", "policy": "union", "order": [], "chosen": False}, POLICY],
}
CHANGES = {
    "changes": [
        {
            "version": 1,
            "field": "title",
            "policy": "owner",
            "order": ["salesforce", "hubspot"],
            "by": "someone",
            "at": "2026-11-21T09:00:00.000Z",
            "why": "Sales keeps titles.",
        }
    ],
    "next": None,
}
