"""Salesforce record ids: 15 characters are case-sensitive, 18 add a checksum so that case may be lost."""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def canonical(record_id: object) -> str | None:
    """The 18-character form, or None where it is no record id (a wildcard such as `001*` is none)."""
    if not isinstance(record_id, str) or not _ID.fullmatch(record_id):
        return None
    return record_id if len(record_id) == 18 else record_id + _suffix(record_id)


def same_organization(one: object, other: object) -> bool:
    """Whether two organization ids, in either form, name the same organization."""
    first, second = canonical(one), canonical(other)
    return first is not None and second is not None and first[:15] == second[:15]


def _suffix(record_id: str) -> str:
    chunks = (record_id[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECKSUM[sum(letter.isupper() << bit for bit, letter in enumerate(chunk))] for chunk in chunks)
