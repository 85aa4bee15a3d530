"""Examples of jobs and of files to be imported; names and numbers are made up."""

from __future__ import annotations

from typing import Any

JOB_ID = "5f0c2c1fd3a94e0b8f7a6b1f3e2d4c5b"
FILE_ID = "9b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f"
CONNECTION = "01kapz5w8j3q7v2m9x4r6t1n0c"
CREATED = "2026-11-21T09:00:00.000Z"

STARTED: dict[str, Any] = {
    "id": JOB_ID,
    "kind": "import",
    "connection": CONNECTION,
    "platform": "hubspot",
    "status": "waiting",
    "reason": "",
    "needs_approval": False,
    "stage": "",
    "read": 0,
    "total": None,
    "rate": None,
    "left_s": None,
    "kinds": [],
    "counts": {},
    "by": "someone",
    "created_at": CREATED,
    "started_at": "",
    "updated_at": CREATED,
}
JOB = {
    **STARTED,
    "status": "running",
    "read": 42_002,
    "total": 98_502,
    "rate": 210.4,
    "left_s": 269,
    "kinds": [
        {"kind": "owner", "read": 2, "total": None, "done": True},
        {"kind": "contact", "read": 42_000, "total": 98_500, "done": False},
    ],
    "counts": {"read": 42_000, "new": 41_310, "changed": 402, "same": 288},
    "started_at": "2026-11-21T09:00:02.000Z",
    "updated_at": "2026-11-21T09:03:22.000Z",
}
PAUSED = {**JOB, "status": "paused", "reason": "Paused by a person."}
STOPPED = {**JOB, "status": "stopped", "reason": "Stopped by a person."}
APPROVED = {
    **STARTED,
    "kind": "reconcile",
    "stage": "repair",
    "read": 640,
    "total": 640,
    "kinds": [{"kind": "contact", "read": 640, "total": 640, "done": False}],
    "counts": {"compared": 640, "differing": 212},
    "started_at": "2026-11-21T09:00:02.000Z",
}
OF_FILE = {**STARTED, "kind": "csv", "connection": "csv", "platform": "csv"} | {
    "kinds": [{"kind": "contact", "read": 0, "total": None, "done": False}]
}
CONTENT = "氏名,メールアドレス,携帯電話\n佐藤 花子,hanako@example.com,9012345678\n"
ROOM = {
    "id": FILE_ID,
    "name": "people.csv",
    "parts": 0,
    "size_bytes": 0,
    "part_bytes": 4_000_000,
    "max_bytes": 30_000_000,
}
UPLOADED = {**ROOM, "parts": 1, "size_bytes": 92}
FILE = {
    "id": FILE_ID,
    "name": "people.csv",
    "size_bytes": 92,
    "encoding": "utf-8",
    "separator": ",",
    "region": "JP",
    "zone": "+09:00",
    "order": None,
    "columns": [
        {"header": "氏名", "field": "name", "guess": "name"},
        {"header": "メールアドレス", "field": "email", "guess": "email"},
        {"header": "携帯電話", "field": "mobile", "guess": "mobile"},
    ],
    "rows": [
        {
            "row": 2,
            "outcome": "imported",
            "fields": {"name": "佐藤 花子", "email": "hanako@example.com", "mobile": "+819012345678"},
            "why": "携帯電話: The spreadsheet had dropped what it began with; it was put back.",
        }
    ],
    "complaint": None,
    "job": None,
}
REPORT = "\ufeffrow,what happened,why\r\n2,imported,\r\n"
