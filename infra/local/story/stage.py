"""The stage: everything that is up, and a connection for each platform registered through the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.local.operating import Operator, sign_in
from infra.local.place import Place
from infra.local.standins.accounts import Accounts
from infra.local.story.deliveries import event_source

KIND = {"hubspot": "crm", "whatsapp_cloud": "whatsapp", "twilio": "telephony", "salesforce": "crm"}
SET_UP = ("hubspot", "salesforce")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a telling of the story needs."""

    place: Place
    known: Accounts
    operator: Operator
    platforms: httpx.Client
    connections: Mapping[str, str]
    webhooks: Mapping[str, str]

    def standin(self, name: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer of a stand-in's own pages: GET without a body, else POST."""
        url = f"{self.place.standin(name)}/_standin/{path}"
        answer = self.platforms.get(url) if body is None else self.platforms.post(url, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@dataclass(frozen=True, slots=True)
class Running:
    """What is up, as the state file tells `make story` and `make down`."""

    api_url: str
    groups: Mapping[str, int]
    connections: Mapping[str, str]
    webhooks: Mapping[str, str]
    told: int

    def write(self, path: Path) -> None:
        """Writes the state file."""
        path.write_text(json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> Running:
        """The inverse of `write`; OSError where nothing is up."""
        return cls(**json.loads(path.read_text()))


def open_stage(place: Place, running: Running) -> Stage:
    """The stage of what is up."""
    known = Accounts.read(place.directory / "accounts.json")
    operator = sign_in(place, known, running.api_url)
    return Stage(place, known, operator, httpx.Client(timeout=30), running.connections, running.webhooks)


def register(operator: Operator, place: Place, known: Accounts) -> tuple[dict[str, str], dict[str, str]]:
    """A connection per platform, and the account prepared where the platform needs it; ids and URLs by platform."""
    views = {draft["platform"]: operator.post("/v1/connections", draft) for draft in drafts(place, known)}
    for platform in SET_UP:
        operator.post(f"/v1/connections/{views[platform]['id']}/set-up", {"agreed": True})
    ids = {platform: view["id"] for platform, view in views.items()}
    return ids, {platform: view["webhooks"][KIND[platform]] for platform, view in views.items()}


def drafts(place: Place, known: Accounts) -> list[dict[str, Any]]:
    """What an operator would fill in for each platform."""
    return [
        {
            "platform": "hubspot",
            "name": "HubSpot",
            "settings": {
                "portal_id": str(known.hubspot_portal_id),
                "app_id": str(known.hubspot_app_id),
                "base_url": place.standin("hubspot"),
                "default_region": "JP",
            },
            "secrets": {"signing": known.hubspot_client_secret, "access_token": known.hubspot_token},
        },
        {
            "platform": "whatsapp_cloud",
            "name": "WhatsApp",
            "settings": {
                "phone_number_id": known.meta_phone_number_id,
                "waba_id": known.meta_business_account_id,
                "base_url": place.standin("meta"),
                "default_region": "JP",
            },
            "secrets": {"signing": known.meta_app_secret, "verify_token": known.meta_verify_token},
        },
        {
            "platform": "twilio",
            "name": "Telephone",
            "settings": {
                "account_sid": known.twilio_account_sid,
                "base_url": place.standin("twilio"),
                "default_region": "JP",
            },
            "secrets": {"signing": known.twilio_auth_token},
        },
        {
            "platform": "salesforce",
            "name": "Salesforce",
            "settings": {
                "organization_id": known.salesforce_organization_id,
                "event_source": event_source(known),
                "client_id": known.salesforce_client_id,
                "username": known.salesforce_username,
                "base_url": place.standin("salesforce"),
                "default_region": "JP",
            },
            "secrets": {"signing": known.salesforce_url_token, "private_key": known.salesforce_key},
        },
    ]
