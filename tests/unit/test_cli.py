"""The command: one word or one JSON object a line on stdout, one sentence on stderr, an exit code that can be trusted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub import cli, cli_input, docs_table
from hub.connector import load, names
from hub.delivery import Request

SECRET = "a-signing-secret-of-42"
NOW = 1_780_000_000.0  # 2026-05-28T20:26:40Z
URL = "https://hooks.example/webhooks/whatsapp/" + "0" * 26
TOKEN = "static-token-000000042"
LINE_BREAKING = "こんにちは\u2028<script>alert(1)</script>\x85\x1b[31m"


def whatsapp(text: str = "hello", message_type: str = "text") -> bytes:
    """A message as Meta documents it."""
    message: dict[str, Any] = {
        "from": "819012345678",
        "id": "wamid.T1",
        "timestamp": "1779999990",
        "type": message_type,
    }
    message[message_type] = {"body": text}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "815012345678", "phone_number_id": "1060001"},
        "contacts": [{"profile": {"name": "花子"}, "wa_id": "819012345678"}],
        "messages": [message],
    }
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1050001", "changes": [{"field": "messages", "value": value}]}],
    }
    return json.dumps(body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one sentence on stderr of a command that could not be carried out."""
        assert (self.code, self.out) == (2, "")
        (sentence,) = self.err.splitlines()
        assert sentence.endswith(".")
        return sentence


Run = Callable[..., Outcome]


@pytest.fixture
def renkei(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command in this process."""

    def run(*arguments: object) -> Outcome:
        code = cli.run([str(argument) for argument in arguments])
        sys.stderr.flush()
        captured = capfdbinary.readouterr()
        return Outcome(code, captured.out.decode(), captured.err.decode())

    return run


def as_program(*arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Outcome:
    """Runs the command as a program, piped."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": "functions", **(environment or {})},
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_bytes(whatsapp())
    return path


def signed(platform: str, body: bytes, method: str = "POST", url: str = URL, now: float = NOW) -> list[str]:
    """--header options as the platform would send them."""
    headers = load(platform).sign(Request(method, url, {}, body), SECRET.encode(), now)
    return [option for name, value in headers.items() for option in ("--header", f"{name}: {value}")]


def test_a_genuine_request_is_valid(renkei: Run, body: Path) -> None:
    headers = signed("whatsapp_cloud", whatsapp())
    outcome = renkei("verify", "whatsapp_cloud", body, "--url", URL, "--secret", SECRET, *headers)
    assert (outcome.code, outcome.out, outcome.err) == (0, "valid\n", "")


@pytest.mark.parametrize(
    "at", ["1780000000", "1780000000.5", "1780000000250", "2026-05-28T20:26:40Z", "2026-05-29T05:26:40.250+09:00"]
)
def test_the_time_of_arrival_is_unix_seconds_or_milliseconds_or_rfc_3339(renkei: Run, body: Path, at: str) -> None:
    headers = signed("hubspot", whatsapp())
    outcome = renkei("verify", "hubspot", body, "--url", URL, "--secret", SECRET, "--at", at, *headers)
    assert (outcome.code, outcome.out) == (0, "valid\n")


def test_without_a_time_it_is_now(renkei: Run, body: Path) -> None:
    headers = signed("hubspot", whatsapp())
    outcome = renkei("verify", "hubspot", body, "--url", URL, "--secret", SECRET, *headers)
    assert (outcome.code, outcome.out) == (1, f"invalid: {cli_input.REFUSALS['stale']}\n")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"--secret": "another"}, "wrong_signature"),
        ({"--url": URL + "?x=1"}, "wrong_signature"),
        ({"--method": "PUT"}, "wrong_signature"),
        ({"--at": "1780000301"}, "stale"),
        ({"--at": "1779999699"}, "future"),
        ({"--secret": None}, "no_secret"),
    ],
)
def test_what_is_not_genuine_is_invalid_with_the_reason(
    renkei: Run, body: Path, changes: Mapping[str, str | None], reason: str
) -> None:
    options: dict[str, str | None] = {"--url": URL, "--secret": SECRET, "--at": str(int(NOW)), **changes}
    given = [part for name, value in options.items() if value is not None for part in (name, value)]
    outcome = renkei("verify", "hubspot", body, *given, *signed("hubspot", whatsapp()))
    assert (outcome.code, outcome.out, outcome.err) == (1, f"invalid: {cli_input.REFUSALS[reason]}\n", "")


def test_where_the_url_is_not_signed_it_need_not_be_given(renkei: Run, body: Path) -> None:
    call = ("verify", "whatsapp_cloud", body, "--secret", SECRET)
    assert renkei(*call, *signed("whatsapp_cloud", whatsapp())).out == "valid\n"


def test_a_request_without_signature_or_with_half_of_one_is_invalid(renkei: Run, body: Path) -> None:
    call = ("verify", "whatsapp_cloud", body, "--url", URL, "--secret", SECRET)
    assert renkei(*call).out.startswith("invalid: the request carries no signature")
    assert renkei(*call, "--header", "X-Hub-Signature-256: sha256=zz").code == 1


