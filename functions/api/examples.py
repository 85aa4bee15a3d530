"""An example of each operation about customers: what is asked with (path and query), sent, and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api import examples_jobs as work
from api import examples_maps as maps
from api import examples_people as people
from api import examples_talk as talk


@dataclass(frozen=True, slots=True)
class Example:
    """One call: `asked` are its query parameters, `sent` is its body (None without), `answered` that of the answer."""

    answered: Any
    sent: Any = None
    asked: Mapping[str, str] = field(default_factory=dict)


# What stands in a path.
IN_PATH: Mapping[str, str] = {
    "customer_id": people.CONTACT,
    "other_id": people.LEAD,
    "persona": people.PHONE,
    "field": "title",
    "conversation_id": str(talk.CONVERSATION["id"]),
    "job_id": work.JOB_ID,
    "file_id": work.FILE_ID,
    "number": "1",
    "connection_id": work.CONNECTION,
    "native": "contacts",
}
_MAPS = "/v1/connections/<connection_id>/field-maps"
_THEM = "/v1/customers/<customer_id>"
_MARKED = {**people.IDENTIFIERS[1], "shared": True}
_EVIDENCE = {**people.IDENTIFIERS[0], "links": [people.LINK], "mark": None}
_SHARED = {
    **people.HERS,
    "id": people.PHONE,
    "identifiers": [_MARKED],
    "fields": {},
    "records": [],
    "personas": [people.PHONE],
    "links": [],
    "candidates": [{"id": people.CONTACT, "through": people.PHONE, "why": "shared"}],
    "unassigned": [],
}
_SUGGESTED = {
    "customer": people.THEIRS,
    "score": 0.82,
    "reasons": [{"why": "same reading", "weight": 0.7}],
    "at": "2026-11-21T23:10:00.000Z",
}
_CLASH = {
    "kind": "shared",
    "why": "several hold this identifier at once",
    "at": "2026-11-21T23:10:00.000Z",
    "personas": [people.PHONE],
    "customers": [people.HERS, people.THEIRS],
    "customers_count": 2,
}
_WHY = {"why": people.WHY}
_MISTAKE = {"why": "Two sisters who share a phone."}

EXAMPLES: Mapping[tuple[str, str], Example] = {
    ("GET", "/v1/customers"): Example({"customers": [people.HERS]}, asked={"phone": "050-3123-4567", "region": "JP"}),
    ("GET", _THEM): Example(people.HERS),
    ("GET", f"{_THEM}/identifiers"): Example({"customer": people.CONTACT, "identifiers": [_EVIDENCE]}),
    ("POST", "/v1/identifiers/<persona>/shared"): Example(_SHARED, {"shared": True, "why": "The switchboard."}),
    ("GET", f"{_THEM}/decisions"): Example(
        {
            "customer": people.CONTACT,
            "decisions": [
                {**people.DECISION, "persona": people.CONTACT, "other": people.LEAD, "in_force": True},
            ],
        }
    ),
    ("GET", f"{_THEM}/merge/preview"): Example(people.MERGE_PREVIEW, asked={"with": people.LEAD}),
    ("POST", f"{_THEM}/merge"): Example(people.MERGED, {"with": people.LEAD, **_WHY}),
    ("GET", f"{_THEM}/unmerge/preview"): Example(people.PART_PREVIEW, asked={"from": people.LEAD}),
    ("POST", f"{_THEM}/unmerge"): Example(people.TWO, {"from": people.LEAD, **_MISTAKE}),
    ("GET", f"{_THEM}/not-the-same/preview"): Example(people.PART_PREVIEW, asked={"as": people.LEAD}),
    ("POST", f"{_THEM}/not-the-same"): Example(people.TWO, {"as": people.LEAD, **_MISTAKE}),
    ("POST", f"{_THEM}/not-the-same/forget"): Example(people.TWO, {"as": people.LEAD, **_WHY}),
    ("GET", f"{_THEM}/suggestions"): Example({"customer": people.CONTACT, "suggestions": [_SUGGESTED]}),
    ("POST", f"{_THEM}/suggestions/<other_id>/accept"): Example(people.MERGED, _WHY),
    ("POST", f"{_THEM}/suggestions/<other_id>/not-the-same"): Example(people.TWO, _MISTAKE),
    ("GET", "/v1/conflicts"): Example({"conflicts": [_CLASH], "next": None}),
    ("GET", f"{_THEM}/fields"): Example({"fields": [talk.EXPLAINED]}),
    ("GET", f"{_THEM}/fields/<field>"): Example(talk.WITH_HISTORY),
    ("POST", f"{_THEM}/fields/<field>/choose"): Example(talk.CHOSEN, {"value": "Engineer", "why": people.WHY}),
    ("POST", f"{_THEM}/fields/<field>/choose/withdraw"): Example(talk.WITHDRAWN, {"why": people.WHY}),
    ("POST", f"{_THEM}/notes"): Example(talk.NOTE, {"text": "Calls back on Monday."}),
    ("POST", f"{_THEM}/tasks"): Example(talk.TASK, {"title": "Send the offer", "due_at": "2026-11-30T03:00:00Z"}),
    ("GET", "/v1/field-conflicts"): Example(talk.FIELD_CONFLICTS),
    ("POST", f"{_THEM}/fields/<field>/revert"): Example(
        talk.REVERTED, {"value": "Engineer", "why": "She corrected it herself."}
    ),
    ("GET", f"{_THEM}/timeline"): Example(talk.TIMELINE, asked={"since": "2026-11-01T00:00:00Z"}),
    ("GET", f"{_THEM}/conversations"): Example({"conversations": [talk.CONVERSATION]}),
    ("GET", "/v1/conversations/<conversation_id>"): Example(talk.CONVERSATION),
    ("PATCH", "/v1/conversations/<conversation_id>"): Example(
        talk.ASSIGNED, {"assignee": "me", "handled_by": "person"}
    ),
    ("GET", "/v1/inbox"): Example(talk.INBOX, asked={"state": "open", "assignee": "none"}),
    ("GET", _MAPS): Example({"maps": [maps.MAP]}),
    ("GET", f"{_MAPS}/<native>/fields"): Example(maps.NATIVE_FIELDS),
    ("PUT", f"{_MAPS}/<native>"): Example({"versions": [maps.VERSION]}, {"lines": maps.LINES}),
    ("GET", f"{_MAPS}/<native>/versions"): Example({"versions": [maps.VERSION]}),
    ("POST", f"{_MAPS}/<native>/activate"): Example(maps.MAP, {"version": 2}),
    ("POST", f"{_MAPS}/<native>/preview"): Example(maps.PREVIEW, {"record": "4211"}),
    ("GET", "/v1/field-policies"): Example(maps.POLICIES),
    ("GET", "/v1/field-policies/<field>"): Example(maps.POLICY),
    ("PUT", "/v1/field-policies/<field>"): Example(maps.POLICY, maps.CHOICE),
    ("GET", "/v1/field-policy-changes"): Example(maps.CHANGES),
    ("GET", "/v1/jobs"): Example({"jobs": [work.JOB], "next": None}),
    ("POST", "/v1/jobs"): Example(work.STARTED, {"kind": "import", "connection": work.CONNECTION}),
    ("GET", "/v1/jobs/<job_id>"): Example(work.JOB),
    ("POST", "/v1/jobs/<job_id>/pause"): Example(work.PAUSED),
    ("POST", "/v1/jobs/<job_id>/resume"): Example(work.JOB),
    ("POST", "/v1/jobs/<job_id>/cancel"): Example(work.STOPPED),
    ("POST", "/v1/jobs/<job_id>/approve"): Example(work.APPROVED),
    ("POST", "/v1/csv-imports"): Example(work.ROOM, {"name": "people.csv", "region": "JP", "zone": "+09:00"}),
    ("POST", "/v1/csv-imports/<file_id>/parts/<number>"): Example(work.UPLOADED, work.CONTENT),
    ("GET", "/v1/csv-imports/<file_id>"): Example(work.FILE),
    ("PATCH", "/v1/csv-imports/<file_id>"): Example(work.FILE, {"mapping": ["name", "email", "mobile"]}),
    ("POST", "/v1/csv-imports/<file_id>/start"): Example(work.OF_FILE),
    ("GET", "/v1/csv-imports/<file_id>/report"): Example(work.REPORT),
}
