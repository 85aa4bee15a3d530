"""Tokens: one refresh for all workers, kept before it is used, foreseen, and dead in a way that a person can mend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hub.connector import Connector
from hub.delivery import Connection
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.http_transport import MaybeSent
from hub.memory import MemoryBus, MemorySecrets, MemoryTelemetry, memory_hub
from hub.oauth_grant import Grant
from hub.oauth_state import Lease
from hub.outbound import OAuth
from hub.outgoing import http_for, tokens_of
from hub.ports import Http, HttpResponse
from hub.wiring import Hub
from infra.local.standins.oauth_server import JWT_BEARER, OAuthServer
from infra.local.standins.server import Answer, Call, Standin
from tests.harness.platforms import Platforms
from tests.unit.at_once import Gone, Simulation, SlowStore
from tests.unit.example_connector import CONNECTOR

ID = "c1"
HOST = "api.example.com"
URL = f"https://{HOST}/things"
SECRET = "client-secret-canary"
OAUTH = OAuth(f"https://{HOST}/oauth/token", f"https://{HOST}/oauth/authorize", pkce=True)


class SlowSecrets(MemorySecrets):
    """Secrets whose every call takes a moment, and of which each worker remembers what it read for five minutes."""

    def __init__(self, simulation: Simulation, stored: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(stored)
        self.simulation = simulation
        self.writes = 0
        self.fails = 0
        self.before_write: Callable[[], None] = lambda: None

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
        self.simulation.sleep(0.01)
        return super().read(connection_id, fresh=fresh)

    def write(self, connection_id: str, secrets: Mapping[str, Any]) -> None:
        self.simulation.sleep(0.05)
        self.before_write()
        if self.fails:
            self.fails -= 1
            raise Retry("PutSecretValue: status 500")
        self.writes += 1
        super().write(connection_id, secrets)


class Remembering:
    """One worker's cached view of the secrets."""

    def __init__(self, secrets: SlowSecrets) -> None:
        self._secrets = secrets
        self._known: Mapping[str, Any] | None = None

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
        if fresh or self._known is None:
            self._known = self._secrets.read(connection_id)
        return self._known

    def write(self, connection_id: str, secrets: Mapping[str, Any]) -> None:
        self._secrets.write(connection_id, secrets)
        self._known = secrets

    def hash_key(self) -> bytes:
        return self._secrets.hash_key()


