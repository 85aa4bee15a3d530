"""Serves every stand-in, each on its own port of 127.0.0.1, in one process: `python -m infra.local.standins …`."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.place import STANDINS, Place, from_arguments
from infra.local.standins.accounts import Accounts, public_key
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.issuer import Issuer
from infra.local.standins.meta import Meta
from infra.local.standins.others import others
from infra.local.standins.salesforce import Salesforce
from infra.local.standins.twilio import Twilio


def applications(place: Place, known: Accounts) -> dict[str, Starlette]:
    """Every stand-in by name."""
    key = serialization.load_pem_private_key(known.oidc_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    issuer = Issuer(place.standin("issuer"), known.oidc_audience, known.oidc_client_id, known.oidc_client_secret, key)
    salesforce = Salesforce(
        place.standin("salesforce"),
        known.salesforce_client_id,
        known.salesforce_username,
        public_key(known.salesforce_key),
        known.salesforce_organization_id,
    )
    standins = {
        "issuer": issuer.standin(),
        "hubspot": HubSpot(known.hubspot_token).standin(),
        "salesforce": salesforce.standin(),
        "meta": Meta(place.standin("meta"), known.meta_token).standin(),
        "twilio": Twilio(known.twilio_account_sid, known.twilio_auth_token).standin(),
    }
    return {name: standin.app() for name, standin in {**standins, **others(place)}.items()}


def by_port(apps: dict[int, Starlette]) -> ASGIApp:
    """One application that answers as the stand-in whose port was called."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return application


def main(arguments: list[str]) -> None:
    """Serves until it is told to stop."""
    place = from_arguments(arguments)
    known = Accounts.read(Path(place.directory) / "accounts.json")
    apps = {place.standin_port(name): app for name, app in applications(place, known).items()}
    assert len(apps) == len(STANDINS)
    config = uvicorn.Config(by_port(apps), lifespan="off", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[_listen(port) for port in apps])


def _listen(port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.set_inheritable(True)
    return listener


if __name__ == "__main__":
    main(sys.argv[1:])
