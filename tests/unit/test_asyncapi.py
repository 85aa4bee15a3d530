"""The AsyncAPI document is made from the code and checked in; it says of every event what the code says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub import asyncapi
from hub.asyncapi_examples import EXAMPLES
from hub.domain.events import EVENT_TYPES, Event
from hub.domain.routing import RULES, consumers

SPEC = asyncapi.specification()
TYPES = sorted(EVENT_TYPES)


def payload_errors(name: str, payload: dict[str, Any]) -> list[str]:
    schema = {**SPEC["components"]["messages"][name]["payload"], "components": SPEC["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(payload)]


def resolve(pointer: str) -> Any:
    found: Any = SPEC
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [one for value in node.values() for one in references(value)]
    return [one for value in node for one in references(value)] if isinstance(node, list) else []


def test_the_document_checked_in_is_current() -> None:
    assert asyncapi.FILE.read_text("utf-8") == asyncapi.document(), "run: python -m hub.asyncapi --write"


def test_every_event_type_is_a_message_with_a_sentence_a_description_and_an_example_and_none_besides() -> None:
    messages = SPEC["components"]["messages"]
    assert messages.keys() == EVENT_TYPES.keys() == EXAMPLES.keys()
    for name, message in messages.items():
        assert message["summary"].endswith(".") and message["description"].endswith((".", ")", "…")), name
        assert [one["payload"]["type"] for one in message["examples"]] == [name]


@pytest.mark.parametrize("name", TYPES)
def test_an_example_is_an_event_of_its_type_and_fits_its_schema(name: str) -> None:
    payload = SPEC["components"]["messages"][name]["examples"][0]["payload"]
    assert payload_errors(name, payload) == []
    assert isinstance(Event.model_validate(payload).body(), EVENT_TYPES[name])


@pytest.mark.parametrize("name", TYPES)
def test_a_schema_refuses_another_type_and_data_that_the_model_refuses(name: str) -> None:
    payload = asyncapi.example(name)
    assert payload_errors(name, {**payload, "type": "other.type"})
    assert payload_errors(name, {**payload, "data": {**payload["data"], "no_such_field": 1}})
    assert payload_errors(name, {key: value for key, value in payload.items() if key != "connection"})


def test_every_reference_leads_somewhere_and_every_shape_is_used() -> None:
    found = references(SPEC)
    assert all(resolve(one) is not None for one in found)
    shapes = {one.removeprefix("#/components/schemas/") for one in found if "/schemas/" in one}
    assert shapes == SPEC["components"]["schemas"].keys()


def test_the_document_is_built_as_asyncapi_3_wants_it() -> None:
    assert SPEC["asyncapi"] == "3.0.0"
    assert SPEC["info"].keys() >= {"title", "version"}
    for operation in SPEC["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert resolve(operation["channel"]["$ref"])["address"]
    for channel in SPEC["channels"].values():
        assert all(f"{{{name}}}" in channel["address"] for name in channel["parameters"])


def test_a_queue_gets_what_its_rule_lets_through() -> None:
    assert SPEC["channels"].keys() == {"events", *RULES}
    assert SPEC["channels"]["events"]["messages"].keys() == EVENT_TYPES.keys()
    for queue in RULES:
        expected = {name for name in EVENT_TYPES if queue in consumers(name)}
        assert expected and SPEC["channels"][queue]["messages"].keys() == expected


def test_check_prints_what_differs_and_write_mends_it(tmp_path: Path, capsys: Any) -> None:
    page = tmp_path / "asyncapi.json"
    page.write_text(asyncapi.document().replace('"title": "renkei events"', '"title": "other"'))
    assert asyncapi.main(["--check"], page) == 1
    assert '-    "title": "other"' in capsys.readouterr().out
    assert asyncapi.main(["--write"], page) == 0
    assert asyncapi.main(["--check"], page) == 0
    assert json.loads(page.read_text("utf-8")) == SPEC