@dataclass
class World:
    """A connection with tokens, its platform, and workers in simulated time."""

    oauth: OAuth = OAUTH
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=lambda: {"client_id": "app"})
    server: OAuthServer = field(default_factory=lambda: OAuthServer("app", SECRET))
    simulation: Simulation = field(init=False)
    trouble: Callable[[Call], int | str | None] = lambda _call: None

    def __post_init__(self) -> None:
        self.simulation = Simulation(self.seed)
        self.server.now = self.simulation.now
        self.secrets = SlowSecrets(self.simulation, {ID: {"client_secret": SECRET, "signing": [{"value": "kept"}]}})
        self.store = SlowStore(self.simulation)
        self.telemetry, self.bus = MemoryTelemetry(), MemoryBus()
        self.asked: list[str | None] = []
        server = self.server.standin()
        routes = (*server.routes, ("GET", "/things", self._things), ("POST", "/things", self._things))
        self.platforms = Platforms(
            {HOST: Standin(routes, lambda _call: None, Answer(404, {"error": "not_found"}))},
            lambda call: self.trouble(call),
        )
        self.connection = Connection(ID, "example", settings=self.settings)
        self.connector: Connector = replace(CONNECTOR, title="Example", oauth=self.oauth, hosts=(HOST,))

    def _things(self, call: Call) -> Answer:
        self.asked.append(call.bearer)
        return Answer(200, {}) if self.server.good(call.bearer) else Answer(401, {"error": "invalid_token"})

    def granted(self, ends_in_s: int = -1, **more: Any) -> World:
        """As after an authorization whose access token ends in so many seconds."""
        now = int(self.simulation.now())
        grant = Grant("old", "authorization_code", now + ends_in_s - 1800, now + ends_in_s, self.server.refresh_token())
        self.secrets.stored[ID] = replace(grant, **more).within(self.secrets.stored[ID])
        return self

    def exchange(self, *parts: Any) -> HttpResponse:
        self.simulation.sleep(0.2)
        return self.platforms.exchange(*parts)

    def hub(self) -> Hub:
        """One worker's hub."""
        return memory_hub(
            connection_items=self.store,
            secrets=Remembering(self.secrets),
            clock=self.simulation,
            telemetry=self.telemetry,
            bus=self.bus,
            http=HttpClient(self.simulation, exchange=self.exchange),
        )

    def http(self) -> Http:
        return http_for(self.hub(), self.connection, self.connector)

    def get(self, http: Http | None = None) -> HttpResponse:
        return (http or self.http()).request("GET", URL, hosts=[HOST])

    def stored(self) -> Grant:
        grant = Grant.of(self.secrets.stored[ID])
        assert grant is not None
        return grant

    def state(self) -> Any:
        return Lease(self.store.store, self.simulation, ID).read()

    def at_once(self, workers: int) -> list[HttpResponse]:
        answers: list[HttpResponse] = []
        https = [self.http() for _ in range(workers)]

        def work(http: Http) -> Callable[[], None]:
            return lambda: answers.append(self.get(http))

        self.simulation.run([work(http) for http in https])
        return answers


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rotates", [True, False])
def test_of_50_workers_that_need_a_token_one_asks_for_it(seed: int, rotates: bool) -> None:
    world = World(seed=seed, server=OAuthServer("app", SECRET, rotates=rotates)).granted()
    answers = world.at_once(50)
    assert [answer.status for answer in answers] == [200] * 50
    assert world.server.requests == {"refresh_token": 1}
    assert world.secrets.writes == 1
    assert set(world.asked) == set(world.server.issued)


@pytest.mark.parametrize("seed", range(5))
def test_of_50_workers_whose_token_is_refused_one_asks_for_another(seed: int) -> None:
    world = World(seed=seed).granted(ends_in_s=3000)
    answers = world.at_once(50)
    assert [answer.status for answer in answers] == [200] * 50
    assert world.server.requests == {"refresh_token": 1}


def test_a_rotated_refresh_token_is_kept_before_the_new_access_token_is_used() -> None:
    world = World().granted()
    before, asked_then = world.stored().refresh_token, list[str | None]()
    world.secrets.before_write = lambda: asked_then.extend(world.asked)
    assert world.get().status == 200
    assert (asked_then, world.asked) == ([], world.server.issued)
    assert world.stored().refresh_token not in ("", before)
    assert world.stored().access_token == world.server.issued[-1]
    assert world.secrets.stored[ID]["signing"] == [{"value": "kept"}]


def test_a_refresh_token_that_the_answer_does_not_replace_stays() -> None:
    world = World(server=OAuthServer("app", SECRET, rotates=False)).granted()
    before = world.stored().refresh_token
    world.get()
    assert world.stored().refresh_token == before


def test_a_token_is_renewed_before_its_end() -> None:
    world = World().granted(ends_in_s=120)
    assert world.get().status == 200
    assert world.asked == world.server.issued


def test_a_token_that_lasts_is_left_alone() -> None:
    world = World().granted(ends_in_s=1000, access_token="good")
    world.server._ends_at["good"] = world.simulation.now() + 1000
    for _ in range(3):
        assert world.get().status == 200
    assert world.server.requests == {}


