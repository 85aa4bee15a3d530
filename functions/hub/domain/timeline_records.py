"""Records, activities, forms, consent, people's decisions and notices as people see them."""

from __future__ import annotations

from typing import Any

from hub.domain.facts import Fact, merged

_HIDDEN = ("customer", "contacts", "native")
_DECIDED = ("verdict", "with", "by", "why", "decision")
_ABOUT_RECORD = ("record", "change", "event", "version", "changed")


def show_record(facts: list[Fact]) -> dict[str, Any]:
    """A change of a record: what happened to it, its fields at that moment, what changed where that is known."""
    claims = {claim["field"]: claim["value"] for fact in facts for claim in fact["data"].get("claims", [])}
    together = merged(facts, *_HIDDEN, "claims")
    fields = {name: value for name, value in together.items() if name not in _ABOUT_RECORD}
    shown = {
        "record": together["record"],
        "change": _change(facts),
        "fields": dict(sorted({**fields, **claims}.items())),
    }
    return shown | _said(facts)


def _said(facts: list[Fact]) -> dict[str, Any]:
    """The platform's words for what happened and what changed; nothing where the fields themselves say it."""
    words = {str(fact["data"]["event"]) for fact in facts if fact["data"].get("event")}
    changed = {str(name) for fact in facts if "claims" not in fact["data"] for name in fact["data"].get("changed", ())}
    said = {"events": sorted(words), "changed": sorted(changed)}
    return {name: found for name, found in said.items() if found}


def _change(facts: list[Fact]) -> str:
    """Deleted and created outweigh changed, which is what a fact says that says nothing."""
    changes = {"deleted" if fact["type"].endswith(".deleted") else fact["data"].get("change") for fact in facts}
    return next((change for change in ("deleted", "created", "restored") if change in changes), "changed")


def show_activity(facts: list[Fact]) -> dict[str, Any]:
    """An activity as it is now; `actions` tells what happened to it and when."""
    deleted = any(fact["data"].get("change") == "deleted" for fact in facts)
    actions = [{"action": fact["data"]["action"], "at": fact["at"]} for fact in facts if fact["data"].get("action")]
    return {**merged(facts, *_HIDDEN, "change", "action"), "deleted": deleted, "actions": actions}


def show_form(facts: list[Fact]) -> dict[str, Any]:
    """The form with its answers in the form's order."""
    return merged(facts, *_HIDDEN)


def show_consent(facts: list[Fact]) -> dict[str, Any]:
    """What was allowed or is no longer, for which channel and purpose."""
    kept = {"channel": "unknown", "purpose": None, "state": "unknown"}
    return kept | merged(facts, "customer", "contacts")


def show_merge(facts: list[Fact]) -> dict[str, Any]:
    """What a person decided (same, apart, none), with whom, who and why; null where it was not said."""
    said = merged(facts)
    return {name: said.get(name) for name in _DECIDED}


def show_sync(facts: list[Fact]) -> dict[str, Any]:
    """What was written to a CRM: each field with what stood there before, who said it and by which rule."""
    said = merged(facts)
    return {"record": said.get("record"), "connection": said.get("connection"), "written": said.get("written", [])}


def show_notice(facts: list[Fact]) -> dict[str, Any]:
    """The news; of a request about a person's data also whose."""
    hidden = () if facts[0]["type"].startswith("privacy.") else ("customer",)
    return {"notice": facts[0]["type"], **merged(facts, *hidden)}
