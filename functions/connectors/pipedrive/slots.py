"""The lists of e-mails and phones of a person: one entry is changed, all others are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.pipedrive.people import MOST
from hub.parsing import at, list_at, text_at

Entry = dict[str, Any]
Test = Callable[[Mapping[str, Any]], bool]
NEW_LABEL = {"mobile": "mobile"}
USUAL_LABEL = "work"


def is_mobile(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is labelled mobile."""
    return (text_at(dict(entry), "label") or "").lower() == "mobile"


def _any(_entry: Mapping[str, Any]) -> bool:
    return True


def _not_mobile(entry: Mapping[str, Any]) -> bool:
    return not is_mobile(entry)


# Slot -> the list it is in, and which of its entries it may be.
SLOTS: Mapping[str, tuple[str, Test]] = {
    "emails.primary": ("emails", _any),
    "phones.primary": ("phones", _not_mobile),
    "phones.mobile": ("phones", is_mobile),
}


def written(fields: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, list[Entry]]:
    """The whole lists to be sent so that the slots among `fields` hold their new values (None: no longer there)."""
    lists: dict[str, list[Entry]] = {}
    for slot, (name, belongs) in SLOTS.items():
        if slot in fields:
            entries = lists[name] if name in lists else _entries(row, name)
            lists[name] = _set(entries, belongs, fields[slot], NEW_LABEL.get(slot.partition(".")[2], USUAL_LABEL))
    return {name: _one_primary(entries) for name, entries in lists.items()}


def _entries(row: Mapping[str, Any], name: str) -> list[Entry]:
    found = [entry for entry in list_at(dict(row), name)[:MOST] if text_at(entry, "value")]
    return [{"value": one["value"], "primary": at(one, "primary") is True, "label": _label(one)} for one in found]


def _label(entry: Any) -> str:
    return text_at(entry, "label") or USUAL_LABEL


def _set(entries: list[Entry], belongs: Test, value: str | None, label: str) -> list[Entry]:
    mine = [entry for entry in entries if belongs(entry)]
    chosen = next((entry for entry in mine if entry["primary"]), mine[0] if mine else None)
    if value is None:
        return [entry for entry in entries if entry is not chosen]
    there = next((entry for entry in mine if entry["value"] == value), None)
    if there is not None and chosen is not None:  # it is in the list already: the two change places, none is lost
        return [_in_place(entry, chosen, there) for entry in entries]
    if chosen is None:
        return [*entries, {"value": value, "primary": not entries, "label": label}]
    return [{**entry, "value": value} if entry is chosen else entry for entry in entries]


def _in_place(entry: Entry, one: Entry, other: Entry) -> Entry:
    if entry is one:
        return {**other, "primary": one["primary"]}
    return {**one, "primary": other["primary"]} if entry is other else entry


def _one_primary(entries: list[Entry]) -> list[Entry]:
    first = next((number for number, entry in enumerate(entries) if entry["primary"]), 0)
    return [{**entry, "primary": number == first} for number, entry in enumerate(entries)]