def test_while_the_token_is_still_good_nobody_waits_for_the_next_and_no_failure_stops_work() -> None:
    world = World().granted(ends_in_s=120, access_token="good")
    world.server._ends_at["good"] = world.simulation.now() + 120
    world.trouble = lambda call: 503 if call.path == "/oauth/token" else None
    http = world.http()
    for _ in range(5):
        assert world.get(http).status == 200
    assert world.platforms.met["503"] == 1
    world.trouble = lambda _call: None
    world.simulation.sleep(61)
    assert world.get(http).status == 200
    assert world.asked[-1] == world.server.issued[-1]


def test_a_dead_refresh_token_stops_the_connection_alone_and_says_how_to_mend_it() -> None:
    world = World().granted(refresh_token="revoked")
    for _ in range(3):
        with pytest.raises(Retry) as parked:
            world.get()
        assert parked.value.after_s == 900
        assert parked.value.reason == "Example gives no access token (invalid_grant): authorize the connection again"
    assert world.server.requests == {"refresh_token": 1}
    assert world.asked == []
    assert world.state().state == "needs_reauth"
    assert world.telemetry.counters["oauth.needs_reauth"] == 1
    [event] = world.bus.events
    assert (event["type"], event["data"]["severity"]) == ("account.notice", "critical")
    other = replace(world.connection, id="c2")
    world.secrets.stored["c2"] = replace(world.stored(), refresh_token=world.server.refresh_token()).within(
        {"client_secret": SECRET}
    )
    assert http_for(world.hub(), other, world.connector).request("GET", URL, hosts=[HOST]).status == 200


def test_work_goes_on_when_a_person_has_authorized_again() -> None:
    world = World(server=OAuthServer("app", SECRET, redirect_uri="https://hub.example.com/cb")).granted(
        refresh_token="dead"
    )
    with pytest.raises(Retry):
        world.get()
    tokens = tokens_of(world.hub(), world.connection, world.connector, world.oauth)
    tokens.authorize(world.server.code(), "https://hub.example.com/cb", "")
    assert world.state().state == "ok"
    assert world.get().status == 200


@pytest.mark.parametrize(
    ("status", "body", "mend"),
    [
        (400, '{"error": "invalid_grant", "error_description": "canary"}', "authorize the connection again"),
        (400, '{"status": "BAD_REFRESH_TOKEN", "message": "canary"}', "authorize the connection again"),
        (200, '{"error": "invalid_code"}', "authorize the connection again"),
        (401, '{"error": "invalid_client"}', "check the connection's client_id"),
        (400, '{"error": "unauthorized_client"}', "check the connection's client_id"),
    ],
)
def test_platforms_say_in_their_own_words_that_a_person_must_act(status: int, body: str, mend: str) -> None:
    world = World().granted()
    world.platforms.standins[HOST].journal.faults.append(("/oauth/token", Answer(status, body)))
    with pytest.raises(Retry, match=mend) as parked:
        world.get()
    assert "canary" not in parked.value.reason
    assert world.state().state == "needs_reauth"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (503, '{"error": "invalid_grant"}'),
        (429, ""),
        (400, '{"error": "Access Denied"}'),
        (200, "<html>"),
        (200, "[]"),
        (200, '{"access_token": ""}'),
    ],
)
def test_what_may_pass_by_itself_kills_no_token(status: int, body: str) -> None:
    world = World().granted()
    world.platforms.standins[HOST].journal.faults.append(("/oauth/token", Answer(status, body)))
    with pytest.raises(Retry):
        world.get()
    assert world.state().state == "ok"
    assert world.get().status == 200


def test_a_second_refusal_is_given_to_the_client_and_shown_for_an_hour() -> None:
    world = World().granted(ends_in_s=3000)
    world.trouble = lambda call: 401 if call.path == "/things" else None
    assert world.get().status == 401
    assert world.server.requests == {"refresh_token": 1}
    shown = world.state().shown(world.simulation.now())
    assert (shown.state, shown.reason) == (
        "refused",
        "Example refuses a token that it has just given: check the app's scopes and what its user may do",
    )
    assert world.state().shown(world.simulation.now() + 3700).state == "ok"


