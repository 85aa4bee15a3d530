"""The commands for people who watch the sync: against the API itself, over an office of two CRMs."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

import pytest

from api import connection_store
from hub import cli
from hub.cli_jobs import Outside
from hub.settings import ApiAccess
from tests.harness.office import IDS, Office
from tests.unit.api_client import ADMIN, AGENT, Client, event, jwt_of

ACCESS = ApiAccess("https://api.example.com/", "a-token")
EMAIL = "mio@example.com"
Run = Callable[..., tuple[int, str, str]]


class Case:
    """One person whose titles differed before anybody knew that two records are hers."""

    def __init__(self) -> None:
        self.office = Office()
        self.buyer = self.office["hubspot"].enter(last_name="Kato", email=EMAIL, title="Buyer")
        self.office.settle()
        self.office.wait(600)
        self.head = self.office["salesforce"].enter(last_name="Kato", title="Head\x1b[2J")
        self.office.settle()
        self.office.wait(600)
        self.office["salesforce"].edit(self.head, email=EMAIL)
        self.office.settle()
        hub = self.office.world.plain_hub
        for crm in self.office.crms.values():
            connection_store.create(hub.connection_items, crm.connection)
        self.api = Client(hub, (ADMIN, AGENT))

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        body = base64.b64encode(content).decode() if content is not None else None
        kind = {"content-type": headers.get("Content-Type", "application/json")}
        request = event(method, parts.path, dict(parse_qsl(parts.query)), body, kind, jwt_of(ADMIN, AGENT))
        answer = self.api.send({**request, "isBase64Encoded": content is not None})
        return answer.status, answer.headers, answer.text.encode()


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.fixture
def renkei(case: Case, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command; exit code, what it printed, what it complained of."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments, Outside(ACCESS, case.ask))
        sys.stderr.flush()
        captured = capfdbinary.readouterr()
        return code, captured.out.decode(), captured.err.decode()

    return run


def test_what_waits_is_listed_and_what_a_platform_holds_does_not_steer_the_terminal(renkei: Run, case: Case) -> None:
    code, out, err = renkei("conflicts", "--connection", IDS["hubspot"])
    customer = case.office.customer("hubspot", case.buyer)
    assert (code, err) == (0, "") and customer is not None
    assert out.startswith(f"{customer.id} title: ")
    assert '"Buyer" hubspot ' in out and '"Head?[2J" salesforce ' in out
    assert renkei("conflicts", "--connection", "somewhere") == (0, "", "")


def test_a_choice_settles_it_and_can_be_taken_back(renkei: Run, case: Case) -> None:
    customer = case.office.customer("hubspot", case.buyer)
    assert customer is not None
    assert renkei("choose", customer.id, "title", "Director", "--why", "She said so") == (0, 'title = "Director"\n', "")
    case.office.settle()
    assert case.office["hubspot"].held(case.buyer, "title") == "Director"
    assert renkei("conflicts")[1] == ""
    code, out, _err = renkei("choose", customer.id, "title", "--withdraw", "--why", "It was another")
    assert (code, out) == (0, 'title = "Head?[2J"\n')


def test_a_connection_is_paused_shown_and_resumed(renkei: Run) -> None:
    code, out, _err = renkei("sync", IDS["hubspot"], "--pause", "We clean up there")
    assert code == 0
    assert out.splitlines()[0] == "Fields are read and written."
    assert out.splitlines()[1].startswith("Paused since 20") and "We clean up there" in out
    assert "0 customers wait to be written, 1 fields wait for a person." in out
    assert "Limit requests: " in out
    assert "Paused" not in renkei("sync", IDS["hubspot"], "--resume")[1]


def test_a_set_up_of_which_nothing_is_missing_says_so(renkei: Run) -> None:
    assert renkei("set-up", IDS["hubspot"]) == (0, "Nothing is missing.\n", "")


@pytest.mark.parametrize(
    "arguments",
    [("sync", IDS["hubspot"], "--pause", "x", "--resume"), ("choose", "c", "title", "v", "--withdraw", "--why", "x")],
)
def test_what_contradicts_itself_is_refused(renkei: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = renkei(*arguments)
    assert (code, out) == (2, "") and err.startswith("Say either ")


class Unprepared:
    """An API whose connection lacks a field on the platform; `posted` is what was agreed to."""

    def __init__(self) -> None:
        self.posted: list[bytes | None] = []

    def ask(
        self, method: str, _url: str, _headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        if method == "GET":
            return 200, {}, b'{"plan": ["Creates the field renkei_id."]}'
        self.posted.append(content)
        return 200, {}, b'{"done": ["Creates the field renkei_id."]}'


@pytest.mark.parametrize(("yes", "code", "posted"), [([], 2, []), (["--yes"], 0, [b'{"agreed": true}'])])
def test_nothing_is_created_before_somebody_agrees(
    yes: list[str], code: int, posted: list[bytes], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    api = Unprepared()
    assert cli.run(["set-up", IDS["hubspot"], *yes], Outside(ACCESS, api.ask)) == code
    assert api.posted == posted
    assert capfdbinary.readouterr().out == b"Creates the field renkei_id.\n"
