"""`Http` with the connection's access token on every request; a token that is refused is renewed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.connector import Connector
from hub.delivery import Connection
from hub.errors import Retry
from hub.http import HttpClient
from hub.oauth_answers import OPERATOR_S, Dead
from hub.oauth_grant import Grant, flow_of
from hub.oauth_notices import Announcer
from hub.oauth_requests import TokenEndpoint
from hub.oauth_state import Lease, refused
from hub.outbound import OAuth
from hub.ports import Clock, Http, HttpResponse


@dataclass(frozen=True, slots=True)
class Notes:
    """Where it is noted, for people to see, that the platform refuses a token."""

    title: str
    lease: Lease
    announcer: Announcer

    def refused(self, what: str) -> None:
        """Shown with the connection for an hour; work comes again meanwhile."""
        self.lease.change(refused(f"{self.title} refuses {what}", self.lease.clock.now()))
        self.announcer.count("oauth.refused")


class Source(Protocol):
    """Where the tokens come from: `hub.oauth.Tokens` for all workers together, or `Alone`."""

    def current(self) -> Grant:
        """A token to be used now; Retry where there is none."""
        ...

    def after_refusal(self, grant: Grant) -> Grant:
        """A token in place of one that the platform refused."""
        ...


@dataclass(slots=True)
class Alone:
    """A Source for who works outside the hub, with credentials in hand: it shares nothing and keeps nothing."""

    endpoint: TokenEndpoint
    secrets: Mapping[str, Any] = field(repr=False)
    _grant: Grant | None = field(default=None, repr=False)

    def current(self) -> Grant:
        """See Source."""
        if self._grant is None or not self._grant.lasting(self.endpoint.clock.now()):
            self._grant = self._fetched()
        return self._grant

    def after_refusal(self, _grant: Grant) -> Grant:
        """See Source."""
        self._grant = self._fetched()
        return self._grant

    def _fetched(self) -> Grant:
        flow = flow_of(self.endpoint.oauth, self.endpoint.connection, self.secrets)
        try:
            return self.endpoint.renew(flow, self.secrets, self._grant or Grant.of(self.secrets))
        except Dead as error:
            title = self.endpoint.connector.title
            raise Retry(f"{title} gives no access token ({error.word}): {error.mend}", OPERATOR_S) from error


def alone(http: Http, clock: Clock, connection: Connection, connector: Connector, secrets: Mapping[str, Any]) -> Http:
    """`http` with tokens that nobody else uses; as it is where the connection has none by OAuth."""
    oauth = connector.oauth
    if oauth is None or isinstance(http, Authorized) or not flow_of(oauth, connection, secrets):
        return http
    local = isinstance(http, HttpClient) and http.allow_private
    return Authorized(http, Alone(TokenEndpoint(http, clock, connection, connector, oauth, local), secrets), oauth)


@dataclass(slots=True)
class Authorized:
    """Implements `hub.ports.Http`; the header of the platform's OAuth replaces one that was given."""

    http: Http
    tokens: Source
    oauth: OAuth
    notes: Notes | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        hosts: Sequence[str],
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,
    ) -> HttpResponse:
        """See `hub.ports.Http`; also Retry where the connection has no token and a person must act.

        A 401 says that nothing was done, so the request is made again with a new token; the second 401 is returned.
        """

        def send(grant: Grant) -> HttpResponse:
            return self.http.request(
                method,
                url,
                hosts=hosts,
                headers=self._with_token(headers, grant),
                json=json,
                form=form,
                idempotent=idempotent,
            )

        grant = self.tokens.current()
        answer = send(grant)
        if answer.status != 401:
            return answer
        answer = send(self.tokens.after_refusal(grant))
        if answer.status == 401 and self.notes:
            self.notes.refused("a token that it has just given: check the app's scopes and what its user may do")
        return answer

    def _with_token(self, headers: Mapping[str, str] | None, grant: Grant) -> dict[str, str]:
        name = self.oauth.header.lower()
        others = {given: value for given, value in (headers or {}).items() if given.lower() != name}
        return {**others, name: f"{self.oauth.prefix}{grant.access_token}"}


@dataclass(slots=True)
class Watched:
    """Implements `hub.ports.Http` for a token that a person entered: passes everything on, and notes a 401."""

    http: Http
    notes: Notes

    def request(
        self,
        method: str,
        url: str,
        *,
        hosts: Sequence[str],
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,
    ) -> HttpResponse:
        """See `hub.ports.Http`."""
        answer = self.http.request(
            method, url, hosts=hosts, headers=headers, json=json, form=form, idempotent=idempotent
        )
        if answer.status == 401:
            self.notes.refused("the token that was entered: enter a new one among the connection's secrets")
        return answer
