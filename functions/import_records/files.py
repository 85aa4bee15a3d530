"""A page of a file's rows -> contacts on the bus, as history that only fills gaps; and the report of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from hub.csv_files import PLATFORM, File, Files, report_key
from hub.csv_headers import complaint
from hub.csv_report import lines
from hub.csv_rows import IMPORTED, PARTLY, REFUSED, Options, Row, Rows
from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import instant
from hub.errors import Reject
from hub.job_records import Teller
from hub.jobs import Job
from hub.wiring import Hub

PAGE_ROWS = 200
CONTACT = "contact"
WORDS = {IMPORTED: "imported", PARTLY: "partly", REFUSED: "refused"}


@dataclass(slots=True)
class _Open:
    """A file being read: `rows` go on after row `at`."""

    rows: Iterator[tuple[int, list[str]]]
    reader: Rows
    source: str
    total: int
    at: int


class FilePages:
    """Works pages of file jobs; within one invocation a file is opened once."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._hashed = Directory(hub.store, hub.secrets.hash_key).hashed
        self._files = Files(hub.store, hub.blobs, self._hashed)
        self._open: dict[str, _Open] = {}

    def step(self, job: Job) -> Job:
        """Publishes the next 200 rows and reports on them; Reject where the file cannot be read."""
        opened = self._opened(job)
        page = list(islice(opened.rows, PAGE_ROWS))
        read = [(number, opened.reader.read(number, cells)) for number, cells in page]
        now = instant(round(self._hub.clock.now() * 1000))
        teller = Teller(self._hub.bus, Connection(opened.source, PLATFORM), now, f"job={job.id}")
        refused = teller.publish([teller.imported(row.found) for _number, row in read if row.found])
        self._report(job, read)
        opened.at = page[-1][0] if page else opened.at
        more = len(page) == PAGE_ROWS
        counts = Counter(WORDS[row.outcome] for _number, row in read if row.outcome in WORDS)
        after = replace(job.turned(str(opened.at) if more else None), totals={CONTACT: opened.total})
        after = replace(after, read={CONTACT: job.read.get(CONTACT, 0) + len(page)})
        return after.counted(read=len(page), too_large=refused, **counts)

    def _opened(self, job: Job) -> _Open:
        """The file, at the job's cursor."""
        known, at = self._open.get(job.id), int(job.cursor or 1)
        if known is None or known.at != at:
            known = self._begin(job, at)
            self._open[job.id] = known
        return known

    def _begin(self, job: Job, at: int) -> _Open:
        file = self._file(job)
        table, source = self._files.table(file)
        options = self._files.options(file, table)
        _check(options)
        total = sum(1 for _row in table.rows()) - 1
        rows = enumerate(table.rows(), 1)
        reader = Rows(options, self._hashed, source)
        for number, cells in islice(rows, at):
            if number > 1:
                reader.pass_over(number, cells)
        return _Open(rows, reader, source, total, at)

    def _file(self, job: Job) -> File:
        file = self._files.get(str(job.options["file"]))
        if file is None:
            raise Reject("the file is no longer kept")
        return file

    def _report(self, job: Job, read: list[tuple[int, Row]]) -> None:
        text = lines((number, row.outcome, row.sentence) for number, row in read)
        self._hub.blobs.put(report_key(str(job.options["file"]), job.pages), text.encode())


def _check(options: Options) -> None:
    wrong = complaint(options.headers, options.mapping)
    if wrong:
        raise Reject(wrong)
