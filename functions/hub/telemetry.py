"""One line per invocation: counters as CloudWatch EMF, a few fields, and nothing personal by construction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from hub.ports import Clock

NAMESPACE = "renkei"
MAX_NAMES = 40
MAX_FIELDS = 20
MAX_VALUE = 80
# The only field and dimension names that are written, and so the only values.
FIELDS = frozenset(
    {
        "at",
        "command",
        "connection",
        "effect",
        "error",
        "event_type",
        "kind",
        "operation",
        "outcome",
        "platform",
        "queue",
        "reason",
        "records",
        "route",
        "status",
        "type",
    }
)
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,60}")
_VALUE = re.compile(r"[A-Za-z0-9_ .,:;#/()'-]*")
# A number that could be a phone's, a long word with digits that could be a token.
_SUSPECT = re.compile(r"(?:[0-9][ ./()-]{0,2}){7,}|(?=[^ ]*[0-9])[^ ]{24,}")


class EmfTelemetry:
    """Counters and fields of one invocation, written as one JSON line by `write` (one call per flush)."""

    def __init__(self, clock: Clock, write: Callable[[str], object] = print) -> None:
        self._clock = clock
        self._write = write
        self._counts: dict[str, int] = {}
        self._details: dict[str, int] = {}
        self._fields: dict[str, str | int] = {}

    def count(self, name: str, n: int = 1, **dimensions: str) -> None:
        """Adds to the metric `name`; the sums per dimension values are in the line's `detail`."""
        if not _is_name(name) or (name not in self._counts and len(self._counts) >= MAX_NAMES):
            name, dimensions = "telemetry.dropped", {}
        self._counts[name] = self._counts.get(name, 0) + n
        if dimensions:
            self._add_detail(_detail(name, *[(key, str(value)) for key, value in dimensions.items()]), n)

    def note(self, **fields: str | int) -> None:
        """Adds fields to the line; those not in FIELDS are dropped."""
        for name, value in fields.items():
            if name in FIELDS and len(self._fields) < MAX_FIELDS:
                self._fields[name] = value if isinstance(value, int) else safe(name, str(value))

    def flush(self, function: str) -> None:
        """Writes the line and starts anew."""
        text = _encode(self._line(function))
        self._write(f"{text[:-1]},{self._metrics()}}}" if self._counts else text)
        self._counts, self._details, self._fields = {}, {}, {}

    def _add_detail(self, detail: str, n: int) -> None:
        if detail in self._details or len(self._details) < MAX_NAMES:
            self._details[detail] = self._details.get(detail, 0) + n

    def _line(self, function: str) -> dict[str, object]:
        line: dict[str, object] = {**self._fields, "function": function, **self._counts}
        if self._details:
            line["detail"] = dict(self._details)
        return line

    def _metrics(self) -> str:
        return (
            f'"_aws":{{"Timestamp":{int(self._clock.now() * 1000)},"CloudWatchMetrics":{_directives(*self._counts)}}}'
        )


@lru_cache(maxsize=64)
def _directives(*names: str) -> str:
    """What makes metrics of those counters, as JSON: always the same few."""
    metrics = [{"Name": name, "Unit": "Count"} for name in names]
    return _encode([{"Namespace": NAMESPACE, "Dimensions": [["function"]], "Metrics": metrics}])


@lru_cache(maxsize=256)
def _detail(name: str, *dimensions: tuple[str, str]) -> str:
    return "|".join([name, *(f"{key}={safe(key, value)}" for key, value in sorted(dimensions))])


@lru_cache(maxsize=256)
def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))


@lru_cache(maxsize=256)
def safe(name: str, value: str) -> str:
    """The value where its name is allowed and it cannot be an address, a number of a person or a text of theirs."""
    text = value[:MAX_VALUE]
    if name not in FIELDS or not _VALUE.fullmatch(text):
        return "?"
    return text if name == "connection" else _SUSPECT.sub("?", text)
