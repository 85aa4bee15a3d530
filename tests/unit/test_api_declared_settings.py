"""Declared settings: refused with the place of each mistake when they are saved, and when they are changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api_client import Client

MAP = [
    {"event": "contact.changed", "record": {"id": "data.id"}, "fields": {"email": "data.email"}, "time": "timestamp"}
]
WRONG = [{"event": "contact.changed", "record": {"id": "data.id"}, "fields": {"e_mail": "data.email"}, "time": "at"}]


def draft(rules: Any) -> dict[str, Any]:
    secrets = {"signing": "whsec_YSBzZWNyZXQgb2YgdHdlbnR5LWZvdXI="}
    return {"platform": "standard_webhooks", "name": "Shop", "settings": {"map": rules}, "secrets": secrets}


def test_a_valid_map_is_saved_as_it_was_declared() -> None:
    answer = Client().post("/v1/connections", draft(MAP))
    assert (answer.status, answer.json["settings"]["map"]) == (201, MAP)


def test_a_map_with_a_mistake_is_refused_and_the_place_is_named() -> None:
    answer = Client().post("/v1/connections", draft(WRONG))
    assert answer.status == 422
    assert "settings.map[0].fields.e_mail" in answer.text


def test_a_change_to_a_map_with_a_mistake_is_refused_and_nothing_changes() -> None:
    client = Client()
    created = client.post("/v1/connections", draft(MAP)).json
    path = f"/v1/connections/{created['id']}"
    assert client.call("PATCH", path, {"settings": {"map": WRONG}}).status == 422
    assert client.get(path).json["settings"]["map"] == MAP


@pytest.mark.parametrize("rules", [[{"event": 0.5}], [{"a": {"b": [[[[[[[["x"]]]]]]]]}}], [{"a": "x" * 2049}], [[]]])
def test_a_setting_that_no_table_takes_is_refused(rules: Any) -> None:
    assert Client().post("/v1/connections", draft(rules)).status == 422
