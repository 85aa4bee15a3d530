"""The line of an invocation: counters that CloudWatch understands, and nothing personal whatever is handed in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.memory import FakeClock
from hub.telemetry import FIELDS, MAX_NAMES, EmfTelemetry

PERSONAL = (
    "+819012345678",
    "090-1234-5678",
    "09012345678",
    "hanako@example.com",
    "佐藤 花子",
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0",
    'a"b',
    "a\nb",
)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def telemetry(lines: list[str]) -> EmfTelemetry:
    return EmfTelemetry(FakeClock(1_790_000_000.5), lines.append)


def test_a_line_holds_counters_as_metrics_and_fields_beside_them(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.count("ingest.refused", reason="stale", platform="hubspot")
    telemetry.count("ingest.refused", 2, platform="hubspot", reason="malformed")
    telemetry.count("ingest.accepted")
    telemetry.note(records=3, kind="crm")
    telemetry.flush("ingest_crm")
    (line,) = lines
    metrics = [{"Name": "ingest.refused", "Unit": "Count"}, {"Name": "ingest.accepted", "Unit": "Count"}]
    directive = {"Namespace": "renkei", "Dimensions": [["function"]], "Metrics": metrics}
    assert json.loads(line) == {
        "records": 3,
        "kind": "crm",
        "function": "ingest_crm",
        "ingest.refused": 3,
        "ingest.accepted": 1,
        "detail": {
            "ingest.refused|platform=hubspot|reason=stale": 1,
            "ingest.refused|platform=hubspot|reason=malformed": 2,
        },
        "_aws": {"Timestamp": 1_790_000_000_500, "CloudWatchMetrics": [directive]},
    }
    assert "\n" not in line


def test_every_invocation_writes_one_line_and_starts_anew(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.count("a")
    telemetry.note(kind="crm")
    telemetry.flush("f")
    telemetry.flush("f")
    assert json.loads(lines[1]) == {"function": "f"}


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("name", ["reason", "phone", "body"])
def test_no_personal_value_gets_into_the_line(telemetry: EmfTelemetry, lines: list[str], name: str, value: str) -> None:
    telemetry.count("ingest.refused", 1, **{name: value})
    fields: dict[str, Any] = {name: value}
    telemetry.note(**fields)
    telemetry.flush("f")
    assert value not in lines[0]
    assert not any(part in lines[0] for part in value.split() if len(part) > 6)
    assert "5678" not in lines[0]


def test_a_connections_id_is_no_persons_number(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.note(connection="ab12345678" + "c" * 16)
    telemetry.flush("f")
    assert json.loads(lines[0])["connection"] == "ab12345678" + "c" * 16


def test_a_name_that_is_not_listed_is_dropped(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.note(**dict.fromkeys([*FIELDS, "customer"], "x"))
    telemetry.flush("f")
    assert set(json.loads(lines[0])) == FIELDS | {"function"}


def test_a_metric_with_an_odd_name_is_counted_as_dropped(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.count("+81 90", 3)
    telemetry.flush("f")
    assert json.loads(lines[0])["telemetry.dropped"] == 3
    assert "+81" not in lines[0]


def test_a_line_is_bounded(telemetry: EmfTelemetry, lines: list[str]) -> None:
    for number in range(10 * MAX_NAMES):
        telemetry.count(f"m{number}", 1, reason="x" * 500)
        telemetry.count("one", 1, reason=f"r{number}")
    telemetry.flush("f")
    assert len(lines[0]) < 20_000
