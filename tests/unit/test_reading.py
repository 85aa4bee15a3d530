"""A row that its platform dates to the whole second is as of the end of that second, or of its reading."""

from __future__ import annotations

import pytest

from hub.domain.events import Claim, RecordChangedData, RecordRef
from hub.domain.reading import as_read

RECORD = RecordRef(object="contact", id="1")


def at(claimed: str, precision: str, now: str) -> str:
    claim = Claim.model_validate({"field": "title", "value": "Buyer", "at": claimed, "precision": precision})
    found = as_read(RecordChangedData(record=RECORD, claims=(claim,)), now)
    assert isinstance(found, RecordChangedData)
    return found.claims[0].at


@pytest.mark.parametrize(
    ("claimed", "precision", "now", "dated"),
    [
        ("2026-11-22T09:00:05.000Z", "row", "2026-11-22T10:00:00.000Z", "2026-11-22T09:00:05.999Z"),
        ("2026-11-22T09:00:05.000Z", "row", "2026-11-22T09:00:05.430Z", "2026-11-22T09:00:05.430Z"),
        ("2026-11-22T09:00:05.000Z", "row", "2026-11-22T09:00:04.000Z", "2026-11-22T09:00:05.000Z"),
        ("2026-11-22T09:00:05.000Z", "field", "2026-11-22T10:00:00.000Z", "2026-11-22T09:00:05.000Z"),
        ("2026-11-22T09:00:05.120Z", "row", "2026-11-22T10:00:00.000Z", "2026-11-22T09:00:05.120Z"),
    ],
)
def test_when_it_was_so(claimed: str, precision: str, now: str, dated: str) -> None:
    assert at(claimed, precision, now) == dated
