"""All records of a large object by one query job of the Bulk API 2.0; its result is fetched set by set.

The result is kept for seven days, and a set's locator does not change as long as it is, so any worker may fetch any set
again. https://developer.salesforce.com/docs/platform/api-asynch/guide/query-get-job-results.html (read November 2026)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from connectors.salesforce.ids import canonical
from connectors.salesforce.session import Refusal, Session
from hub.errors import Retry
from hub.parsing import dict_at, text_at
from hub.ports import HttpResponse

# Text without the names of fields: twice the rows of a query's answer in the same number of bytes.
ROWS = 1_000
LOOK_AGAIN_S = 20
LONGEST_CELL = 200_000  # characters; a long text area has 131,072
_PLACE = re.compile(r"bulk\|(?P<job>[A-Za-z0-9]{18})\|(?P<locator>[A-Za-z0-9+/=_-]{0,200})")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False}
_LAST = "null"


class Unusable(Exception):
    """The job has no result that can be read, and never will."""


@dataclass(frozen=True, slots=True)
class Place:
    """A set of a job's result, the first where `locator` is ""."""

    job: str
    locator: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> Place | None:
        """The place that a cursor names, None for a cursor of another kind."""
        found = _PLACE.fullmatch(cursor or "")
        return cls(**found.groupdict()) if found else None

    def cursor(self) -> str:
        """The cursor that names it."""
        return f"bulk|{self.job}|{self.locator}"


@dataclass(frozen=True, slots=True)
class QueryJobs:
    """Query jobs of one organization; raises what `Session.request` raises, but Unusable in place of Refusal."""

    session: Session
    rows: int = ROWS

    def begin(self, soql: str) -> Place:
        """A new job. One whose answer is lost stays behind unread: Salesforce takes 10,000 in a day."""
        answer = self._asked("POST", "/jobs/query", {"operation": "query", "query": soql})
        job = canonical(text_at(dict_at(answer.json()), "id"))
        if job is None:
            raise Unusable("Salesforce did not say which job it is")
        return Place(job)

    def rows_at(
        self, place: Place, names: Sequence[str], ticks: frozenset[str]
    ) -> tuple[list[dict[str, Any]], Place | None]:
        """The rows of the set and the place of the next one; Retry while the job is at work.

        `ticks` names the fields that are true or false: a CSV file does not tell them from text.
        """
        if not place.locator:
            self._wait(place)
        asked = {**({"locator": place.locator} if place.locator else {}), "maxRecords": str(self.rows)}
        answer = self._asked("GET", f"/jobs/query/{place.job}/results?{urlencode(asked)}")
        following = Place.of(f"bulk|{place.job}|{answer.headers.get('sforce-locator', _LAST)}")
        if following is None:
            raise Unusable("the next set's name cannot be read")
        return _rows(answer.body, names, ticks), None if following.locator in ("", _LAST) else following

    def _wait(self, place: Place) -> None:
        state = text_at(dict_at(self._asked("GET", f"/jobs/query/{place.job}").json()), "state")
        if state in ("UploadComplete", "InProgress"):
            raise Retry("Salesforce is still gathering the records", LOOK_AGAIN_S)
        if state != "JobComplete":
            raise Unusable("the job was stopped or failed")

    def _asked(self, method: str, path: str, body: Any = None) -> HttpResponse:
        try:
            return self.session.request(method, path, body)
        except Refusal as refusal:
            raise Unusable(refusal.reason) from refusal


def _rows(body: bytes, names: Sequence[str], ticks: frozenset[str]) -> list[dict[str, Any]]:
    """The rows of a set, whose first line must name the fields that were asked for."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        header, *lines = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise Unusable("the result is no table") from error
    if header != list(names) or any(len(cells) != len(names) for cells in lines):
        raise Unusable("the result has other columns than were asked for")
    return [{name: _value(name, cell, ticks) for name, cell in zip(names, cells, strict=True)} for cells in lines]


def _value(name: str, cell: str, ticks: frozenset[str]) -> str | bool | None:
    return _WORDS.get(cell, None) if name in ticks else cell or None
