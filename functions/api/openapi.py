"""The OpenAPI document, made from the code: `python -m api.openapi --check` says what differs, `--write` renews it."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.access import SCOPES
from api.problems import CONTENT_TYPE, ProblemBody

FILE = Path(__file__).with_name("openapi.json")
TITLE = "renkei"
DESCRIPTION = "One conversation per customer: customers, timelines, connections and what was set aside."
ERRORS = {"400": "Not readable", "401": "No valid token", "403": "The scope is missing", "422": "Fields not usable"}
POWERTOOLS_ERRORS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")  # shapes that are never sent


def document() -> str:
    """The document as indented JSON."""
    return json.dumps(specification(), indent=2, ensure_ascii=False) + "\n"


def specification() -> dict[str, Any]:
    """The document with each route's scope and the shape of errors."""
    from api.app import app

    spec: dict[str, Any] = json.loads(app.get_openapi_json_schema(title=TITLE, version="1", description=DESCRIPTION))
    _add_shapes(spec["components"]["schemas"])
    spec["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for (method, path), scope in SCOPES.items():
        _describe(spec["paths"][path.replace("<", "{").replace(">", "}")][method.lower()], scope)
    return spec


def _add_shapes(schemas: dict[str, Any]) -> None:
    problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update({**problem.pop("$defs", {}), "Problem": problem})
    for shape in POWERTOOLS_ERRORS:
        schemas.pop(shape, None)


def _describe(operation: dict[str, Any], scope: str) -> None:
    shape = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    in_path = any(one["in"] == "path" for one in operation.get("parameters", ()))
    errors = {**ERRORS, **({"404": "There is no such thing"} if in_path else {})}
    operation["security"] = [{"token": [scope]}]
    operation["responses"].update({code: {"description": text, "content": shape} for code, text in errors.items()})


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
