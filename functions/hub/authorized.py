"""`Http` with the connection's access token on every request; a token that is refused is renewed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.oauth import Tokens
from hub.oauth_grant import Grant
from hub.oauth_notices import Announcer
from hub.oauth_state import Lease, refused
from hub.outbound import OAuth
from hub.ports import Http, HttpResponse


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


@dataclass(slots=True)
class Authorized:
    """Implements `hub.ports.Http`; the header of the platform's OAuth replaces one that was given."""

    http: Http
    tokens: Tokens
    oauth: OAuth
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
        if answer.status == 401:
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
