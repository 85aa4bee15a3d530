"""Files of people, uploaded in parts: what was said about how to read one, and what it holds.

| item | pk | sk | body |
|---|---|---|---|
| file (expires after 30 days, as its parts do) | `CSV#<id>` | `FILE` | see File |
| how columns were mapped, by their headers | `CSV#MAPS` | `<hash of the headers>` | mapping |

Its bytes lie under `csv/<id>/part-<number>`, the report of its rows under `csv/<id>/report-<page>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from hub.csv_dates import NO_OFFSET, order_of
from hub.csv_headers import UPDATED_AT, complaint, folded, guess
from hub.csv_reading import Table, table_of
from hub.csv_rows import Options
from hub.errors import Reject
from hub.folding import fold
from hub.ports import Blobs, Item, Store

PART_BYTES = 4_000_000  # of one upload: in base64 below the 6 MB that a function may be given
MAX_BYTES = 30_000_000
MAX_PARTS = 60
KEPT_S = 30 * 86_400
LOOKED_AT = 1_000  # rows from which it is told whether days or months come first
PLATFORM = "csv"


@dataclass(frozen=True, slots=True)
class File:
    """A file; `parts` are [bytes, SHA-256] by number. What is None is found out: encoding, separator, mapping, order.

    `zone` is the offset from UTC of times without one, `region` where numbers without a country code are dialled.
    """

    id: str
    name: str
    parts: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    encoding: str | None = None
    separator: str | None = None
    mapping: Sequence[str | None] | None = None
    region: str | None = None
    zone: str = NO_OFFSET
    order: str | None = None
    job: str = ""
    by: str = ""
    version: int = 0

    @property
    def size_bytes(self) -> int:
        """Of all parts so far."""
        return sum(int(size) for size, _sha in self.parts.values())


class Files:
    """Files in table and bucket."""

    def __init__(self, store: Store, blobs: Blobs, hashed: Callable[[str], str]) -> None:
        """`hashed` is `Directory.hashed`."""
        self._store = store
        self._blobs = blobs
        self._hashed = hashed

    def get(self, file_id: str) -> File | None:
        """The file, or None."""
        item = self._store.get(f"CSV#{file_id}", "FILE")
        return _file(item) if item else None

    def create(self, file: File, now: float) -> File:
        """The file of that id, written or found."""
        item = fold(self._store, f"CSV#{file.id}", "FILE", lambda item: item if item.body else _item(item, file, now))
        return _file(item)

    def change(self, file_id: str, step: Callable[[File], File], now: float) -> File:
        """The file after a change of what is said about it."""
        item = fold(self._store, f"CSV#{file_id}", "FILE", lambda item: _item(item, step(_file(item)), now))
        return _file(item)

    def add(self, file: File, number: int, content: bytes, now: float) -> File:
        """Keeps a part, in place of the one of that number; Reject where the file is too large, or is being imported."""
        said = {f"{number:04}": [len(content), hashlib.sha256(content).hexdigest()]}

        def step(known: File) -> File:
            after = replace(known, parts={**known.parts, **said})
            if known.job:
                raise Reject("the file is being imported")
            if after.size_bytes > MAX_BYTES:
                raise Reject(f"a file may have {MAX_BYTES // 1_000_000} MB; divide it")
            return after

        step(file)
        self._blobs.put(f"csv/{file.id}/part-{number:04}", content)
        return self.change(file.id, step, now)

    def table(self, file: File) -> tuple[Table, str]:
        """The whole file as rows, and its source: a connection of its own, `csv:<the bytes' hash>`."""
        parts = [self._part(file, number) for number in sorted(file.parts)]
        body = b"".join(parts)
        if not body:
            raise Reject("the file is empty")
        return table_of(body, file.encoding, file.separator), f"csv:{hashlib.sha256(body).hexdigest()[:32]}"

    def _part(self, file: File, number: str) -> bytes:
        found = self._blobs.get(f"csv/{file.id}/part-{number}")
        if found is None or hashlib.sha256(found).hexdigest() != file.parts[number][1]:
            raise Reject("a part of the file is not kept any more: upload it again")
        return found

    def options(self, file: File, table: Table) -> Options:
        """How its rows are read: as was said, as the same headers were mapped before, else as they look."""
        rows = table.rows()
        headers = next(rows, [])
        mapping = file.mapping or self.saved(headers) or guess(headers)
        column = list(mapping).index(UPDATED_AT) if UPDATED_AT in mapping else None
        cells = [row[column] for row in islice(rows, LOOKED_AT) if column is not None and column < len(row)]
        return Options(tuple(headers), tuple(mapping), file.region, file.zone, file.order or order_of(cells))

    def saved(self, headers: Sequence[str]) -> list[str | None] | None:
        """How the same headers were mapped before, None where they are new or that no longer fits."""
        item = self._store.get("CSV#MAPS", self._key(headers))
        mapping = list(item.body["mapping"]) if item else None
        return mapping if mapping and complaint(headers, mapping) is None else None

    def save(self, headers: Sequence[str], mapping: Sequence[str | None]) -> None:
        """Remembers how headers are mapped."""
        body = {"mapping": list(mapping)}
        fold(self._store, "CSV#MAPS", self._key(headers), lambda item: replace(item, body=body))

    def _key(self, headers: Sequence[str]) -> str:
        return self._hashed("headers\n" + "\n".join(folded(one) for one in headers))


def _file(item: Item) -> File:
    return File(id=item.pk.removeprefix("CSV#"), version=item.version, **item.body)


def _item(item: Item, file: File, now: float) -> Item:
    body = {name: value for name, value in asdict(file).items() if name not in ("id", "version")}
    return replace(item, body=body, expires_at=int(now) + KEPT_S)


def report_key(file_id: str, page: int) -> str:
    """Where the report of a page of rows lies."""
    return f"csv/{file_id}/report-{page:06}"