def die() -> None:
    raise Gone


def test_a_worker_that_dies_between_the_answer_and_its_writing_is_named() -> None:
    world = World().granted()
    world.secrets.before_write = die
    with pytest.raises(Gone):
        world.get()
    world.secrets.before_write = lambda: None
    world.simulation.sleep(31)
    with pytest.raises(Retry, match="after an earlier answer was lost"):
        world.get()
    assert world.state().state == "needs_reauth"


def test_a_platform_that_was_not_ready_is_not_taken_for_a_lost_answer() -> None:
    world = World().granted(refresh_token="revoked")
    world.platforms.standins[HOST].journal.faults.append(("/oauth/token", Answer(400, {"error": "slow_down"})))
    with pytest.raises(Retry, match="slow_down"):
        world.get()
    with pytest.raises(Retry) as parked:
        world.get()
    assert parked.value.reason == "Example gives no access token (invalid_grant): authorize the connection again"


def test_where_an_old_refresh_token_stays_good_such_a_death_costs_nothing() -> None:
    world = World(server=OAuthServer("app", SECRET, rotates=False)).granted()
    world.secrets.before_write = die
    with pytest.raises(Gone):
        world.get()
    world.secrets.before_write = lambda: None
    world.simulation.sleep(31)
    assert world.get().status == 200


def test_writing_the_tokens_is_tried_again() -> None:
    world = World().granted()
    world.secrets.fails = 2
    assert world.get().status == 200
    assert world.secrets.writes == 1


def test_a_refresh_whose_answer_is_lost_is_not_sent_again_by_itself() -> None:
    world = World(server=OAuthServer("app", SECRET, rotates=False)).granted()
    world.trouble = lambda call: "answer lost" if call.path == "/oauth/token" else None
    with pytest.raises(Retry):
        world.get()
    assert world.server.requests == {"refresh_token": 1}
    world.trouble = lambda _call: None
    assert world.get().status == 200


def test_the_end_of_a_refresh_token_is_announced_once_days_before() -> None:
    server = OAuthServer("app", SECRET, refresh_lasts_s=6 * 86_400)
    world = World(server=server).granted()
    world.get()
    [event] = world.bus.events
    assert event["data"]["severity"] == "warning"
    assert event["data"]["due_at"].startswith("2026-09-27T")
    assert world.stored().refresh_ends_at == world.stored().granted_at + 6 * 86_400
    assert world.telemetry.counters["oauth.ending"] == 1


def test_client_credentials_fetch_and_renew() -> None:
    oauth = replace(OAUTH, flows=("client_credentials",), scopes=("{resource}/.default",))
    world = World(oauth=oauth, settings={"client_id": "app", "resource": "https://org.example.com"})
    assert world.get().status == 200
    world.simulation.sleep(1800)
    assert world.get().status == 200
    assert world.server.requests == {"client_credentials": 2}


def test_a_client_can_be_shown_by_basic_authentication() -> None:
    oauth = replace(OAUTH, flows=("client_credentials",), client_auth="basic")
    world = World(oauth=oauth, server=OAuthServer("app", SECRET, basic=True))
    assert world.get().status == 200


def _key() -> tuple[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), key.public_key()


def test_a_jwt_bearer_is_signed_for_the_user() -> None:
    private, public = _key()
    oauth = replace(
        OAUTH, flows=("jwt_bearer",), audience="{login_url}", defaults={"login_url": "https://login.example.com"}
    )
    server = OAuthServer("app", "", public_key=public, audience="https://login.example.com")
    world = World(oauth=oauth, server=server, settings={"client_id": "app", "username": "hub@example.com"})
    world.secrets.stored[ID] = {"private_key": private}
    assert world.get().status == 200
    assert world.server.requests == {JWT_BEARER: 1}
    world.secrets.stored[ID] = {"private_key": "no key"}
    with pytest.raises(Reject, match="private_key"):
        world.get()


