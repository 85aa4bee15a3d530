"""Times in queries."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from api.problems import unusable
from hub.times import from_iso

Time = Annotated[str | None, Query(max_length=40, description="RFC 3339, such as 2026-11-22T09:00:00Z.")]


def moment(name: str, text: str | None) -> str | None:
    """A time of the query in UTC; Problem 422 where it is none."""
    if text is None:
        return None
    found = from_iso(text)
    if found is None:
        raise unusable(name, "This is no time; write it as 2026-11-22T09:00:00Z.")
    return found
