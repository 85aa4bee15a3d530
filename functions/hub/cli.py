"""The renkei command: check a signature, map a delivery, list the connectors, without AWS and without a network.

import, csv, reconcile, job, sync, set-up, conflicts and choose ask a deployment: RENKEI_API_URL is its API's address, RENKEI_TOKEN a token.

Exit codes: 0 done (verify: valid), 1 invalid signature, or work that did not end well, 2 what was given cannot be used
(one sentence on stderr).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hub import cli_input, cli_jobs, cli_sync, docs_table
from hub.connector import Connector, authenticate
from hub.delivery import Connection, Delivery
from hub.errors import Quarantine, Unauthorized

if TYPE_CHECKING:
    from hub.domain.events import Mapped

PIPED_WIDTH = 10_000  # nobody reads it in a terminal: one connector, one line
NO_URL = "https://hooks.example/"  # for the schemes that do not sign it
# An arrival that never changes, so that the same delivery maps to the same bytes.
ARRIVAL = "2000-01-01T00:00:00Z"
# What JSON may hold but a line, a terminal or UTF-8 may not.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=__doc__)
cli_jobs.add_to(app)
cli_sync.add_to(app)

Name = Annotated[str, typer.Argument(metavar="CONNECTOR", help="A name from `renkei connectors`.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="The raw body; '-' for standard input.")]
Header = Annotated[list[str] | None, typer.Option("--header", "-H", help="'Name: value'; repeatable.")]
Setting = Annotated[list[str] | None, typer.Option(help="A setting of the connection, name=value; repeatable.")]
Method = Annotated[str, typer.Option(help="The HTTP method.")]


@app.command()
def verify(
    name: Name,
    file: File,
    url: Annotated[str, typer.Option(help="The URL as the platform called it, with its query.")] = NO_URL,
    secret: Annotated[list[str] | None, typer.Option(help="A signing secret; repeatable.")] = None,
    header: Header = None,
    method: Method = "POST",
    at: Annotated[str | None, typer.Option(help="When it arrived: Unix seconds or RFC 3339; default now.")] = None,
    setting: Setting = None,
    client_subject: Annotated[str, typer.Option(help="The subject of the client's TLS certificate.")] = "",
) -> int:
    """Says whether a request is genuine: prints `valid`, or `invalid:` and why."""
    connector = cli_input.connector(name)
    now = cli_input.instant(at)
    connection = cli_input.connection(name, setting or ())
    request = cli_input.request(method, url, header or (), cli_input.content(file))
    request = replace(request, client_subject=client_subject)
    try:
        authenticate(connector, request, [_bytes(text) for text in secret or ()], connection, now)
    except Unauthorized as refusal:
        _write(f"invalid: {cli_input.refusal(refusal.reason)}")
        return 1
    _write("valid")
    return 0


@app.command(name="map")
def map_file(
    name: Name,
    file: File,
    header: Header = None,
    region: Annotated[str | None, typer.Option(help="Region of phones without a country code, such as JP.")] = None,
    setting: Setting = None,
    url: Annotated[str | None, typer.Option(help="The URL as the platform called it; gives query and kind.")] = None,
    query: Annotated[str | None, typer.Option(help="The raw query, where there is no --url.")] = None,
    kind: Annotated[str | None, typer.Option(help="crm, whatsapp or telephony; default from the URL's path.")] = None,
    method: Method = "POST",
    at: Annotated[str, typer.Option(help="When it arrived: Unix seconds or RFC 3339.")] = ARRIVAL,
) -> int:
    """Prints the events of a delivery, one JSON object a line, then what has no words of ours, marked unmapped."""
    connector = cli_input.connector(name)
    connection = cli_input.connection(name, setting or (), region)
    delivery = Delivery(
        connection_id=connection.id,
        platform=name,
        kind=cli_input.kind(connector, kind, url),
        received_at=cli_input.rfc_3339(at),
        body=cli_input.content(file),
        method=cli_input.method(method),
        query=connector.stored_query(query or (cli_input.query_of(url) if url else "")),
        headers={key: value for key, value in cli_input.headers(header or ()).items() if key in connector.keep_headers},
    )
    _print_mapped(_mapped(connector, delivery, connection))
    return 0


@app.command()
def connectors(
    markdown: Annotated[bool, typer.Option("--markdown", help="The table of the documentation.")] = False,
) -> int:
    """Lists the connectors: what they receive, how they prove themselves, what they can be told to do."""
    if markdown:
        _write(docs_table.markdown())
        return 0
    if sys.stdout.isatty():
        Console().print(docs_table.rich_table(terminal=True))
        return 0
    console = Console(width=PIPED_WIDTH, color_system=None)
    with console.capture() as piped:
        console.print(docs_table.rich_table(terminal=False))
    _write(piped.get().removesuffix("\n"))  # in UTF-8 like all that is piped, whatever the locale says
    return 0


def _mapped(connector: Connector, delivery: Delivery, connection: Connection) -> Mapped:
    try:
        stored = replace(delivery, body=connector.without_credentials(delivery.body))
        return connector.map_delivery(stored, connection)
    except Quarantine as unreadable:
        raise cli_input.BadInput(f"The content cannot be read and would be quarantined: {unreadable.reason}.") from None
    except Exception as error:  # the hub quarantines these as well
        word = type(error).__name__
        raise cli_input.BadInput(f"The content would be quarantined: mapping failed: {word}.") from error


def _print_mapped(mapped: Mapped) -> None:
    for event in mapped.events:
        _write(_line(event.model_dump(mode="json")))
    for part in mapped.unmapped:
        _write(_line({"unmapped": True, **part.model_dump(mode="json")}))


def _line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode() + b"\n")


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogateescape")


def run(arguments: Sequence[str], outside: cli_jobs.Outside | None = None) -> int:
    """Runs one command and returns its exit code; whatever was wrong is one sentence on stderr."""
    try:
        code = app(list(arguments) or ["--help"], prog_name="renkei", standalone_mode=False, obj=outside)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except cli_input.BadInput as error:
        return _complain(str(error), 2)
    except typer.TyperException as error:
        return _complain(error.format_message(), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except (KeyboardInterrupt, typer.Abort):
        return 130


def _complain(sentence: str, code: int) -> int:
    line = " ".join(sentence.split()).rstrip(".") + "."
    sys.stderr.buffer.write(_UNSAFE.sub("?", line).encode() + b"\n")
    return code


def main() -> None:
    """The entry point."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