def test_a_token_that_a_person_entered_is_left_alone_and_its_refusal_is_shown() -> None:
    world = World()
    world.secrets.stored[ID] = {"client_secret": SECRET, "access_token": "entered"}
    answer = world.http().request("GET", URL, hosts=[HOST], headers={"authorization": "Bearer entered"})
    assert (answer.status, world.asked) == (401, ["entered"])
    assert world.state().reason == (
        "Example refuses the token that was entered: enter a new one among the connection's secrets"
    )
    assert world.server.requests == {}


def test_a_connection_that_was_never_authorized_says_so() -> None:
    with pytest.raises(Retry, match="authorize the connection"):
        World().get()


def test_the_platforms_header_replaces_one_that_a_client_gave() -> None:
    world = World(oauth=replace(OAUTH, header="Authorization", prefix="Bearer ")).granted()
    answer = world.http().request("GET", URL, hosts=[HOST], headers={"AUTHORIZATION": "Bearer mine"})
    assert (answer.status, world.asked) == (200, world.server.issued)


@pytest.mark.parametrize(
    "domain", ["evil.example.net", "https://evil.example.net", "a@evil.example.net", "evil.example.net/x?", ""]
)
def test_no_setting_leads_the_client_secret_to_a_host_that_nobody_declared(domain: str) -> None:
    oauth = replace(OAUTH, token_url="https://{domain}/oauth/token", flows=("client_credentials",))
    world = World(oauth=oauth, settings={"client_id": "app", "domain": domain})
    with pytest.raises(Reject):
        world.get()
    assert world.server.requests == {}


def test_tokens_for_another_account_are_not_taken() -> None:
    def complaint(answer: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
        return "" if answer.get("hub_id") == settings["portal_id"] else "authorize with the account 7"

    oauth = replace(OAUTH, complaint=complaint)
    world = World(
        oauth=oauth,
        server=OAuthServer("app", SECRET, extra={"hub_id": 8}),
        settings={"client_id": "app", "portal_id": 7},
    )
    world.granted()
    with pytest.raises(Retry, match="authorize with the account 7"):
        world.get()
    assert world.stored().access_token == "old"


def test_the_host_that_serves_the_account_is_kept_or_asked_for() -> None:
    server = OAuthServer("app", SECRET, extra={"api_domain": "https://acme.example.com/"})
    world = World(oauth=replace(OAUTH, instance="api_domain"), server=server).granted()
    world.get()
    assert world.secrets.stored[ID]["instance_url"] == "https://acme.example.com"


def test_the_address_where_a_person_says_yes_holds_state_challenge_and_no_secret() -> None:
    world = World(oauth=replace(OAUTH, scopes=("a", "b"), ask={"access_type": "offline"}))
    endpoint = tokens_of(world.hub(), world.connection, world.connector, world.oauth).endpoint
    url = endpoint.authorize_url(
        {"client_secret": SECRET}, state="s1", redirect_uri="https://hub.example.com/cb", verifier="v" * 43
    )
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (query["state"], query["scope"], query["access_type"]) == ("s1", "a b", "offline")
    assert query["code_challenge_method"] == "S256"
    assert "v" * 43 not in url
    assert SECRET not in url


def test_no_secret_is_in_the_item_that_says_who_fetches_tokens() -> None:
    world = World().granted()
    world.get()
    text = repr(world.store.store.everything()) + repr(world.bus.events) + repr(world.telemetry.dimensions)
    for secret in (SECRET, world.stored().access_token, world.stored().refresh_token):
        assert secret not in text


def test_a_broken_off_request_for_a_token_comes_again() -> None:
    world = World().granted()

    def broken(*_parts: Any) -> HttpResponse:
        raise MaybeSent("connection reset")

    http = http_for(
        replace(world.hub(), http=HttpClient(world.simulation, exchange=broken)), world.connection, world.connector
    )
    with pytest.raises(Retry):
        world.get(http)
    assert world.state().flight
