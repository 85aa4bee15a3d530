"""What a person reads in the terminal: progress, the steps of the story, the customer and the timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from infra.local.place import Stop
from infra.local.story.deciding import Deciding
from infra.local.story.outcome import Outcome
from infra.local.story.syncing import Syncing
from infra.local.story.telling import Telling

console = Console(highlight=False)
SHOWN_FIELDS = ("name", "phone", "mobile", "email", "title", "company")
PLATFORMS = {"hubspot": "HubSpot", "whatsapp_cloud": "WhatsApp", "twilio": "Twilio", "salesforce": "Salesforce"}


@contextmanager
def working(what: str) -> Iterator[Any]:
    """Shows that something goes on, and how long it took; call what is given with a line to show the progress."""
    started = datetime.now().astimezone()
    with console.status(what) as status:
        yield lambda line: status.update(f"{what} [dim]{_plain(line)[:90]}[/dim]")
    seconds = (datetime.now().astimezone() - started).total_seconds()
    console.print(f"[green]✓[/green] {what} [dim]{seconds:.0f} s[/dim]")


def stopped(stop: Stop) -> None:
    """The one sentence of a run that cannot go on."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]renkei:[/red] {_plain(str(stop))}")


def tell(telling: Telling, deciding: Deciding, syncing: Syncing) -> None:
    """Tells the story and its further chapters, line by line as it happens."""
    person = telling.person
    console.print(f"\n[bold]The story of {person.family} {person.given}[/bold], {person.phone_as_typed}")
    for number, (title, lines) in enumerate(chain(telling.steps(), deciding.steps(), syncing.steps()), 1):
        console.print(f"[bold cyan]{number}[/bold cyan] {title}")
        for line in lines:
            console.print(f"    {line.what} [dim]→[/dim] {line.became}")


def outcome(found: Outcome, decided: dict[str, bool]) -> bool:
    """The customer, the timeline, what HubSpot has, what was set aside; whether every promise was kept."""
    console.print()
    for customer in found.customers:
        console.print(_customer(customer))
    console.print(_timeline(found.timeline))
    console.print(_logged(found))
    console.print(_set_aside(found))
    kept = found.checks() | decided
    for promise, is_kept in kept.items():
        console.print(f"[green]✓[/green] {promise}" if is_kept else f"[red]✗ {promise}[/red]")
    return all(kept.values())


def addresses(api_url: str, webhooks: Mapping[str, str], standins: Mapping[str, str]) -> None:
    """Where everything is."""
    lines = {"API": api_url}
    lines |= {f"{PLATFORMS[platform]} webhook": url for platform, url in webhooks.items()}
    lines |= {f"stand-in {name}": url for name, url in standins.items()}
    console.print()
    for name, url in lines.items():
        console.print(Text(f"{name:<20}{url}"), soft_wrap=True)


def _customer(customer: Mapping[str, Any]) -> Panel:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name in SHOWN_FIELDS:
        if claim := customer["fields"].get(name):
            source = f"{PLATFORMS[claim['source']['platform']]}, {_time(claim['at'])}"
            table.add_row(f"[dim]{name}[/dim]", Text(str(claim["value"])), f"[dim]{source}[/dim]")
    known_as = [f"{one['kind'].replace('_', ' ')} {one['value']}" for one in customer["identifiers"]]
    return Panel(Group(table, Text("known as: " + " · ".join(known_as), style="dim")), title="Customer", expand=False)


def _timeline(entries: list[dict[str, Any]]) -> Table:
    table = Table(title="Timeline", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("when", "where", "what"):
        table.add_column(heading, header_style="dim")
    for entry in entries:
        table.add_row(_time(entry["at"]), PLATFORMS[entry["platform"]], Text(_SAY[entry["kind"]](entry["shown"])))
    return table


def _logged(found: Outcome) -> Table:
    table = Table(title="Logged in HubSpot", title_justify="left", box=None, show_header=False, pad_edge=False)
    for call in found.calls:
        values = call["properties"]
        seconds = int(values.get("hs_call_duration") or 0) // 1000
        table.add_row("call", Text(f"{values.get('hs_call_title')}, {seconds} s, {values.get('hs_call_status')}"))
    for message in found.messages:
        values = message["properties"]
        words = str(values.get("hs_communication_body")).replace("<br>", " ")
        table.add_row(values["hs_communication_channel_type"], Text(words))
    return table


def _set_aside(found: Outcome) -> Table:
    table = Table(title="Refused or set aside", title_justify="left", box=None, show_header=False, pad_edge=False)
    for one in found.refusals:
        table.add_row("refused", f"{one['count']} × {one['reason'].replace('_', ' ')}")
    for one in found.quarantined:
        table.add_row("set aside", Text(f"{PLATFORMS[one['platform']]}: {one['reason']}"))
    return table


def _say_message(shown: Mapping[str, Any]) -> str:
    captions = [one.get("caption") or "" for one in shown.get("media", ())]
    content = shown.get("content", "text")
    words = " ".join(filter(None, dict.fromkeys([shown.get("text"), *captions])))
    return words if content == "text" else f"[{content}] {words}"


def _say_call(shown: Mapping[str, Any]) -> str:
    recorded = ", recorded" if shown["recordings"] else ""
    return f"{shown['direction']} call, {shown['outcome'] or shown['state']}, {shown['duration_s']} s{recorded}"


def _say_record(shown: Mapping[str, Any]) -> str:
    fields = ", ".join(f"{name}: {value}" for name, value in shown["fields"].items())
    return f"{shown['record']['object']} {shown['change']} ({fields})" if fields else f"contact {shown['change']}"


def _say_notice(shown: Mapping[str, Any]) -> str:
    return str(shown["notice"])


_SAY: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "message": _say_message,
    "call": _say_call,
    "record": _say_record,
    "notice": _say_notice,
}


def _time(text: str) -> str:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone().strftime("%H:%M:%S")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
