"""A stand-in for Twilio's REST API (2010-04-01) as far as a receiver needs it: calls, and recordings with their audio.

https://www.twilio.com/docs/voice/api (read November 2026)
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.server import Answer, Call, Refused, Standin

ACCOUNT = "/2010-04-01/Accounts/{account}"


def error(status: int, code: int, message: str) -> Answer:
    """An error in Twilio's shape."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(status, {"code": code, "message": message, "more_info": more_info, "status": status})


@dataclass(slots=True)
class Twilio:
    """One account; `calls` and `recordings` by their sid, as the story made them."""

    account_sid: str
    auth_token: str
    calls: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    recordings: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def standin(self) -> Standin:
        """Read-only: the story plays the telephone network."""
        routes = (
            ("GET", f"{ACCOUNT}/Calls/{{sid}}.json", lambda call: _found(self.calls, call)),
            ("GET", f"{ACCOUNT}/Recordings/{{sid}}.json", lambda call: _found(self.recordings, call)),
        )
        admin = (
            ("POST", "/_standin/calls", lambda call: _add(self.calls, call)),
            ("POST", "/_standin/recordings", lambda call: _add(self.recordings, call)),
        )
        return Standin(routes, self._guard, error(404, 20404, "The requested resource was not found"), FAULTS, admin)

    def _guard(self, call: Call) -> None:
        given = call.headers.get("authorization", "")
        right = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if given != f"Basic {right}":
            raise Refused(error(401, 20003, "Authenticate"))
        if call.parts.get("account") not in (None, self.account_sid):
            raise Refused(error(404, 20404, f"The requested resource {call.path} was not found"))


FAULTS = {429: error(429, 20429, "Too Many Requests"), 503: error(503, 20503, "Service Unavailable")}


def _found(resources: Mapping[str, Mapping[str, Any]], call: Call) -> Answer:
    resource = resources.get(call.parts["sid"])
    return Answer(200, resource) if resource else error(404, 20404, f"The requested resource {call.path} was not found")


def _add(resources: dict[str, Mapping[str, Any]], call: Call) -> Answer:
    resource = call.json()
    resources[resource["sid"]] = resource
    return Answer(201)
