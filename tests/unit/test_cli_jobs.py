"""The commands that ask a deployment for work: against the API itself, with its workers between two looks."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from rich.console import Console

from hub import cli, cli_follow
from hub.cli_api import over_the_network
from hub.cli_input import BadInput
from hub.cli_jobs import Outside
from hub.connections import item_of
from hub.delivery import Connection
from hub.jobs import JobStore, job_of
from hub.memory import MemoryConnections, memory_hub
from hub.settings import ApiAccess
from tests.harness.listed import LISTED, Listed, account
from tests.harness.working import Short, deliver, file, queue_of
from tests.unit.api_client import ADMIN, Client, event, jwt_of

CONNECTION = Connection(LISTED, "hubspot", "Sales", created_at="2026-01-01T00:00:00Z")
ACCESS = ApiAccess("https://api.example.com/", "a-token")
IMPORTED_MS, LATER_MS = 1_780_000_000_000, 1_790_000_100_000


@dataclass
class Deployment:
    """An API and its workers; `ask` is what the commands send."""

    listed: Listed = field(default_factory=lambda: account(450, modified_ms=IMPORTED_MS))
    api: Client = field(default_factory=lambda: Client(memory_hub(connections=MemoryConnections([CONNECTION]))))
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.api.connection_items.put(item_of(CONNECTION))

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        self.tokens.add(headers["Authorization"])
        body = base64.b64encode(content).decode() if content is not None else None
        kind = {"content-type": headers.get("Content-Type", "application/json")}
        request = event(method, parts.path, dict(parse_qsl(parts.query)), body, kind, jwt_of(ADMIN))
        answer = self.api.send({**request, "isBase64Encoded": content is not None})
        return answer.status, answer.headers, answer.text.encode()

    def work(self, _seconds: float) -> None:
        """What the workers do while the command sleeps: two pages."""
        for queue in ("import-records", "reconcile-records"):
            if queue_of(self.api.hub).messages.get(queue):
                deliver(self.api.hub, self.listed, Short(self.listed, 2), queue)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


@pytest.fixture
def renkei(deployment: Deployment, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command against the deployment; exit code, what it printed, what it complained of."""

    def run(*arguments: str, access: ApiAccess = ACCESS) -> tuple[int, str, str]:
        code = cli.run(arguments, Outside(access, deployment.ask, deployment.work))
        sys.stderr.flush()
        captured = capfdbinary.readouterr()
        return code, captured.out.decode(), captured.err.decode()

    return run


def test_an_import_is_followed_to_its_end_in_plain_lines(renkei: Run, deployment: Deployment) -> None:
    code, out, err = renkei("import", LISTED)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == "waiting: 0 records"
    assert lines[1].startswith("running: 202 of 452 records, contact")
    assert lines[-1] == "done: read 450, new 450."
    assert deployment.tokens == {"Bearer a-token"}


def test_a_started_job_can_be_left_and_followed_later(renkei: Run) -> None:
    code, out, _err = renkei("import", LISTED, "--kind", "contact", "--no-wait")
    assert (code, len(out.split())) == (0, 1)
    assert renkei("job", out.strip())[1].endswith("done: read 450, new 450.\n")


def test_a_comparison_that_waits_for_a_person_says_why_and_is_no_success(renkei: Run, deployment: Deployment) -> None:
    renkei("import", LISTED)
    file(deployment.api.hub)
    for row in deployment.listed.rows.values():
        row.title, row.modified_ms = "?", LATER_MS
    code, out, _err = renkei("reconcile", LISTED)
    assert code == 1
    assert "450 of 450 records differ" in out.splitlines()[-1]


def test_a_complete_comparison_is_asked_for(renkei: Run, deployment: Deployment) -> None:
    renkei("reconcile", LISTED, "--complete", "--kind", "contact", "--no-wait")
    [job] = [job_of(one) for one in JobStore(deployment.api.store).page(10).items]
    assert (job.options["complete"], job.asked) == (True, ("contact",))


@pytest.mark.parametrize(
    ("arguments", "access", "complaint"),
    [
        (("import", "unknown"), ACCESS, "There is no such connection."),
        (("import", LISTED, "--kind", "shoes"), ACCESS, "The request has fields that cannot be used."),
        (("job", "unknown"), ACCESS, "There is no such job."),
        (("import", LISTED), ApiAccess(), "Set RENKEI_API_URL"),
        (("import", LISTED), ApiAccess("http://api.example.com", "t"), "RENKEI_API_URL does not start with https://."),
        (("csv", "no-such-file.csv"), ACCESS, "There is no file 'no-such-file.csv'."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    renkei: Run, arguments: tuple[str, ...], access: ApiAccess, complaint: str
) -> None:
    code, out, err = renkei(*arguments, access=access)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(complaint)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes("Nr,氏名,携帯電話\n7,佐藤 花子,9012345678\n8,鈴木,8.19E+11\n".encode("cp932"))
    return path


def test_a_file_is_shown_mapped_imported_and_its_report_saved(renkei: Run, people: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    code, out, err = renkei("csv", str(people), "--region", "jp", "--column", "Nr=id", "--yes", "--report", str(report))
    assert (code, err) == (0, "")
    assert out.splitlines()[:5] == [
        f"people.csv: {people.stat().st_size} bytes, cp932, separated by ,",
        "  Nr -> id",
        "  氏名 -> name",
        "  携帯電話 -> mobile",
        "  row 2: imported. 携帯電話: The spreadsheet had dropped what it began with; it was put back.",
    ]
    assert out.splitlines()[-1] == "done: read 2, imported 1, partly 1."
    saved = report.read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in saved] == [
        ["row", "what happened"],
        ["2", "imported"],
        ["3", "imported in part"],
    ]


def test_nothing_is_imported_where_nobody_could_agree(renkei: Run, people: Path, deployment: Deployment) -> None:
    code, _out, err = renkei("csv", str(people), "--region", "JP")
    assert (code, err) == (2, "Nothing was imported: say --yes if this is right.\n")
    assert JobStore(deployment.api.store).page(10).items == ()


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (["Shoes=id"], "There is no column 'Shoes'; there are Nr, 氏名, 携帯電話."),
        (["id"], "The column 'id' is not of the form 'Header=field'."),
        (["Nr=", "携帯電話="], "No column tells people apart"),
    ],
)
def test_a_column_that_cannot_be_mapped_so_is_refused(
    renkei: Run, people: Path, columns: list[str], complaint: str
) -> None:
    options = [option for column in columns for option in ("--column", column)]
    code, _out, err = renkei("csv", str(people), "--yes", *options)
    assert code == 2
    assert err.startswith(complaint)


def test_on_a_terminal_there_is_a_bar_with_count_rate_and_time_left() -> None:
    job = {"status": "running", "read": 42_000, "total": 98_500, "rate": 210.4, "left_s": 268, "counts": {}}
    job |= {"kinds": [{"kind": "contact", "done": False}], "reason": ""}
    console = Console(width=120, force_terminal=True, color_system=None)
    with console.capture() as shown, cli_follow.bar(console) as progress:
        task = progress.add_task("", total=None, rate="", left="")
        cli_follow._show(progress, task, job)
    assert "running contact" in shown.get()
    assert "42000/98500" in shown.get()
    assert "43%" in shown.get()
    assert "210.4 a second 0:04:28 left" in shown.get()


def test_an_api_that_nobody_answers_for_is_said_to_be_out_of_reach() -> None:
    with pytest.raises(BadInput, match="cannot be reached"):
        over_the_network("GET", "http://127.0.0.1:9/v1/jobs", {}, None)
