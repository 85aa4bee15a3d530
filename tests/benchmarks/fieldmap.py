"""Field mapping of 20 fields, 5 of them converted, both ways: by a map as connectors have it, and written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.fields import FieldMap, map_of

Work = Callable[[], object]
TEXTS = (
    *("first_name", "last_name", "name", "title", "company", "website", "street", "city", "region", "postal_code"),
    *("country", "industry", "language", "domain", "email"),
)
STAGES = {"lead": "L1", "opportunity": "O1", "customer": "C1"}
CONVERTED: Mapping[str, Mapping[str, object]] = {
    "talked_s": {"theirs": "TalkMs", "codec": "milliseconds"},
    "seen_at": {"theirs": "SeenAt", "codec": "instant_ms"},
    "lifecycle": {"theirs": "Stage", "codec": "picklist", "words": STAGES},
    "employees": {"theirs": "Employees", "codec": "integer"},
    "company_ref": {"theirs": "AccountId", "codec": "reference"},
}
ROW: Mapping[str, Any] = {
    **{f"{name.title().replace('_', '')}__c": f" {name} of Ama " for name in TEXTS},
    "TalkMs": 75_250,
    "SeenAt": 1_795_402_800_500,
    "Stage": "O1",
    "Employees": 120,
    "AccountId": "0017",
}


def field_map() -> FieldMap:
    """The map of the twenty fields."""
    texts = {name: f"{name.title().replace('_', '')}__c" for name in TEXTS}
    return map_of("Contact", {"object": "contact", "fields": {**texts, **CONVERTED}}, "fields.toml")


def mapped() -> Work:
    """A row to our fields, and those to a row, by the map."""
    known = field_map()
    if known.ours(ROW) != ours_by_hand(ROW) or known.theirs(known.ours(ROW)) != theirs_by_hand(ours_by_hand(ROW)):
        raise RuntimeError("the map and the hand-written functions disagree")
    return lambda: known.theirs(known.ours(ROW))


def by_hand() -> Work:
    """The same by functions that know only these fields."""
    return lambda: theirs_by_hand(ours_by_hand(ROW))


_TEXTS_BY_HAND = tuple((name, f"{name.title().replace('_', '')}__c") for name in TEXTS)
_STAGES_BY_HAND = {theirs: ours for ours, theirs in STAGES.items()}


def ours_by_hand(row: Mapping[str, Any]) -> dict[str, str | None]:
    """Fields that are absent stay absent, empty ones are None, as the map has it."""
    said: dict[str, str | None] = {}
    for ours, theirs in _TEXTS_BY_HAND:
        if theirs in row:
            value = row[theirs]
            said[ours] = (value.strip() or None) if isinstance(value, str) else None
    for ours, (theirs, convert) in _READ_BY_HAND.items():
        if theirs in row:
            said[ours] = None if row[theirs] in (None, "") else convert(row[theirs])
    return said


def theirs_by_hand(fields: Mapping[str, str | None]) -> dict[str, Any]:
    """None stays None; what the platform has no word for is left out."""
    row: dict[str, Any] = {theirs: fields[ours] or None for ours, theirs in _TEXTS_BY_HAND if ours in fields}
    for ours, (theirs, convert) in _WRITTEN_BY_HAND.items():
        if ours in fields:
            value = fields[ours]
            row[theirs] = convert(value) if value else None
    return row


def _moment(unix_ms: int) -> str:
    moment = datetime.fromtimestamp(unix_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{unix_ms % 1000:03d}Z"


def _unix_ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000)


_READ_BY_HAND: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
    "talked_s": ("TalkMs", lambda ms: str(Decimal(int(ms)) / 1000)),
    "seen_at": ("SeenAt", lambda ms: _moment(int(ms))),
    "lifecycle": ("Stage", lambda stage: _STAGES_BY_HAND[stage]),
    "employees": ("Employees", lambda number: str(int(number))),
    "company_ref": ("AccountId", lambda account: f"company:{account}"),
}
_WRITTEN_BY_HAND: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "talked_s": ("TalkMs", lambda seconds: int(Decimal(seconds) * 1000)),
    "seen_at": ("SeenAt", _unix_ms),
    "lifecycle": ("Stage", lambda stage: STAGES[stage]),
    "employees": ("Employees", int),
    "company_ref": ("AccountId", lambda reference: reference.removeprefix("company:")),
}
