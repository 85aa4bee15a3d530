"""Authorizing a connection in a browser: links are good once, for 10 minutes, in one browser; nobody is led elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from api.handler import handler
from hub.connections import item_of
from hub.delivery import Connection
from hub.http import HttpClient
from hub.memory import FakeClock, MemorySecrets, MemoryStore, memory_hub
from hub.oauth_grant import Grant
from hub.oauth_state import Lease, dead
from hub.outgoing import http_for
from hub.settings import Settings
from infra.local.standins.oauth_server import OAuthServer
from infra.local.standins.server import Answer, Standin
from tests.harness.platforms import Platforms
from tests.unit.api_client import ADMIN, AGENT, Client, Context, event, jwt_of

ID, SECRET = "c1", "client-secret-canary"
HUB, PLATFORM = "https://hub.example.com", "oauth.pipedrive.com"
CALLBACK = f"{HUB}/oauth/callback"
HOSTILE = "https://evil.example.net"


@dataclass
class Shown:
    """What the browser got."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str]

    @property
    def mark(self) -> str:
        [cookie] = self.cookies
        return cookie.partition(";")[0]


@dataclass
class Browser:
    """A person with a browser, an administrator's token, and a platform that says yes."""

    clock: FakeClock = field(default_factory=FakeClock)
    settings: Settings = field(default_factory=lambda: Settings(public_url=HUB))
    jar: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = OAuthServer("app", SECRET, redirect_uri=CALLBACK, basic=True, pkce=False, now=self.clock.now)
        self.server.extra = {"api_domain": "https://acme.pipedrive.com"}
        me = ("GET", "/api/v1/users/me", lambda call: Answer(200 if self.server.good(call.bearer) else 401, {}))
        server, nothing = self.server.standin(), Answer(404, {})
        api = Standin((me,), lambda _call: None, nothing)
        self.platforms = Platforms({PLATFORM: server, "acme.pipedrive.com": api})
        self.secrets = MemorySecrets(
            {ID: {"client_secret": SECRET, "signing": [{"value": "kept", "id": "1", "not_after": None}]}}
        )
        self.connection = Connection(
            ID, "pipedrive", "Sales <b>team</b>", settings={"client_id": "app", "company_id": "7"}
        )
        self.hub = memory_hub(
            clock=self.clock,
            settings=self.settings,
            secrets=self.secrets,
            http=HttpClient(self.clock, exchange=self.platforms.exchange),
        )
        self.hub.connection_items.put(item_of(self.connection))

    def visit(self, path: str, query: str = "", cookies: list[str] | None = None) -> Shown:
        request = event("GET", path) | {"rawQueryString": query, "cookies": self.jar if cookies is None else cookies}
        raw = handler(request, Context(), self.hub)
        return Shown(raw["statusCode"], raw["headers"], raw["body"], raw["cookies"])

    def link(self) -> str:
        answer = Client(self.hub).post(f"/v1/connections/{ID}/authorize")
        assert answer.status == 200
        assert answer.json["redirect_uri"] == CALLBACK
        parts = urlsplit(answer.json["url"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{HUB}/oauth/start"
        return str(parts.query)

    def start(self) -> dict[str, str]:
        """As far as the platform's page: what the platform is asked."""
        shown = self.visit("/oauth/start", self.link())
        assert shown.status == 303
        self.jar = [shown.mark]
        location = urlsplit(shown.headers["Location"])
        assert (location.scheme, location.netloc) == ("https", PLATFORM)
        return {name: str(values[0]) for name, values in parse_qs(location.query).items()}

    def back(self, asked: dict[str, str], **changed: str) -> Shown:
        answer = {"code": self.server.code(asked.get("code_challenge", "")), "state": asked["state"], **changed}
        return self.visit("/oauth/callback", urlencode(answer))

    def granted(self) -> Grant | None:
        return Grant.of(self.secrets.stored[ID])


def test_a_person_says_yes_and_the_connection_has_tokens() -> None:
    browser = Browser()
    asked = browser.start()
    assert (asked["client_id"], asked["redirect_uri"], asked["response_type"]) == ("app", CALLBACK, "code")
    shown = browser.back(asked)
    assert shown.status == 200
    assert "is authorized." in shown.text
    grant = browser.granted()
    assert grant is not None
    assert grant.access_token == browser.server.issued[-1]
    assert browser.secrets.stored[ID]["instance_url"] == "https://acme.pipedrive.com"
    assert browser.secrets.stored[ID]["signing"][0]["value"] == "kept"
    view = Client(browser.hub).get(f"/v1/connections/{ID}").json["auth"]
    assert (view["state"], view["flow"]) == ("ok", "authorization_code")
    assert view["token_ends_at"] > "2026"


def test_a_connection_that_was_dead_works_again() -> None:
    browser = Browser()
    lease = Lease(browser.hub.connection_items, browser.clock, ID)
    lease.change(
        dead("Pipedrive gives no access token (invalid_grant): authorize the connection again", browser.clock.now())
    )
    before = Client(browser.hub).get(f"/v1/connections/{ID}").json["auth"]
    assert before["state"] == "needs_reauth"
    assert before["sentence"].endswith("authorize the connection again.")
    browser.back(browser.start())
    assert Client(browser.hub).get(f"/v1/connections/{ID}").json["auth"]["state"] == "ok"
    from connectors.pipedrive import CONNECTOR

    http = http_for(browser.hub, browser.connection, CONNECTOR)
    assert http.request("GET", "https://acme.pipedrive.com/api/v1/users/me", hosts=["*.pipedrive.com"]).status == 200


def test_the_page_is_plain_and_trusts_nothing() -> None:
    browser = Browser()
    for shown in (
        browser.visit("/oauth/callback", urlencode({"state": "<script>alert(1)</script>"})),
        browser.back(browser.start()),
    ):
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert shown.headers["Cache-Control"] == "no-store"
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<script" not in shown.text
        assert "<b>" not in shown.text
    assert "Sales &lt;b&gt;team&lt;/b&gt;" in shown.text


def test_the_browsers_mark_is_for_this_host_alone_and_no_script_reads_it() -> None:
    shown = (browser := Browser()).visit("/oauth/start", browser.link())
    [cookie] = shown.cookies
    assert cookie.startswith("__Host-renkei-oauth=")
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=600"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def refused(browser: Browser, shown: Shown) -> None:
    assert shown.status == 400
    assert "Location" not in shown.headers
    assert "not valid" in shown.text
    assert browser.granted() is None
    assert browser.server.requests == {}


@pytest.mark.parametrize("state", ["", "wrong", "x" * 5000, "<script>", "ünïcode", "%00"])
def test_a_wrong_state_is_refused(state: str) -> None:
    browser = Browser()
    asked = browser.start()
    refused(browser, browser.back(asked, state=state))


def test_a_state_is_good_once() -> None:
    browser = Browser()
    asked = browser.start()
    assert browser.back(asked).status == 200
    again = browser.back(asked)
    assert (again.status, browser.server.requests) == (400, {"authorization_code": 1})


def test_a_state_that_failed_is_used_up_too() -> None:
    browser = Browser()
    asked = browser.start()
    assert browser.back(asked, code="forged").status == 400
    assert browser.back(asked).status == 400
    assert browser.granted() is None


@pytest.mark.parametrize("after_s", [600, 3600])
def test_a_state_lasts_10_minutes(after_s: int) -> None:
    browser = Browser()
    asked = browser.start()
    browser.clock.sleep(after_s)
    refused(browser, browser.back(asked))


def test_a_state_is_good_until_then() -> None:
    browser = Browser()
    asked = browser.start()
    browser.clock.sleep(599)
    assert browser.back(asked).status == 200


@pytest.mark.parametrize("cookies", [[], ["__Host-renkei-oauth=forged"], ["renkei-oauth=x"], ["__Host-renkei-oauth="]])
def test_a_state_in_another_browser_is_refused_and_not_used_up(cookies: list[str]) -> None:
    browser = Browser()
    asked = browser.start()
    query = urlencode({"state": asked["state"], "code": "stolen"})
    refused(browser, browser.visit("/oauth/callback", query, cookies))
    assert browser.back(asked).status == 200


def test_a_state_of_another_connection_is_its_own() -> None:
    browser = Browser()
    browser.hub.connection_items.put(item_of(Connection("c2", "pipedrive", settings={"client_id": "app"})))
    asked = browser.start()
    browser.back(asked, connection="c2", connection_id="c2")
    assert "c2" not in browser.secrets.stored


def test_a_connection_that_became_another_platforms_is_refused() -> None:
    browser = Browser()
    asked = browser.start()
    item = browser.hub.connection_items.get(f"CONN#{ID}", "CONN")
    assert item is not None
    browser.hub.connection_items.put(item_of(Connection(ID, "zendesk"), item.version))
    assert browser.back(asked).status == 400
    assert browser.server.requests == {}


def test_a_ticket_is_good_once_for_10_minutes_and_no_state() -> None:
    browser = Browser()
    link = browser.link()
    assert browser.visit("/oauth/start", link).status == 303
    refused(browser, browser.visit("/oauth/start", link))
    ticket = parse_qs(browser.link())["ticket"][0]
    refused(browser, browser.visit("/oauth/callback", urlencode({"state": ticket, "code": "x"})))
    refused(browser, browser.visit("/oauth/start", urlencode({"ticket": browser.start()["state"]})))
    late = browser.link()
    browser.clock.sleep(600)
    refused(browser, browser.visit("/oauth/start", late))


@pytest.mark.parametrize("name", ["redirect_uri", "next", "url", "return_to", "host", "accounts-server", "api_domain"])
def test_no_parameter_leads_anywhere_else(name: str) -> None:
    browser = Browser()
    shown = browser.visit("/oauth/start", f"{browser.link()}&{urlencode({name: HOSTILE})}")
    assert (shown.status, urlsplit(shown.headers["Location"]).netloc) == (303, PLATFORM)
    assert "evil" not in shown.headers["Location"]
    browser.jar = [shown.mark]
    state = parse_qs(urlsplit(shown.headers["Location"]).query)["state"][0]
    done = browser.back({"state": state}, **{name: HOSTILE})
    assert done.status == 200
    assert "Location" not in done.headers
    assert "evil" not in done.text


@pytest.mark.parametrize("twice", ["state", "code"])
def test_a_parameter_given_twice_is_refused(twice: str) -> None:
    browser = Browser()
    asked = browser.start()
    query = urlencode({"state": asked["state"], "code": "x"})
    refused(browser, browser.visit("/oauth/callback", f"{query}&{twice}=other"))


def test_a_person_who_says_no_is_told_so_in_our_words() -> None:
    browser = Browser()
    asked = browser.start()
    query = urlencode({"state": asked["state"], "error": "access_denied", "error_description": "canary"})
    shown = browser.visit("/oauth/callback", query)
    assert shown.status == 400
    assert "Pipedrive has not given access." in shown.text
    assert "canary" not in shown.text


def test_a_platform_that_fails_is_told_apart() -> None:
    browser = Browser()
    asked = browser.start()
    browser.platforms.trouble = lambda _call: "unreachable"
    shown = browser.back(asked)
    assert shown.status == 502
    assert "could not be fetched" in shown.text


def test_with_pkce_the_code_is_worthless_without_the_verifier_of_its_state() -> None:
    from api.oauth_visits import verifier_of

    browser = Browser()
    one, other = verifier_of(browser.hub, "state-1"), verifier_of(browser.hub, "state-2")
    assert one != other
    assert 43 <= len(one) <= 128
    assert one == verifier_of(browser.hub, "state-1")


def test_only_an_administrator_gets_a_link() -> None:
    browser = Browser()
    assert Client(browser.hub, scopes=(AGENT,)).post(f"/v1/connections/{ID}/authorize").status == 403
    assert browser.visit("/oauth/start").status == 400


def test_who_asked_is_remembered_and_no_text_that_opens_anything() -> None:
    browser = Browser()
    asked = browser.start()
    store = browser.hub.connection_items
    assert isinstance(store, MemoryStore)
    kept = [item for item in store.everything() if item.pk.startswith("OAUTH#")]
    assert [item.body["by"] for item in kept] == ["someone", "someone"]
    text = repr(kept)
    assert asked["state"] not in text
    assert browser.jar[0].partition("=")[2] not in text


def test_a_platform_with_tokens_of_its_own_kind_says_what_to_do() -> None:
    browser = Browser()
    browser.hub.connection_items.put(item_of(Connection("c3", "woocommerce")))
    answer = Client(browser.hub).post("/v1/connections/c3/authorize")
    assert answer.status == 409
    assert "enter its token among the secrets" in answer.json["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_the_pages_are_read_only(method: str) -> None:
    answer = Client(Browser().hub).send(event(method, "/oauth/callback", jwt=jwt_of(ADMIN)))
    assert answer.status == 404


def test_secrets_are_changed_by_one_at_a_time() -> None:
    browser = Browser()
    worker = Lease(browser.hub.connection_items, browser.clock, ID)
    assert worker.claim() is not None
    began = browser.clock.now()
    refused_now: Any = Client(browser.hub).post(f"/v1/connections/{ID}/secrets", {"named": {"client_secret": "next"}})
    assert refused_now.status == 503
    assert browser.clock.now() - began >= 5
    worker.settle()
    assert Client(browser.hub).post(f"/v1/connections/{ID}/secrets", {"named": {"client_secret": "next"}}).status == 200
    assert browser.secrets.stored[ID]["client_secret"] == "next"
