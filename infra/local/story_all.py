"""`make story-all`: at least one delivery of every platform there is, against what `make up` runs, and where it is seen.

Every platform is a folder under functions/connectors; no list is kept here. Told again, it finds the same connections
and changes nothing.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from rich.table import Table
from rich.text import Text

from hub.connector import signed
from infra.local import show
from infra.local.emulator import session
from infra.local.place import Place, Stop, from_arguments
from infra.local.standins.others import account
from infra.local.story.choosing import Chosen, Platform, every_platform
from infra.local.story.outcome import settle
from infra.local.story.sightings import Sightings, of
from infra.local.story.stage import Running, Stage, drafts, open_stage
from tests.contracts.evidence import SECRET

AT_ONCE = 4
PATIENCE_S = 20.0


@dataclass(slots=True)
class Row:
    """What became of one platform."""

    platform: Platform
    connection_id: str = ""
    sent: int = 0
    problems: list[str] = field(default_factory=list)
    entries: int = 0
    notices: int = 0
    unmapped: int = 0
    quarantined: int = 0

    @property
    def name(self) -> str:
        """The connector's name."""
        return self.platform.connector.name

    @property
    def events(self) -> int:
        """How many events the deliveries become."""
        return sum(len(one.events) for one in self.platform.chosen)

    @property
    def shown(self) -> bool:
        """Whether it was registered, all was accepted, and each delivery is seen as an entry or a notice."""
        return not self.problems and bool(self.entries + self.notices)


def tell_all(stage: Stage) -> list[Row]:
    """Registers, sends, waits until nothing moves, looks; one row per platform found in the folder."""
    rows = [_registered(stage, platform) for platform in every_platform()]
    sending = [(row, one) for row in rows if row.connection_id for one in row.platform.chosen]
    queues = _queues(stage.place)
    webhooks = {row.name: _webhooks(stage, row) for row in rows if row.connection_id}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = pool.map(partial(_send, stage.platforms, webhooks, queues, stage.place), *zip(*sending, strict=True))
        for (row, _one), problem in zip(sending, problems, strict=True):
            row.sent += 1
            row.problems += [problem] if problem else []
    settle(stage.place)
    return stage.operator.until(lambda _operator: _looked(stage, rows), _all_shown, PATIENCE_S)  # type: ignore[no-any-return]


def _all_shown(rows: list[Row]) -> bool:
    return all(row.shown for row in rows)


def _registered(stage: Stage, platform: Platform) -> Row:
    """The platform with its connection, made once; where the hub refuses it, or there is nothing to send, it says so."""
    row = Row(platform)
    if not platform.chosen:
        row.problems.append("no example becomes anything that the API shows")
        return row
    operated = {one["platform"]: one for one in drafts(stage.place, stage.known)}.get(row.name, {})
    operated = operated or account(stage.place, row.name, platform.connector.secret_names)
    if platform.connector.client and not operated:
        row.problems.append("the hub calls this platform, and there is no stand-in for it")
        return row
    try:
        view = stage.operator.post("/v1/connections", platform.draft(operated), key=f"story-all-{row.name}")
        row.connection_id, row.platform = view["id"], platform.on(view["id"])
    except Stop as stop:
        row.problems.append(str(stop))
    return row


def _webhooks(stage: Stage, row: Row) -> Mapping[str, str]:
    """The URLs to enter on the platform, with the token in its place."""
    found = stage.operator.get(f"/v1/connections/{row.connection_id}")["webhooks"]
    return {kind: url.replace("<signing secret>", SECRET.decode()) for kind, url in found.items()}


def _send(
    client: httpx.Client,
    webhooks: Mapping[str, Mapping[str, str]],
    queues: Mapping[str, str],
    place: Place,
    row: Row,
    one: Chosen,
) -> str:
    """Sends one delivery the way it comes; what went wrong, or nothing."""
    if one.source != "webhook":
        message = _event(one) if one.source == "eventbridge" else _record(row.platform, one)
        session().client("sqs", endpoint_url=place.endpoint).send_message(
            QueueUrl=queues[one.example.kind], MessageBody=message
        )
        return ""
    answer = _post(client, row.platform, one, webhooks[row.name][one.example.kind])
    return "" if answer.is_success else f"{one.example.name} was answered {answer.status_code}"


