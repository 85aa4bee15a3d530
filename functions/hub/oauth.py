"""A connection's access token: fetched before it ends, by one of all workers, and kept before it is used.

Crash between the platform's answer and its writing: the lease runs out after 30 s, the next worker uses the refresh
token that is kept. Platforms whose refresh token stays (HubSpot, Zoho, Pipedrive, Entra) never notice. Shopify takes the
old one until its successor is used, for 30 days at most (https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens,
in force since 2026-08-28), and a successor that was not kept is never used. Zendesk deletes the old one with the answer:
it says invalid_grant, the connection needs a person, and the reason names the crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.errors import Busy, Retry
from hub.oauth_answers import AGAIN, Dead, NotReady
from hub.oauth_grant import Grant, flow_of
from hub.oauth_notices import Announcer
from hub.oauth_requests import TokenEndpoint
from hub.oauth_state import OPERATOR_S, Lease, State, dead, landed, mended
from hub.ports import Clock, Secrets

LONGEST_WAIT_S = 8.0
POLL_S = 0.25
BETWEEN_TRIES_S = 60.0
WRITES = 3
ENDING_S = 7 * 86_400


@dataclass(slots=True)
class Tokens:
    """The access token of one connection, for one worker."""

    endpoint: TokenEndpoint
    secrets: Secrets
    clock: Clock
    lease: Lease
    announcer: Announcer
    _in_use: Grant | None = field(default=None, repr=False)
    _tried_at: float = 0.0

    def current(self) -> Grant:
        """A token to be used now; Retry where there is none for the moment, or until a person acts."""
        grant, now = self._in_use or Grant.of(self._read()), self.clock.now()
        if grant is None or not grant.good(now):
            grant = self._renewed(grant, must=True)
        elif not grant.lasting(now) and now >= self._tried_at + BETWEEN_TRIES_S:
            grant = self._foreseen(grant)
        self._in_use = grant
        return grant

    def keep_alive(self, grant: Grant) -> None:
        """Uses the refresh token, so that it does not end for want of use; what stands in the way comes up again."""
        self._foreseen(grant)

    def _foreseen(self, grant: Grant) -> Grant:
        """A new token some time before the end; the old one where that fails, for it is still good."""
        self._tried_at = self.clock.now()
        try:
            return self._renewed(grant, must=False)
        except Retry:
            return grant

    def after_refusal(self, grant: Grant) -> Grant:
        """A token in place of one that the platform refused (401): what another worker fetched, else a new one."""
        self._in_use = self._renewed(grant, must=True)
        return self._in_use

    def authorize(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Exchanges a person's authorization code and keeps the tokens; what was dead is mended. Dead, Retry, Reject."""
        with self.lease.held():
            grant = self.endpoint.exchange(self._read(fresh=True), code, redirect_uri, verifier)
            self._keep(grant)
        self._in_use = grant
        return grant

    def _renewed(self, stale: Grant | None, *, must: bool) -> Grant:
        """A newer token than `stale`; of all workers that want one, one asks the platform."""
        ends = self.clock.now() + LONGEST_WAIT_S
        while (before := self.lease.claim()) is None:
            if not must and stale is not None:
                return stale  # another worker is at it, and this one is still good
            if newer := self._newer(stale):
                return newer
            if self.clock.now() >= ends:
                raise Retry("another worker is fetching the access token", 2)
            self.clock.sleep(POLL_S)
        return self._as_holder(stale, before)

    def _newer(self, stale: Grant | None) -> Grant | None:
        """What another worker has written meanwhile."""
        grant = Grant.of(self._read(fresh=True))
        known = stale.access_token if stale else ""
        return grant if grant and grant.access_token != known and grant.good(self.clock.now()) else None

    def _as_holder(self, stale: Grant | None, before: State) -> Grant:
        step: Callable[[State], State] = _unchanged
        try:
            if newer := self._newer(stale):
                return newer
            grant = self._fetched(before)
            step = mended
            return grant
        except Dead as error:
            reason = self._reason(error, before)
            step = dead(reason, self.clock.now())
            self.announcer.dead(reason)
            raise Retry(reason, OPERATOR_S) from error
        except (NotReady, Busy):
            step = landed
            raise
        finally:
            self.lease.settle(step)

    def _fetched(self, before: State) -> Grant:
        secrets = self._read(fresh=True)
        flow, kept = flow_of(self.endpoint.oauth, self.endpoint.connection, secrets), Grant.of(secrets)
        if flow == "authorization_code" and (kept is None or not kept.refresh_token):
            raise Dead("not_authorized", "authorize the connection" if kept is None else AGAIN)
        if flow == "authorization_code":
            self.lease.change(lambda state: replace(state, flight=True))
        grant = self.endpoint.renew(flow, secrets, kept)
        self._keep(grant)
        self._foresee(grant, before)
        return grant

    def _keep(self, grant: Grant) -> None:
        """Written before it is used; tried again, because a rotated refresh token may be the only one that works."""
        secrets = grant.within(self._read(fresh=True))
        for attempt in range(WRITES):
            try:
                self.secrets.write(self.endpoint.connection.id, secrets)
            except Retry:
                if attempt == WRITES - 1:
                    raise
                self.clock.sleep(POLL_S)
            else:
                return

    def _foresee(self, grant: Grant, before: State) -> None:
        """Days before a refresh token ends that no use prolongs, people hear of it once."""
        ends_at = grant.refresh_ends_at
        if ends_at and ends_at - self.clock.now() < ENDING_S and before.announced != ends_at:
            self.announcer.ending(ends_at)
            self.lease.change(lambda state: replace(state, announced=ends_at))

    def _reason(self, error: Dead, before: State) -> str:
        lost = ", after an earlier answer was lost before its tokens were kept" if before.flight else ""
        return f"{self.endpoint.connector.title} gives no access token ({error.word}{lost}): {error.mend}"

    def _read(self, *, fresh: bool = False) -> Mapping[str, Any]:
        return self.secrets.read(self.endpoint.connection.id, fresh=fresh)


def _unchanged(state: State) -> State:
    return state
