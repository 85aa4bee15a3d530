"""Files of people: uploaded in parts, looked at, corrected, imported, reported on row by row."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from api import body
from api.csv_models import Column, FileChange, FileDraft, FileView, PreviewRow, Upload
from api.job_models import JobView, view
from api.problems import Problem, not_found, unusable
from api.resource import Resource
from hub.csv_files import MAX_BYTES, MAX_PARTS, PART_BYTES, PLATFORM, File, Files, report_key
from hub.csv_headers import complaint, guess
from hub.csv_reading import Table
from hub.csv_report import HEADER, MARK, lines
from hub.csv_rows import Options, Rows
from hub.directory import Directory
from hub.errors import Reject
from hub.job_worker import start
from hub.jobs import Job, JobStore

router = Resource()
SHOWN_ROWS = 20
REPORT_PAGES = 50  # of 200 rows each: 10,000 rows, well below the 6 MB that a function may answer
CSV = "text/csv; charset=utf-8"
Part = Annotated[int, Query(ge=1, le=10_000, description="Which 10,000 rows of the report.")]


@router.post("/v1/csv-imports", summary="Begin to upload a file", tags=["jobs"])
def create_file(draft: Annotated[FileDraft, Body()]) -> Upload:
    """Makes room for a file of people; its bytes come in parts."""
    file = File(router.work.id, draft.name, region=draft.region, zone=draft.zone, by=router.work.by)
    return _upload(_files().create(file, router.hub.clock.now()))


@router.post("/v1/csv-imports/<file_id>/parts/<number>", summary="Upload a part of a file", tags=["jobs"])
def upload_part(file_id: str, number: str) -> Upload:
    """Keeps the body as the file's part of that number, in place of what was there; of any kind of file, as bytes."""
    if not number.isdigit() or not 1 <= int(number) <= MAX_PARTS:
        raise unusable("number", f"Parts are numbered from 1 to {MAX_PARTS}.")
    content = body.content(router.current_event.raw_event)
    if not 0 < len(content) <= PART_BYTES:
        raise Problem(422, f"A part has 1 to {PART_BYTES} bytes.")
    try:
        return _upload(_files().add(_file(file_id), int(number), content, router.hub.clock.now()))
    except Reject as error:
        raise _refused(error) from None


@router.get("/v1/csv-imports/<file_id>", summary="A file as it would be imported", tags=["jobs"])
def read_file(file_id: str) -> FileView:
    """How the file is read, and what its first rows would become."""
    return _view(_file(file_id))


@router.patch("/v1/csv-imports/<file_id>", summary="Say how a file is to be read", tags=["jobs"])
def change_file(file_id: str, change: Annotated[FileChange, Body()]) -> FileView:
    """Corrects what was told wrongly; a mapping is remembered for files with the same headers."""
    files, said = _files(), change.model_dump(exclude_unset=True, exclude_none=True)
    file = replace(_open(file_id), **said)
    if change.mapping is not None:
        headers = _read(file)[2].headers
        if wrong := complaint(headers, change.mapping):
            raise unusable("mapping", wrong)
        files.save(headers, change.mapping)
    return _view(files.change(file_id, lambda known: replace(known, **said), router.hub.clock.now()))


@router.post("/v1/csv-imports/<file_id>/start", summary="Import a file", tags=["jobs"])
def start_file(file_id: str) -> JobView:
    """Imports the file as it is read now. What it says only fills gaps, except where a column tells since when."""
    hub, work = router.hub, router.work
    file = _file(file_id)
    if file.job:
        known = JobStore(hub.store).get(file.job)
        if known is None or file.job != work.id:
            raise Problem(409, "The file was imported already: upload it again.")
        return view(known)
    table, _source, options = _read(file)
    if wrong := complaint(options.headers, options.mapping):
        raise Problem(409, wrong)
    _files().change(file_id, lambda one: replace(one, job=work.id, **_settled(table, options)), hub.clock.now())
    kinds = ("contact",)
    job = Job(work.id, "csv", PLATFORM, PLATFORM, kinds, kinds, by=work.by, options={"file": file_id})
    return view(start(hub, job))