def _post(client: httpx.Client, platform: Platform, one: Chosen, url: str) -> httpx.Response:
    """The answer to the example, signed now with the platform's side of the connection's secret."""
    query = str(one.example.request.get("query", ""))
    unsigned = platform.evidence.request(one.example)
    unsigned = replace(unsigned, url=f"{url}?{query}" if query else url)
    sending = platform.connector.key_pair(SECRET)[0]
    request = signed(platform.connector, unsigned, sending, time.time())
    headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
    try:
        return client.request(request.method, request.url, content=request.body, headers=headers)
    except httpx.HTTPError as error:
        raise Stop(f"the webhook URL does not answer ({type(error).__name__}): is `make up` still running?") from error


def _event(one: Chosen) -> str:
    """The envelope as a rule of EventBridge puts it on the queue."""
    return one.example.body.decode()


def _record(platform: Platform, one: Chosen) -> str:
    """The record as EventBridge Pipes puts it on the queue."""
    return json.dumps(
        {
            "eventSource": "aws:kinesis",
            "eventSourceARN": platform.stream(),
            "approximateArrivalTimestamp": datetime.now(UTC).timestamp(),
            "data": base64.b64encode(one.example.body).decode(),
        }
    )


def _queues(place: Place) -> dict[str, str]:
    """The inbound queues by kind."""
    urls = session().client("sqs", endpoint_url=place.endpoint).list_queues().get("QueueUrls", [])
    named = [(url.rpartition("inbound-")[2], url) for url in urls if "inbound-" in url]
    return {kind: url for kind, url in named if not kind.endswith("-dead")}


def _looked(stage: Stage, rows: list[Row]) -> list[Row]:
    """The rows with what is seen of each now."""
    sightings = Sightings(stage.operator)
    return [_look(sightings, row) if row.connection_id else row for row in rows]


def _look(sightings: Sightings, row: Row) -> Row:
    entries = sightings.entries(row.connection_id, row.platform.chosen)
    notices = sightings.notices(row.connection_id)
    seen = {one.example.name: (of(one, entries), of(one, notices)) for one in row.platform.chosen}
    unseen = [f"{name} is not seen" for name, (timely, told) in seen.items() if not timely and not told]
    return replace(
        row,
        entries=len(set[str]().union(*(timely for timely, _told in seen.values()))),
        notices=len(set[str]().union(*(told for _timely, told in seen.values()))),
        problems=[*row.problems, *unseen],
        unmapped=sightings.set_aside(row.connection_id, "unmapped"),
        quarantined=sightings.set_aside(row.connection_id, "quarantine"),
    )


def table(rows: list[Row]) -> Table:
    """The rows as people read them."""
    shown = Table(title="Every platform", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "platform", "sent", "events", "timeline", "notices", "unmapped", "quarantine", ""):
        shown.add_column(heading, header_style="dim")
    for row in rows:
        mark = "[green]✓[/green]" if row.shown else "[red]✗[/red]"
        numbers = (row.sent, row.events, row.entries, row.notices, row.unmapped, row.quarantined)
        shown.add_row(mark, row.platform.connector.title, *map(str, numbers), Text("; ".join(row.problems)))
    return shown


def _lines(rows: list[Row]) -> Iterator[Any]:
    yield table(rows)
    missing = [row.name for row in rows if not row.shown]
    yield f"[red]not shown: {', '.join(missing)}[/red]" if missing else f"all {len(rows)} platforms are shown"


def main() -> int:
    """0 where every platform is shown, else 1."""
    place = from_arguments()
    try:
        stage = open_stage(place, Running.read(place.state_file))
        with show.working("a delivery of every platform, until nothing moves any more"):
            rows = tell_all(stage)
        for line in _lines(rows):
            show.console.print(line)
        return int(not _all_shown(rows))
    except OSError:
        show.stopped(Stop("nothing is up: run `make up` in another terminal first."))
    except Stop as stop:
        show.stopped(stop)
    return 1


if __name__ == "__main__":
    sys.exit(main())
