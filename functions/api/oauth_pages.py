"""The pages that a person's browser sees on its way through an authorization, open to everybody, trusting nobody.

`GET /oauth/start?ticket=…` marks the browser and leads to the platform; `GET /oauth/callback?state=…&code=…` fetches
the tokens. Where they lead, what host is asked and which connection is meant follow from what is stored, never from
the address; an answer never repeats what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from api import oauth_visits as visits
from api.connection_store import find
from api.oauth_visits import ASKED, OFFERED, Visit
from hub.connector import Connector, load
from hub.delivery import Connection
from hub.errors import Reject, Retry
from hub.oauth_answers import Dead
from hub.outbound import OAuth
from hub.outgoing import tokens_of
from hub.wiring import Hub

START, CALLBACK = "/oauth/start", "/oauth/callback"
MAX_CODE, MAX_PARAMETERS = 4096, 20
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_STALE = (
    "This link is not valid: it may have been used already, be older than 10 minutes, or belong to another browser."
)
_AGAIN = "Ask for a new link where you started."


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser is shown: a title and sentences, or where it goes next; `mark` is its mark ("" takes it away)."""

    status: int
    sentences: tuple[str, ...] = ()
    location: str = ""
    mark: str | None = None
    title: str = field(default="renkei")


class Refused(Exception):
    """The visit ends here, with these sentences."""

    def __init__(self, *sentences: str, status: int = 400) -> None:
        super().__init__(status)
        self.sentences, self.status = sentences, status


def is_page(method: str, path: str) -> bool:
    """Whether the request is for one of these pages."""
    return method == "GET" and path in _PAGES


def show(hub: Hub, path: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one request of a browser, counted."""
    try:
        page = _PAGES[path](hub, _query(event), _mark(hub, event))
    except Refused as refused:
        page = Page(refused.status, refused.sentences)
    hub.telemetry.count("oauth.pages", page=path, status=str(page.status))
    return _answer(hub, page)


def _start(hub: Hub, query: Mapping[str, str], _mark: str) -> Page:
    visit = visits.redeem(hub, OFFERED, query.get("ticket", ""))
    if visit is None:
        raise Refused(_STALE, _AGAIN)
    connection, connector, oauth = _connected(hub, visit)
    state, mark = visits.new_text(), visits.new_text()
    endpoint = tokens_of(hub, connection, connector, oauth).endpoint
    secrets = hub.secrets.read(connection.id, fresh=True)
    verifier = visits.verifier_of(hub, state)
    try:
        url = endpoint.authorize_url(secrets, state=state, redirect_uri=redirect_uri(hub), verifier=verifier)
    except Reject as error:
        raise Refused(_sentence(error.reason)) from error
    asked = Visit(visit.connection, visit.platform, visit.by, visits.digest(mark))
    visits.remember(hub, ASKED, state, asked)
    return Page(303, location=url, mark=mark)


def _callback(hub: Hub, query: Mapping[str, str], mark: str) -> Page:
    state, code = query.get("state", ""), query.get("code", "")
    visit = visits.redeem(hub, ASKED, state, mark)
    if visit is None:
        raise Refused(_STALE, _AGAIN)
    connection, connector, oauth = _connected(hub, visit)
    if not 0 < len(code) <= MAX_CODE:
        raise Refused(f"{connector.title} has not given access.", _AGAIN)
    verifier = visits.verifier_of(hub, state) if oauth.pkce else ""
    _exchange(hub, connection, connector, oauth, (code, verifier))
    hub.telemetry.count("oauth.authorized", platform=connector.name)
    done = f"The connection “{connection.name or connection.id}” to {connector.title} is authorized."
    return Page(200, (done, "You can close this window."), mark="")


def _exchange(hub: Hub, connection: Connection, connector: Connector, oauth: OAuth, proof: tuple[str, str]) -> None:
    code, verifier = proof
    try:
        tokens_of(hub, connection, connector, oauth).authorize(code, redirect_uri(hub), verifier)
    except Dead as dead:
        raise Refused(f"{connector.title} gave no tokens ({dead.word}).", _sentence(dead.mend), _AGAIN) from dead
    except (Retry, Reject) as error:
        raise Refused("The tokens could not be fetched.", _sentence(error.reason), _AGAIN, status=502) from error


def redirect_uri(hub: Hub) -> str:
    """The address to enter in the platform's app; it depends on nothing that a request says."""
    return f"{hub.settings.public_url}{CALLBACK}"


def _connected(hub: Hub, visit: Visit) -> tuple[Connection, Connector, OAuth]:
    """The connection that the visit is about, if it is still one of that platform."""
    found = find(hub.connection_items, visit.connection)
    if found is None or found.connection.platform != visit.platform:
        raise Refused("The connection is no longer there.")
    connector = load(visit.platform)
    if connector.oauth is None:
        raise Refused(f"{connector.title} is not authorized in this way.")
    return found.connection, connector, connector.oauth


def _query(event: Mapping[str, Any]) -> dict[str, str]:
    """The parameters; a request that gives one twice is refused, for nobody can say which is meant."""
    try:
        pairs = parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise Refused(_STALE) from None
    if len(dict(pairs)) != len(pairs):
        raise Refused(_STALE)
    return dict(pairs)


def _cookie(hub: Hub) -> str:
    """A `__Host-` cookie can be set by no other host and over no plain connection; the local stack has only those."""
    return "renkei-oauth" if hub.settings.allow_private_hosts else "__Host-renkei-oauth"


def _mark(hub: Hub, event: Mapping[str, Any]) -> str:
    pairs = (cookie.partition("=") for cookie in event.get("cookies") or ())
    return next((value for name, _, value in pairs if name.strip() == _cookie(hub)), "")


def _answer(hub: Hub, page: Page) -> dict[str, Any]:
    headers = {**_HEADERS, **({"Location": page.location} if page.location else {})}
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in page.sentences)
    document = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{page.title}</title>{body}</html>'
    cookies = [] if page.mark is None else [_set_cookie(hub, page.mark)]
    return {
        "statusCode": page.status,
        "headers": headers,
        "body": document,
        "isBase64Encoded": False,
        "cookies": cookies,
    }


def _set_cookie(hub: Hub, mark: str) -> str:
    lasts_s = visits.LASTS_S if mark else 0
    secure = "" if hub.settings.allow_private_hosts else "; Secure"
    return f"{_cookie(hub)}={mark}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Lax{secure}"


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."


_PAGES: Mapping[str, Callable[[Hub, Mapping[str, str], str], Page]] = {START: _start, CALLBACK: _callback}