@router.get(
    "/v1/csv-imports/<file_id>/report",
    summary="What became of each row",
    tags=["jobs"],
    responses={200: {"description": "The report", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def read_report(file_id: str, part: Part = 1) -> Response[str]:
    """The report as a CSV file, 10,000 rows at a time; the last part is followed by 404."""
    hub, file = router.hub, _file(file_id)
    job = JobStore(hub.store).get(file.job) if file.job else None
    pages = range(job.pages if job else 0)[(part - 1) * REPORT_PAGES : part * REPORT_PAGES]
    if not pages:
        raise not_found("part of the report")
    texts = (hub.blobs.get(report_key(file_id, page)) or b"" for page in pages)
    head = MARK + lines([HEADER]) if part == 1 else ""
    name = {"Content-Disposition": f'attachment; filename="report-{part}.csv"'}
    return Response(200, CSV, head + b"".join(texts).decode(), headers=name)


def _files() -> Files:
    hub = router.hub
    return Files(hub.store, hub.blobs, Directory(hub.store, hub.secrets.hash_key).hashed)


def _file(file_id: str) -> File:
    file = _files().get(file_id)
    if file is None:
        raise not_found("file")
    return file


def _open(file_id: str) -> File:
    file = _file(file_id)
    if file.job:
        raise Problem(409, "The file is imported already, as it was read then.")
    return file


def _read(file: File) -> tuple[Table, str, Options]:
    """The file as rows, its source, and how they are read; Problem 422 where it cannot be."""
    files = _files()
    try:
        table, source = files.table(file)
        return table, source, files.options(file, table)
    except Reject as error:
        raise _refused(error) from None


def _refused(error: Reject) -> Problem:
    return Problem(422, f"{error.reason[:1].upper()}{error.reason[1:].rstrip('.')}.")


def _settled(table: Table, options: Options) -> dict[str, Any]:
    """How the file was shown is how it is imported."""
    read = {"encoding": table.encoding, "separator": table.separator, "order": options.order}
    return {**read, "mapping": list(options.mapping)}


def _upload(file: File) -> Upload:
    return Upload(
        id=file.id,
        name=file.name,
        parts=len(file.parts),
        size_bytes=file.size_bytes,
        part_bytes=PART_BYTES,
        max_bytes=MAX_BYTES,
    )


def _view(file: File) -> FileView:
    table, source, options = _read(file)
    wrong = complaint(options.headers, options.mapping)
    named = {"id": file.id, "name": file.name, "size_bytes": file.size_bytes, "region": file.region, "zone": file.zone}
    columns = zip(options.headers, options.mapping, guess(options.headers), strict=False)
    return FileView(
        **named,
        encoding=table.encoding,
        separator=table.separator,
        order=options.order,
        columns=[Column(header=header, field=field, guess=other) for header, field, other in columns],
        rows=[] if wrong else _first_rows(table, options, source),
        complaint=wrong,
        job=file.job or None,
    )


def _first_rows(table: Table, options: Options, source: str) -> list[PreviewRow]:
    hub = router.hub
    reader = Rows(options, Directory(hub.store, hub.secrets.hash_key).hashed, source)
    try:
        rows = list(islice(enumerate(table.rows(), 1), 1, SHOWN_ROWS + 1))
    except Reject as error:
        raise _refused(error) from None
    return [_shown(number, reader, cells) for number, cells in rows]


def _shown(number: int, reader: Rows, cells: list[str]) -> PreviewRow:
    row = reader.read(number, cells)
    fields = {claim.field: claim.value or "" for claim in row.found.claims} if row.found else {}
    return PreviewRow.model_validate({"row": number, "outcome": row.outcome, "fields": fields, "why": row.sentence})
