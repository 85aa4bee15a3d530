"""The AsyncAPI document of all events, made from the code: `python -m hub.asyncapi --check` says what differs,
`--write` renews it.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from hub.asyncapi_examples import EXAMPLES
from hub.domain.events import EVENT_TYPES, Event, event_id
from hub.domain.routing import RULES, consumers
from hub.domain.values import Model

FILE = Path(__file__).with_name("asyncapi.json")
DESCRIPTION = (
    "What happened, in the hub's words: each event in a CloudEvents 1.0 envelope on the event bus, source"
    " `renkei.<platform>`, detail type = the event's type. Consumers' queues get the envelope itself."
    " Fields that say nothing are left out. Copies of an event have the same id; the order of arrival means nothing."
)
BUS = "events"
_SCHEMAS = "#/components/schemas/"


def document() -> str:
    """The document as indented JSON."""
    return json.dumps(specification(), indent=2, ensure_ascii=False) + "\n"


def specification() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel for the bus and one for each consumer's queue, a message for each type."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "renkei events", "version": "1", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            BUS: _channel("{bus}", "The event bus of a deployment.", EVENT_TYPES),
            **{queue: _channel(f"{{stack}}-{queue}", f"The queue {queue}.", _routed(queue)) for queue in RULES},
        },
        "operations": {
            "publish": {"action": "send", "channel": {"$ref": f"#/channels/{BUS}"}},
            **{queue: {"action": "receive", "channel": {"$ref": f"#/channels/{queue}"}} for queue in RULES},
        },
        "components": {"messages": {name: _message(name) for name in EVENT_TYPES}, "schemas": _schemas()},
    }


def _routed(queue: str) -> list[str]:
    return [name for name in EVENT_TYPES if queue in consumers(name)]


def _channel(address: str, description: str, types: Iterable[str]) -> dict[str, Any]:
    parameter = address[1 : address.index("}")]
    return {
        "address": address,
        "description": description,
        "parameters": {parameter: {"description": f"The deployment's {parameter}."}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types},
    }


def _message(name: str) -> dict[str, Any]:
    model, summary = EVENT_TYPES[name], EXAMPLES[name][0]
    specific = {"type": {"const": name}, "data": {"$ref": f"{_SCHEMAS}{model.__name__}"}}
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "description": _one_paragraph(model.__doc__),
        "contentType": "application/json",
        "tags": [{"name": name.partition(".")[0]}],
        "payload": {"allOf": [{"$ref": f"{_SCHEMAS}Event"}, {"properties": specific}]},
        "examples": [{"name": name.replace(".", "_"), "payload": example(name)}],
    }


def example(name: str) -> dict[str, Any]:
    """An event of this type as it is on the bus."""
    event = Event(
        id=event_id("example", name, "1"),
        type=name,
        source="/connections/example",
        subject="example",
        time="2026-11-20T09:00:00.000Z",
        connection="example",
        platform="example",
        delivery="d1",
        received="2026-11-20T09:00:00.500Z",
        raw="raw/2026/11/20/example.jsonl#0",
        data=dict(EXAMPLES[name][1]),
    )
    return event.model_dump(mode="json")


def _schemas() -> dict[str, Any]:
    models: list[type[Model]] = list(dict.fromkeys([Event, *EVENT_TYPES.values()]))
    _, made = models_json_schema([(one, "validation") for one in models], ref_template=_SCHEMAS + "{model}")
    schemas: dict[str, Any] = made["$defs"]
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = _one_paragraph(schema["description"])
    return dict(sorted(schemas.items()))


def _one_paragraph(text: str | None) -> str:
    return " ".join((text or "").split())


def main(arguments: Sequence[str], file: Path = FILE) -> int:
    """`--check` or `--write`; returns the exit code."""
    should = document()
    if "--write" in arguments:
        file.write_text(should, "utf-8")
        return 0
    present = file.read_text("utf-8") if file.exists() else ""
    sys.stdout.writelines(
        difflib.unified_diff(present.splitlines(True), should.splitlines(True), "checked in", "from the code")
    )
    return int(present != should)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
