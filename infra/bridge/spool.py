"""What was heard and is not yet delivered, on disk: an event is here before anything is done with it.

A batch, once made, keeps its bytes until the hub has accepted it. So what is sent again after a crash is the same
delivery, with the same event ids, and the hub sees it once.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""
WRITTEN = {"ensure_ascii": False, "separators": (",", ":")}


@dataclass(frozen=True, slots=True)
class Batch:
    """The bytes to post, and the number to acknowledge them by."""

    number: int
    body: bytes


class Spool:
    """One file; every method is one transaction that is on the disk when it returns."""

    def __init__(self, path: Path, *, source: str, node: str, most_bytes: int = 1_000_000_000) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self._head = {"bridge": 1, "source": source, "node": node, "spool": self._identity()}
        self._most_bytes = most_bytes
        self.dropped = 0

    def _identity(self) -> str:
        """Random, made once per file: numbers of a new file are never taken for those of a lost one."""
        self._db.execute("INSERT OR IGNORE INTO about VALUES ('spool', ?)", (secrets.token_hex(8),))
        found: str = self._db.execute("SELECT value FROM about WHERE name = 'spool'").fetchone()[0]
        return found

    def add(self, event: Mapping[str, Any], at: datetime) -> bool:
        """Keeps the event with the time at which it was heard; False (and counted) where spool or disk is full."""
        kept = self.size() < self._most_bytes and self._inserted(event, at)
        self.dropped += not kept
        return kept

    def _inserted(self, event: Mapping[str, Any], at: datetime) -> bool:
        heard = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
        entry = json.dumps({"at": heard, "event": event}, **WRITTEN)  # type: ignore[arg-type]
        try:
            self._db.execute("INSERT INTO events (entry) VALUES (?)", (entry,))
        except sqlite3.OperationalError:  # the disk is full, or cannot be written
            return False
        return True

    def next(self, most_events: int = 100, most_bytes: int = 100_000) -> Batch | None:
        """The oldest batch that is not acknowledged, else a new one of the oldest events; None where there is nothing."""
        found = self._db.execute("SELECT number, body FROM batches ORDER BY number LIMIT 1").fetchone()
        return Batch(*found) if found else self._made(most_events, most_bytes)

    def _made(self, most_events: int, most_bytes: int) -> Batch | None:
        rows = self._db.execute("SELECT number, entry FROM events ORDER BY number LIMIT ?", (most_events,)).fetchall()
        taken: list[tuple[int, str]] = []
        for number, entry in rows:
            if taken and sum(len(text.encode()) for _, text in taken) + len(entry.encode()) > most_bytes:
                break
            taken.append((number, entry))
        return self._sealed(taken) if taken else None

    def _sealed(self, taken: list[tuple[int, str]]) -> Batch:
        """Out of `events` and into `batches` in one transaction: nowhere else is there a moment with neither or both."""
        events = [{"id": f"{self._head['spool']}-{number}", **json.loads(entry)} for number, entry in taken]
        body = json.dumps({**self._head, "events": events}, **WRITTEN).encode()  # type: ignore[arg-type]
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            number = self._db.execute("INSERT INTO batches (body) VALUES (?)", (body,)).lastrowid
            self._db.execute("DELETE FROM events WHERE number <= ?", (taken[-1][0],))
        return Batch(number or 0, body)

    def acknowledge(self, batch: Batch) -> None:
        """Forgets a batch that the hub has accepted."""
        self._db.execute("DELETE FROM batches WHERE number = ?", (batch.number,))

    def waiting(self) -> tuple[int, int]:
        """Events not yet in a batch, and batches not yet accepted."""
        counts = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM batches)"
        events, batches = self._db.execute(counts).fetchone()
        return events, batches

    def size(self) -> int:
        """Bytes in use on the disk, without what was freed and will be used again."""
        pages, free, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def wait_at_most(self, seconds: float) -> None:
        """How long to wait for a file that another process holds (30 s at the beginning)."""
        self._db.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def close(self) -> None:
        """Closes the file; nothing is lost that `add` returned for."""
        self._db.close()
