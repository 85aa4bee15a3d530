"""The commands that ask a deployment for work: import a connection's history or a file, compare a connection."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import cli_input
from hub.cli_api import Api, Send, api_of
from hub.cli_follow import follow
from hub.cli_input import BadInput
from hub.settings import ApiAccess

Connection = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's id.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Start it, print its id, and leave.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="contact, company, deal …; repeatable; default all.")]


@dataclass(frozen=True, slots=True)
class Outside:
    """What the commands need of the world; None is the real thing."""

    access: ApiAccess | None = None
    send: Send | None = None
    sleep: Callable[[float], None] = time.sleep


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(name="import")(import_history)
    app.command(name="csv")(import_file)
    app.command()(reconcile)
    app.command(name="job")(watch)


def import_history(context: typer.Context, connection: Connection, kind: Kinds = None, no_wait: NoWait = False) -> int:
    """Imports what a platform holds; nothing is sent to anyone because of it."""
    draft = {"kind": "import", "connection": connection, "kinds": kind or []}
    return _started(context, "/v1/jobs", draft, no_wait)


def reconcile(
    context: typer.Context,
    connection: Connection,
    complete: Annotated[bool, typer.Option("--complete", help="All there is, not only what changed.")] = False,
    kind: Kinds = None,
    no_wait: NoWait = False,
) -> int:
    """Compares what the hub holds with the platform, and mends what differs where that is little."""
    draft = {"kind": "reconcile", "connection": connection, "kinds": kind or [], "complete": complete}
    return _started(context, "/v1/jobs", draft, no_wait)


def watch(context: typer.Context, job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]) -> int:
    """Follows a job to its end."""
    api = api_for(context)
    return follow(api, api.get(f"/v1/jobs/{job}"), write, _outside(context).sleep)


def import_file(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; '-' for standard input.")],
    region: Annotated[str | None, typer.Option(help="Country of numbers without its code, such as JP.")] = None,
    zone: Annotated[str, typer.Option(help="Offset from UTC of its times, such as +09:00.")] = "+00:00",
    column: Annotated[
        list[str] | None, typer.Option(help="Header=field, or Header= to leave it out; repeatable.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Import it without asking.")] = False,
    report: Annotated[str | None, typer.Option(help="Where the report of each row is written.")] = None,
) -> int:
    """Shows how a file of people is read, then imports it; what it says only fills gaps."""
    api, content = api_for(context), cli_input.content(file)
    name = "standard input" if file == "-" else Path(file).name
    room = api.post("/v1/csv-imports", {"name": name, "zone": zone, **({"region": region.upper()} if region else {})})
    path = f"/v1/csv-imports/{room['id']}"
    for number, start in enumerate(range(0, len(content), room["part_bytes"]), 1):
        api.upload(f"{path}/parts/{number}", content[start : start + room["part_bytes"]])
    shown = _mapped(api, path, api.get(path), column or [])
    for text in preview(shown):
        write(text)
    if shown["complaint"]:
        raise BadInput(shown["complaint"])
    if not yes and not agreed("Import it?", "Nothing was imported"):
        return 1
    code = follow(api, api.post(f"{path}/start"), write, _outside(context).sleep)
    if report:
        _save_report(api, path, report)
    return code


def preview(file: Mapping[str, Any]) -> list[str]:
    """How a file is read, line by line: encoding and separator, its columns, its first rows."""
    separator = {"\t": "tab"}.get(file["separator"], file["separator"])
    columns = [f"  {one['header']} -> {one['field'] or '(left out)'}" for one in file["columns"]]
    rows = [f"  row {one['row']}: {one['outcome']}. {one['why']}".rstrip() for one in file["rows"]]
    return [
        f"{file['name']}: {file['size_bytes']} bytes, {file['encoding']}, separated by {separator}",
        *columns,
        *rows,
    ]


def _started(context: typer.Context, path: str, draft: Mapping[str, Any], no_wait: bool) -> int:
    api = api_for(context)
    job = api.post(path, draft)
    if no_wait:
        write(str(job["id"]))
        return 0
    return follow(api, job, write, _outside(context).sleep)


def _mapped(api: Api, path: str, file: Mapping[str, Any], columns: list[str]) -> Mapping[str, Any]:
    """The file with its columns mapped as was said."""
    if not columns:
        return file
    said = dict(_column(text) for text in columns)
    headers = [one["header"] for one in file["columns"]]
    if unknown := [header for header in said if header not in headers]:
        raise BadInput(f"There is no column {unknown[0]!r}; there are {', '.join(headers)}.")
    mapping = [said.get(one["header"], one["field"]) for one in file["columns"]]
    changed: Mapping[str, Any] = api.patch(path, {"mapping": mapping})
    return changed


def _column(text: str) -> tuple[str, str | None]:
    header, equals, field = text.rpartition("=")
    if not equals:
        raise BadInput(f"The column {text!r} is not of the form 'Header=field'.")
    return header, field or None


def agreed(question: str, undone: str) -> bool:
    """Whether the person at the terminal agrees; BadInput, which says what was not done, where nobody sits there."""
    if not sys.stdin.isatty():
        raise BadInput(f"{undone}: say --yes if this is right.")
    return typer.confirm(question)


def _save_report(api: Api, path: str, file: str) -> None:
    texts, part = [], api.text(f"{path}/report?part=1")
    while part is not None:
        texts.append(part)
        part = api.text(f"{path}/report?part={len(texts) + 1}")
    try:
        Path(file).write_text("".join(texts), "utf-8", newline="")
    except OSError as error:
        raise BadInput(f"The report cannot be written to {file!r}: {error.strerror}.") from error


def _outside(context: typer.Context) -> Outside:
    return context.obj if isinstance(context.obj, Outside) else Outside()


def api_for(context: typer.Context) -> Api:
    """The API that the command is to ask."""
    outside = _outside(context)
    return api_of(outside.access or ApiAccess.from_environment(), outside.send)


def write(text: str) -> None:
    """One line, in UTF-8 whatever the locale says."""
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()
