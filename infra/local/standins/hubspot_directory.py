"""What a HubSpot account has beside records: owners, pipelines with their stages, tokens by OAuth.

Published descriptions: CRM owners and OAuth, 2026-09; pipelines:
https://developers.hubspot.com/docs/api-reference/latest/crm/pipelines/guide (read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from infra.local.standins.hubspot_schema import error
from infra.local.standins.server import Answer, Call, Handler

WHEN = "2025-01-06T09:00:00.000Z"
TOKEN_PATH = "/oauth/{version}/token"
TOKEN_LASTS_S = 1800
OWNERS = (("7700001", "mika.sales@example.com", "Mika", "Endo"), ("7700002", "jon.support@example.com", "Jon", "Reed"))
# object -> pipeline -> (its label, stage -> (its label, what is said of it))
Stage = tuple[str, Mapping[str, str]]
PIPELINES: Mapping[str, Mapping[str, tuple[str, Mapping[str, Stage]]]] = {
    "deals": {
        "default": (
            "Sales Pipeline",
            {
                "appointmentscheduled": ("Appointment scheduled", {"isClosed": "false", "probability": "0.2"}),
                "contractsent": ("Contract sent", {"isClosed": "false", "probability": "0.9"}),
                "closedwon": ("Closed won", {"isClosed": "true", "probability": "1.0"}),
                "closedlost": ("Closed lost", {"isClosed": "true", "probability": "0.0"}),
            },
        )
    },
    "tickets": {
        "0": (
            "Support Pipeline",
            {
                "1": ("New", {"ticketState": "OPEN", "isClosed": "false"}),
                "2": ("Waiting on contact", {"ticketState": "OPEN", "isClosed": "false"}),
                "3": ("Waiting on us", {"ticketState": "OPEN", "isClosed": "false"}),
                "4": ("Closed", {"ticketState": "CLOSED", "isClosed": "true"}),
            },
        )
    },
}


@dataclass(slots=True)
class Directory:
    """The owners, pipelines and tokens of one account. Tokens by OAuth end; the private app's does not."""

    token: str
    now: Callable[[], float]
    owners: tuple[tuple[str, str, str, str], ...] = OWNERS
    refresh_token: str = "refresh-of-the-example"
    _ends: dict[str, float] = field(default_factory=dict)

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Every endpoint."""
        yield "GET", "/crm/owners/{version}", self._owners
        yield "GET", "/crm/pipelines/{version}/{object}", self._pipelines
        yield "POST", TOKEN_PATH, self.answer_token

    def listed(self, kind: str, of: str) -> frozenset[str] | None:
        """The values that a property of the type stage, pipeline or owner may have; None for every other type."""
        pipelines = PIPELINES.get(kind, {})
        lists = {
            "owner": [one[0] for one in self.owners],
            "pipeline": [*pipelines],
            "stage": [stage for _, stages in pipelines.values() for stage in stages],
        }
        return frozenset(lists[of]) if of in lists else None

    def follows(self, kind: str, values: Mapping[str, str]) -> Mapping[str, str]:
        """What HubSpot works out from a deal's stage."""
        stages = {stage: said for _, found in PIPELINES.get(kind, {}).values() for stage, (_, said) in found.items()}
        said = stages.get(values.get("dealstage", ""))
        if kind != "deals" or said is None:
            return {}
        closed, chance = said["isClosed"], said["probability"]
        won = "true" if (closed, chance) == ("true", "1.0") else "false"
        return {"hs_is_closed": closed, "hs_is_closed_won": won, "hs_deal_stage_probability": chance}

    def refusal(self, token: str | None) -> Answer | None:
        """401 for a token that is unknown or has ended."""
        if token == self.token or self._ends.get(token or "", 0) > self.now():
            return None
        if token in self._ends:
            return error(401, "The OAuth token used to make this call expired.", "EXPIRED_AUTHENTICATION")
        return error(401, "Authentication credentials not found or not valid.", "INVALID_AUTHENTICATION")

    def _owners(self, call: Call) -> Answer:
        limit, after = int(call.query.get("limit", 100)), int(call.query.get("after", 0))
        if not 0 < limit <= 500:
            return error(400, "limit must be between 1 and 500")
        wanted = [one for one in self.owners if call.query.get("email", one[1]) == one[1]]
        rows = [_owner(*one) for one in wanted[after : after + limit]]
        more = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(wanted) else {}
        return Answer(200, {"results": rows, **more})

    def _pipelines(self, call: Call) -> Answer:
        found = PIPELINES.get(call.parts["object"])
        if found is None:
            return error(404, "There are no pipelines for that object", "OBJECT_NOT_FOUND")
        return Answer(200, {"results": [_pipeline(name, *said) for name, said in found.items()]})

    def answer_token(self, call: Call) -> Answer:
        """A new access token for the refresh token."""
        form = dict(parse_qsl(call.body.decode()))
        known = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == self.refresh_token
        if not known or not form.get("client_id") or not form.get("client_secret"):
            return error(400, "missing or invalid refresh token", "BAD_REFRESH_TOKEN")
        token = f"access-{len(self._ends) + 1}"
        self._ends[token] = self.now() + TOKEN_LASTS_S
        body = {"token_type": "bearer", "access_token": token, "refresh_token": self.refresh_token}
        return Answer(200, body | {"expires_in": TOKEN_LASTS_S})


def _owner(owner_id: str, email: str, first: str, last: str) -> dict[str, Any]:
    row = {"id": owner_id, "email": email, "type": "PERSON", "firstName": first, "lastName": last}
    return row | {"userId": int(owner_id) + 1_000_000, "createdAt": WHEN, "updatedAt": WHEN, "archived": False}


def _pipeline(name: str, label: str, stages: Mapping[str, Stage]) -> dict[str, Any]:
    common = {"archived": False, "createdAt": WHEN, "updatedAt": WHEN}
    shown = [
        {"id": stage, "label": said[0], "displayOrder": place, "metadata": dict(said[1]), **common}
        for place, (stage, said) in enumerate(stages.items())
    ]
    return {"id": name, "label": label, "displayOrder": 0, "stages": shown, **common}
