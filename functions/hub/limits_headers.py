"""What a platform's answer says of its limits: how many units are left, and until when that holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.limits_window import Rule

LONGEST_UNSAID_MS = 900_000
_AS_MS = {"seconds": 1000, "milliseconds": 1}
# `32/40` and `api-usage=18/5000` are used/total; `total=100;remaining=99;resets=41` names its parts.
_USED = re.compile(r"(?:^|=)\s*(\d{1,12})/(\d{1,12})")
_NUMBER = re.compile(r"\s*(\d{1,15})(?:\.\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Seen:
    """So many units were left of a rule when the platform answered, and are until then (Unix milliseconds)."""

    left: int
    until_ms: int


def seen(rule: Rule, headers: Mapping[str, str], now_ms: int) -> Seen | None:
    """What the answer says of that rule, None where it says nothing that can be read."""
    text = headers.get(rule.declared.remaining.lower(), "") if rule.declared.remaining else ""
    left = _left(text)
    if left is None:
        return None
    return Seen(left, _until_ms(rule, headers, now_ms))


def _left(text: str) -> int | None:
    if used := _USED.search(text):
        return max(0, int(used[2]) - int(used[1]))
    return _number(_part(text, "remaining"))


def _until_ms(rule: Rule, headers: Mapping[str, str], now_ms: int) -> int:
    """At most one window ahead; of a window that says nothing, a quarter of an hour, and then it is asked again."""
    number = _number(_part(headers.get(rule.declared.resets.lower(), ""), "resets")) if rule.declared.resets else None
    longest = now_ms + rule.per_ms
    if number is None:
        return now_ms + min(rule.per_ms, LONGEST_UNSAID_MS)
    until = number * 1000 if rule.declared.resets_as == "unix" else now_ms + number * _AS_MS[rule.declared.resets_as]
    return min(max(until, now_ms), longest)


def _part(text: str, name: str) -> str:
    found = re.search(rf"(?:^|[;,\s]){name}=([^;,\s]+)", text)
    return found[1] if found else text


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else None
