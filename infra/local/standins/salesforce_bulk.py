"""Query jobs of the Bulk API 2.0: made, waited for, their result fetched as CSV set by set, and forgotten after 7 days.

https://developer.salesforce.com/docs/platform/api-asynch/guide/query-bulk-api-2-0.html (read November 2026)
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.salesforce_records import Row, Rows, full_id
from infra.local.standins.salesforce_schema import refuse
from infra.local.standins.server import Answer, Call

KEPT_S = 7 * 86_400
USUAL_ROWS = 50_000
_KNOWN = {"operation", "query", "contentType", "columnDelimiter", "lineEnding"}


@dataclass(slots=True)
class Job:
    """A job with its result, which can be fetched from `ready` on (Unix seconds)."""

    version: str
    ready: float
    fields: list[str]
    rows: list[Row]
    state: str = "JobComplete"


@dataclass(slots=True)
class QueryJobs:
    """An organization's jobs; each takes `takes_s`, and is refused where the organization has no Bulk API."""

    rows: Rows
    now: Callable[[], float]
    takes_s: float = 30.0
    allowed: bool = True
    known: dict[str, Job] = field(default_factory=dict)

    def create(self, call: Call) -> Answer:
        """A job, of which nothing is ready yet."""
        if not self.allowed:
            raise refuse(403, "FEATURENOTENABLED", "Async API not enabled")
        body = call.json()
        if not isinstance(body, dict) or body.keys() - _KNOWN or body.get("operation") not in ("query", "queryAll"):
            raise refuse(400, "INVALIDJOB", "operation and query were expected")
        fields, rows = self.rows.all_of(str(body.get("query")), everything=body["operation"] == "queryAll")
        job_id = full_id(f"750RK{len(self.known) + 1:010}")
        self.known[job_id] = Job(call.parts["version"], self.now() + self.takes_s, fields, rows)
        return Answer(200, {"id": job_id, "operation": body["operation"], "state": "UploadComplete"})

    def show(self, call: Call) -> Answer:
        """How far it is."""
        job = self._job(call)
        return Answer(200, {"id": call.parts["job"], "state": self._state(job), "contentType": "CSV"})

    def results(self, call: Call) -> Answer:
        """A set of its result; `Sforce-Locator` names the next one, `null` where it is the last."""
        job = self._job(call)
        if self._state(job) != "JobComplete":
            raise refuse(400, "INVALIDJOBSTATE", "the job is not complete")
        if job.version != call.parts["version"]:
            raise refuse(409, "API_VERSION_MISMATCH", "the job was made in another version")
        start, most = _offset(call.query.get("locator")), int(call.query.get("maxRecords", USUAL_ROWS))
        some = job.rows[start : start + most]
        following = _locator(start + most) if start + most < len(job.rows) else "null"
        headers = {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(len(some)), "Content-Type": "text/csv"}
        return Answer(200, _table(job.fields, some), headers)

    def _job(self, call: Call) -> Job:
        job = self.known.get(call.parts["job"])
        if job is None or job.ready + KEPT_S <= self.now():
            raise refuse(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def _state(self, job: Job) -> str:
        return job.state if job.ready <= self.now() else "InProgress"


def _locator(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        return int(base64.b64decode(locator + "=" * (-len(locator) % 4), validate=True))
    except (binascii.Error, ValueError):
        raise refuse(400, "INVALIDLOCATOR", "the locator is none of this job's") from None


def _table(fields: list[str], rows: list[Row]) -> str:
    written = io.StringIO(newline="")
    lines = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    lines.writerow(fields)
    lines.writerows([_cell(row[name]) for name in fields] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> str:
    """Nothing is empty, a tick is a word, and times end in Z as they do in no other answer."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    text = str(value)
    return text.removesuffix("+0000") + "Z" if text.endswith(".000+0000") else text
