"""The OpenAPI document, made from the code: `python -m api.openapi --check` says what differs, `--write` renews it."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api import openapi_headers
from api.access import SCOPES
from api.body import TAKES_BYTES
from api.examples import EXAMPLES, IN_PATH, Example
from api.problems import ProblemBody

FILE = Path(__file__).with_name("openapi.json")
TITLE = "renkei"
BYTES = "application/octet-stream"
DESCRIPTION = (
    "One conversation per customer: who is who and why, timelines, conversations, connections and what was set aside. "
    "Every error is application/problem+json whose `detail` is a sentence for people."
)
ERRORS = {
    "400": "Not readable",
    "401": "No valid token",
    "403": "The scope is missing",
    "422": "Fields not usable",
    "500": "A defect of the hub",
    "503": "Not just now: ask again, after Retry-After seconds where it is given",
}
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
        operation = spec["paths"][path.replace("<", "{").replace(">", "}")][method.lower()]
        _describe(operation, scope, openapi_headers.describe(operation, method, path))
        if path in TAKES_BYTES:
            operation["requestBody"] = {"required": True, "content": {BYTES: {"schema": {"type": "string"}}}}
        _exemplify(operation, EXAMPLES.get((method, path)))
    return spec


def _add_shapes(schemas: dict[str, Any]) -> None:
    problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update({**problem.pop("$defs", {}), "Problem": problem})
    for shape in POWERTOOLS_ERRORS:
        schemas.pop(shape, None)


def _describe(operation: dict[str, Any], scope: str, more: Mapping[str, str]) -> None:
    in_path = any(one["in"] == "path" for one in operation.get("parameters", ()))
    errors = {**ERRORS, **({"404": "There is no such thing"} if in_path else {}), **more}
    operation["security"] = [{"token": [scope]}]
    operation["responses"].update({code: openapi_headers.problem(text) for code, text in errors.items()})


def _exemplify(operation: dict[str, Any], example: Example | None) -> None:
    """Adds the example of a call to its parameters, its body and its answer."""
    if example is None:
        return
    for parameter in operation.get("parameters", ()):
        known = IN_PATH if parameter["in"] == "path" else example.asked
        if parameter["in"] != "header" and parameter["name"] in known:
            parameter["example"] = known[parameter["name"]]
    if example.sent is not None:
        _only(operation["requestBody"]["content"])["example"] = example.sent
    _only(operation["responses"]["200"]["content"])["example"] = example.answered


def _only(content: dict[str, Any]) -> dict[str, Any]:
    """What a body holds, of its one kind."""
    [body] = content.values()
    found: dict[str, Any] = body
    return found


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