def test_any_of_several_secrets_may_have_signed(renkei: Run, body: Path) -> None:
    headers = signed("whatsapp_cloud", whatsapp())
    secrets = ("--secret", "old", "--secret", SECRET)
    assert renkei("verify", "whatsapp_cloud", body, "--url", URL, *secrets, *headers).out == "valid\n"


@pytest.mark.parametrize(("token", "expected"), [(TOKEN, "valid\n"), ("another-token-00000042", "invalid: ")])
def test_a_token_in_the_path_is_checked_as_the_last_segment_of_the_url(
    renkei: Run, body: Path, token: str, expected: str
) -> None:
    url = f"https://hooks.example/webhooks/crm/{'0' * 26}/{token}"
    assert renkei("verify", "salesforce", body, "--url", url, "--secret", TOKEN).out.startswith(expected)


def test_a_delivery_becomes_its_events_one_json_object_a_line(renkei: Run, body: Path) -> None:
    outcome = renkei("map", "whatsapp_cloud", body)
    (event,) = outcome.lines
    assert (outcome.code, outcome.err) == (0, "")
    assert (event["specversion"], event["type"], event["platform"]) == ("1.0", "message.received", "whatsapp_cloud")
    assert event["data"]["text"] == "hello"


def test_mapping_twice_gives_the_same_bytes(renkei: Run, body: Path) -> None:
    assert renkei("map", "whatsapp_cloud", body).out == renkei("map", "whatsapp_cloud", body).out


def test_the_time_of_arrival_can_be_given(renkei: Run, body: Path) -> None:
    (event,) = renkei("map", "whatsapp_cloud", body, "--at", "2026-05-28T20:26:40Z").lines
    assert event["received"] == "2026-05-28T20:26:40.000Z"


def test_what_has_no_words_of_ours_follows_marked_so(renkei: Run, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(whatsapp().replace(b'"field": "messages"', b'"field": "something_new"'))
    (line,) = renkei("map", "whatsapp_cloud", file).lines
    assert line.keys() == {"unmapped", "type", "native"}
    assert (line["unmapped"], "something_new" in line["type"]) == (True, True)


def test_a_phone_without_country_code_is_read_in_the_region_given(renkei: Run, tmp_path: Path) -> None:
    form = "CallSid=CA00000000000000000000000000000042&From=090-1234-5678&To=%2B815012345678&CallStatus=ringing&Direction=inbound"
    file = tmp_path / "form"
    file.write_text(form)
    header = ("--header", "Content-Type: application/x-www-form-urlencoded")
    call = ("map", "twilio", file, "--kind", "telephony", *header)
    assert "+819012345678" in renkei(*call, "--region", "jp").out
    assert "+819012345678" in renkei(*call, "--setting", "default_region=JP").out
    assert "+819012345678" not in renkei(*call).out


def test_the_kind_comes_from_the_url_else_from_the_connector() -> None:
    twilio = load("twilio")
    assert cli_input.kind(twilio, None, "https://h.example/webhooks/telephony/x") == "telephony"
    assert cli_input.kind(twilio, None, "https://h.example/webhooks/whatsapp/x") == "whatsapp"
    assert cli_input.kind(twilio, None, None) == "whatsapp"
    assert cli_input.kind(twilio, "telephony", "https://h.example/webhooks/whatsapp/x") == "telephony"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 5000, b"null", b'{"object": 1, "object": 2}'])
