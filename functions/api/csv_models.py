"""The shapes of files to be imported."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.connection_models import Closed

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "cp932", "windows-1252"]
Separator = Literal[",", ";", "\t", "|"]
Region = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Zone = Annotated[str, Field(pattern="^[+-](0[0-9]|1[0-4]):[0-5][0-9]$")]
Order = Literal["day first", "month first"]
FieldName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,62}$")]


class FileDraft(Closed):
    """A file to be uploaded; `region` is where numbers without a country code are dialled, `zone` an offset from UTC."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    region: Region | None = None
    zone: Zone = "+00:00"


class FileChange(Closed):
    """How the file is read, where that was told wrongly: what is given is taken, the rest stays.

    `mapping` has our field for each column, null where the column is left out; it is remembered for the same headers.
    """

    encoding: Encoding | None = None
    separator: Separator | None = None
    mapping: Annotated[list[FieldName | None], Field(max_length=500)] | None = None
    region: Region | None = None
    zone: Zone | None = None
    order: Order | None = None


class Upload(BaseModel):
    """A file as it is uploaded: parts of at most `part_bytes` each, numbered from 1, all of them at most `max_bytes`."""

    id: str
    name: str
    parts: int
    size_bytes: int
    part_bytes: int
    max_bytes: int


class Column(BaseModel):
    """A column: its header, our field (null: left out), the field that we would guess."""

    header: str
    field: str | None
    guess: str | None


class PreviewRow(BaseModel):
    """A row as it would be imported: `row` counts from 1, the header's; `why` says what was done with it, or why not."""

    row: int
    outcome: Literal["imported", "imported in part", "refused", "empty"]
    fields: dict[str, str]
    why: str


class FileView(BaseModel):
    """A file and how it is read, with its first rows; `complaint` says why it cannot be imported like that."""

    id: str
    name: str
    size_bytes: int
    encoding: str
    separator: str
    region: str | None
    zone: str
    order: str | None
    columns: list[Column]
    rows: list[PreviewRow]
    complaint: str | None
    job: str | None
