"""The commands for people who watch the sync: how a connection stands, its account prepared, fields that wait for a choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from hub.cli_input import BadInput
from hub.cli_jobs import Connection, agreed, api_for, write

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
Why = Annotated[str, typer.Option(help="The reason, for whoever asks later.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(sync)
    app.command(name="set-up")(set_up)
    app.command()(conflicts)
    app.command()(choose)


def sync(
    context: typer.Context,
    connection: Connection,
    pause: Annotated[str | None, typer.Option(metavar="WHY", help="Write no fields for now, and why.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Write fields again.")] = False,
) -> int:
    """Shows how a connection stands with its platform, after it was paused or resumed if that was asked for."""
    if pause is not None and resume:
        raise BadInput("Say either --pause or --resume.")
    api, path = api_for(context), f"/v1/connections/{connection}/sync"
    if pause is not None:
        shown = api.post(f"{path}/pause", {"why": pause})
    else:
        shown = api.post(f"{path}/resume") if resume else api.get(path)
    for line in standing(shown):
        write(line)
    return 0


def set_up(context: typer.Context, connection: Connection, yes: Yes = False) -> int:
    """Shows what a set-up would create on the platform, and creates it if you agree."""
    api, path = api_for(context), f"/v1/connections/{connection}/set-up"
    plan = api.get(path)["plan"]
    for sentence in plan or ["Nothing is missing."]:
        write(_printable(sentence))
    if not plan:
        return 0
    if not yes and not agreed("Create it?", "Nothing was created"):
        return 1
    api.post(path, {"agreed": True})
    return 0


def conflicts(
    context: typer.Context,
    connection: Annotated[str | None, typer.Option(help="Only those in which it has a part.")] = None,
) -> int:
    """Lists the fields that wait for a person, newest first: customer, field, who says what since when, and why."""
    api, cursor = api_for(context), None
    while True:
        asked = {"limit": "100", "connection": connection, "cursor": cursor}
        page = api.get(f"/v1/field-conflicts?{urlencode({name: said for name, said in asked.items() if said})}")
        for one in page["conflicts"]:
            write(_printable(_waiting(one)))
        cursor = page["next"]
        if cursor is None:
            return 0


def choose(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    field: Annotated[str, typer.Argument(metavar="FIELD", help="The field, as `renkei conflicts` calls it.")],
    why: Why,
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="What it is; left out: nothing.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was chosen.")] = False,
) -> int:
    """Says what a field is: a claim of yours, which is written to the platforms and yields to what is said later."""
    if withdraw and value is not None:
        raise BadInput("Say either VALUE or --withdraw.")
    path = f"/v1/customers/{customer}/fields/{quote(field, safe='')}/choose"
    said = {"why": why} if withdraw else {"value": value, "why": why}
    after = api_for(context).post(f"{path}/withdraw" if withdraw else path, said)
    write(_printable(f"{after['field']} = {_text(after['value'])}"))
    return 0


def standing(shown: Mapping[str, Any]) -> Iterator[str]:
    """How a connection stands, line by line."""
    yield {"both": "Fields are read and written.", "in": "Fields are only read."}[shown["mode"]]
    if shown["paused"]:
        yield _printable(f"Paused since {shown['since']}: {shown['paused']}")
    yield f"{shown['waiting']} customers wait to be written, {shown['conflicts']} fields wait for a person."
    if shown["calls"] == "closed":
        yield f"The platform is not asked until {shown['calls_again_at']}."
    if shown["auth"] and shown["auth"]["sentence"]:
        yield _printable(f"Token: {shown['auth']['sentence']}")
    drift = shown["drift"]
    if drift["compared"] is not None:
        yield f"{drift['differing']} of {drift['compared']} records differed at {drift['at']}, {drift['repaired']} mended."
    yield from (f"Limit {one['name']}: {one['left']} of {one['most']} left." for one in shown["limits"])


def _waiting(one: Mapping[str, Any]) -> str:
    said = "; ".join(f"{_text(each['value'])} {each['source']['platform']} {each['at']}" for each in one["claims"])
    return f"{one['customer']} {one['field']}: {said}. {one['why']}"


def _text(value: str | None) -> str:
    return "nothing" if value is None else f'"{value}"'


def _printable(text: str) -> str:
    """What platforms hold must not steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
