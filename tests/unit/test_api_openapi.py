"""The OpenAPI document is made from the code, checked in, and served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from api import openapi
from api.access import SCOPES
from tests.unit.api_client import AGENT, Client


def operations(spec: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path.replace("{", "<").replace("}", ">"), operation)
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_checked_in_is_current() -> None:
    assert openapi.FILE.read_text("utf-8") == openapi.document(), "run: python -m api.openapi --write"


def test_the_document_served_is_the_one_checked_in() -> None:
    answer = Client(scopes=(AGENT,)).get("/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.text == openapi.FILE.read_text("utf-8")


def test_every_operation_says_what_it_does_and_which_scope_it_needs() -> None:
    for method, path, operation in operations(openapi.specification()):
        assert operation["summary"] and operation["tags"], path
        assert operation["security"] == [{"token": [SCOPES[method, path]]}]
        assert {"401", "403"} <= operation["responses"].keys()


def test_every_reference_leads_somewhere_and_every_shape_is_used() -> None:
    spec = openapi.specification()
    references = {part.split('"')[0] for part in json.dumps(spec).split('"#/components/schemas/')[1:]}
    assert references == spec["components"]["schemas"].keys()


def test_no_answer_has_a_field_for_a_whole_secret() -> None:
    schemas = openapi.specification()["components"]["schemas"]
    assert schemas["SigningSecret"]["properties"].keys() == {"last_four", "id", "not_after"}
    assert schemas["SecretEnd"]["properties"].keys() == {"last_four"}


def test_check_prints_what_differs_and_write_mends_it(tmp_path: Path, capsys: Any) -> None:
    page = tmp_path / "openapi.json"
    page.write_text(openapi.document().replace('"title": "renkei"', '"title": "other"'))
    assert openapi.main(["--check"], page) == 1
    assert '-    "title": "other"' in capsys.readouterr().out
    assert openapi.main(["--write"], page) == 0
    assert openapi.main(["--check"], page) == 0
    assert capsys.readouterr().out == ""