def test_content_that_the_hub_would_quarantine_is_one_sentence(renkei: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "body"
    file.write_bytes(content)
    assert "quarantined" in renkei("map", "whatsapp_cloud", file).complaint


@pytest.mark.parametrize("command", [("verify", "--url", URL), ("map",)])
def test_an_unknown_connector_is_answered_with_the_known_ones(
    renkei: Run, body: Path, command: tuple[str, ...]
) -> None:
    for name in ("hubspott", "../hub", "", "hub.cli"):
        sentence = renkei(command[0], name, body, *command[1:]).complaint
        assert all(known in sentence for known in names())


@pytest.mark.parametrize("command", [("verify", "--url", URL), ("map",)])
def test_a_file_that_cannot_be_read_is_named(renkei: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    for file in (tmp_path / "missing", tmp_path, "a\nb", "n" * 5000, ""):
        assert "file" in renkei(command[0], "hubspot", file, *command[1:]).complaint


@pytest.mark.parametrize("header", ["X-Signature", ": x", "X Y: z", "", "X: a\r\nY: b", "Ж: x"])
def test_a_header_that_is_none_is_refused(renkei: Run, body: Path, header: str) -> None:
    assert "Name: value" in renkei("verify", "hubspot", body, "--url", URL, "--header", header).complaint
    assert "Name: value" in renkei("map", "hubspot", body, "--header", header).complaint


def test_a_header_given_twice_is_joined_as_the_gateway_does() -> None:
    assert cli_input.headers(["X-A: 1", "x-a:2", "B:  c: d "]) == {"x-a": "1,2", "b": "c: d"}


@pytest.mark.parametrize(
    "at",
    [
        "yesterday",
        "178000000000",
        "17800000000000",
        "nan",
        "-1",
        "2026-05-28",
        "2026-05-28T20:26:40",
        "2026-02-30T00:00:00Z",
        "١٢٣",
        "",
    ],
)
def test_a_time_that_is_none_is_refused(renkei: Run, body: Path, at: str) -> None:
    assert "time" in renkei("verify", "hubspot", body, "--url", URL, f"--at={at}").complaint
    assert "time" in renkei("map", "hubspot", body, f"--at={at}").complaint


@pytest.mark.parametrize("url", ["hooks.example", "ftp://x/y", "https://", "https://[", ""])
def test_a_url_that_is_none_is_refused(renkei: Run, body: Path, url: str) -> None:
    assert "URL" in renkei("verify", "hubspot", body, "--url", url).complaint


@pytest.mark.parametrize(
    "arguments",
    [
        ("map", "hubspot", "{body}", "--setting", "portal"),
        ("map", "hubspot", "{body}", "--setting", "=1"),
        ("map", "hubspot", "{body}", "--region", "Japan"),
        ("map", "hubspot", "{body}", "--kind", "telephony"),
        ("map", "hubspot", "{body}", "--method", "GE T"),
        ("map", "hubspot", "{body}", "--colour", "red"),
        ("map", "hubspot"),
        ("map",),
        ("verify", "hubspot"),
        ("verify", "hubspot", "{body}", "--url"),
        ("dance",),
        ("connectors", "now"),
    ],
)
def test_whatever_else_cannot_be_used_is_one_sentence_too(renkei: Run, body: Path, arguments: tuple[str, ...]) -> None:
    assert renkei(*(part.format(body=body) for part in arguments)).complaint


def test_help_is_shown_on_stdout(renkei: Run) -> None:
    for arguments in ((), ("--help",), ("verify", "--help"), ("map", "--help"), ("connectors", "--help")):
        outcome = renkei(*arguments)
        assert outcome.code == 0
        assert "--help" in outcome.out


def test_standard_input_is_a_file(body: Path) -> None:
    piped = as_program("map", "whatsapp_cloud", "-", stdin=whatsapp())
    assert (piped.code, piped.err) == (0, "")
    assert piped.out == as_program("map", "whatsapp_cloud", str(body)).out
    headers = signed("whatsapp_cloud", whatsapp())
    assert as_program(
        "verify", "whatsapp_cloud", "-", "--url", URL, "--secret", SECRET, *headers, stdin=whatsapp()
    ) == (Outcome(0, "valid\n", ""))


@pytest.mark.parametrize(
    "environment", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, {"COLUMNS": "20"}]
)
def test_piped_lines_are_whole_and_plain_in_any_surroundings(environment: Mapping[str, str]) -> None:
    outcome = as_program(
        "map", "whatsapp_cloud", "-", stdin=whatsapp(LINE_BREAKING), environment={**environment, "FORCE_COLOR": "1"}
    )
    (event,) = outcome.lines
    assert event["data"]["text"] == LINE_BREAKING
    assert not set(outcome.out) & set("\u2028\x85\x1b")
    table = as_program("connectors", environment=environment).out
    assert len(table.splitlines()) == len(names()) + 1
    assert "\x1b" not in table


def test_a_reader_that_goes_away_leaves_no_traceback() -> None:
    command = f'"{sys.executable}" -m hub.cli connectors --markdown | true'
    done = subprocess.run(
        command, shell=True, capture_output=True, env={**os.environ, "PYTHONPATH": "functions"}, timeout=60, check=False
    )
    assert done.stderr == b""


def test_the_program_ends_with_the_commands_exit_code() -> None:
    unknown = as_program("map", "nowhere", "-")
    assert (unknown.code, unknown.out, len(unknown.err.splitlines())) == (2, "", 1)
    assert as_program("verify", "hubspot", "-", "--url", URL, "--secret", "x").code == 1


def test_the_table_names_every_connector(renkei: Run) -> None:
    header, *rows = renkei("connectors").out.splitlines()
    assert [row.split()[0] for row in rows] == names()
    assert header.split() == list(docs_table.COLUMNS)


def test_the_table_in_the_documentation_is_current(renkei: Run) -> None:
    page = docs_table.page().read_text("utf-8")
    assert docs_table.with_table(page) == page, "run: python -m hub.docs_table --write"
    assert renkei("connectors", "--markdown").out.strip() in page


def test_the_table_is_brought_up_to_date_without_touching_the_rest_of_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{docs_table.BEGIN}\nold\n{docs_table.END}\nafter\n")
    assert docs_table.main(["--check"], file) == 1
    assert "-old" in capsys.readouterr().out
    assert docs_table.main(["--write"], file) == 0
    assert docs_table.main(["--check"], file) == 0
    assert file.read_text().startswith("before\n") and file.read_text().endswith("\nafter\n")


def test_a_page_without_a_place_for_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no markers"):
        docs_table.with_table("nothing here")
