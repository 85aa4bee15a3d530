"""A row's lists, address and custom fields as single fields, in both versions' names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.parsing import at, dict_at, text_at
from hub.rows import plain_fields

MOST = 20  # phones or e-mails of one person
ADDRESS = ("value", "route", "locality", "admin_area_level_1", "postal_code", "country")


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's plain fields, and those parts of its lists that `fields.toml` names."""
    fields: dict[str, Any] = plain_fields({name: value for name, value in row.items() if name not in _LISTS})
    fields |= _parts(row)
    for name in ("emails", "email"):
        if name in row:
            fields["emails.primary"] = _primary(_entries(row[name]))
    for name in ("phones", "phone"):
        if name in row:
            entries = _entries(row[name])
            mobile = [entry for entry in entries if entry[1] == "mobile"]
            fields["phones.mobile"] = _primary(mobile)
            fields["phones.primary"] = _primary([entry for entry in entries if entry not in mobile])
    odd = {name: value for name, value in _custom(row).items() if isinstance(value, (bool, list))}
    return {**plain_fields(fields), **odd}


def others(row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All e-mails and all phones."""
    emails = [value for name in ("emails", "email") for value, _, _ in _entries(row.get(name))]
    phones = [value for name in ("phones", "phone") for value, _, _ in _entries(row.get(name))]
    return tuple(emails), tuple(phones)


def _parts(row: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the address by their path, custom fields by their code; null where the whole is."""
    parts = {f"address.{name}": at(row, "address", name) for name in ADDRESS if "address" in row}
    return parts | _custom(row)


def _custom(row: Mapping[str, Any]) -> dict[str, Any]:
    custom = dict_at(dict(row), "custom_fields").items()
    return {name: value.get("value") if isinstance(value, dict) else value for name, value in custom}


_LISTS = frozenset({"emails", "email", "phones", "phone"})


def _entries(listed: Any) -> list[tuple[str, str, bool]]:
    """(value, label, primary) of each entry that has a value; a bare text is one entry."""
    if isinstance(listed, str):
        return [(listed, "", True)] if listed else []
    return [
        (value, (text_at(entry, "label") or "").lower(), at(entry, "primary") is True)
        for entry in (listed[:MOST] if isinstance(listed, list) else [])
        if (value := text_at(entry, "value"))
    ]


def _primary(entries: list[tuple[str, str, bool]]) -> str | None:
    chosen = next((entry for entry in entries if entry[2]), entries[0] if entries else None)
    return chosen[0] if chosen else None
