"""When what was read was so: some platforms date a row to the whole second, in which more may have happened."""

from __future__ import annotations

from hub.domain.events import Claim, RecordChangedData
from hub.domain.sync import Found

WHOLE = ".000Z"
LAST = ".999Z"


def as_read(found: Found, now: str) -> Found:
    """The record as of the end of its second, or of `now` (when it was read; RFC 3339 UTC, milliseconds) within it.

    A row shows what there is when it is read. Dated to the beginning of its second it would seem older than what was
    heard before it within that second.
    """
    if not isinstance(found, RecordChangedData) or not any(_is_cut(one) for one in found.claims):
        return found
    return found.model_copy(update={"claims": tuple(_dated(one, now) for one in found.claims)})


def _dated(claim: Claim, now: str) -> Claim:
    if not _is_cut(claim):
        return claim
    end = claim.at.removesuffix(WHOLE) + LAST
    return claim.model_copy(update={"at": max(claim.at, min(end, now))})


def _is_cut(claim: Claim) -> bool:
    return claim.precision == "row" and claim.at.endswith(WHOLE)
