"""The stand-ins that the story tells nothing of: served so that the hub can call every platform that it writes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.place import Place
from infra.local.standins.dynamics import Dynamics
from infra.local.standins.freshsales import Freshsales
from infra.local.standins.intercom import Intercom
from infra.local.standins.mailchimp import Mailchimp
from infra.local.standins.pipedrive import Pipedrive
from infra.local.standins.server import Standin
from infra.local.standins.shopify import Shopify
from infra.local.standins.woocommerce import WooCommerce
from infra.local.standins.zendesk import Zendesk
from infra.local.standins.zoho import Zoho

TOKEN = "local-token"
MAILCHIMP_KEY = "local-key-us21"
ORGANIZATION = "0b1ec7ed-0000-4000-8000-000000000077"

_MAKERS: Mapping[str, Callable[[str], Any]] = {
    "dynamics365": lambda url: Dynamics(url, TOKEN, ORGANIZATION),
    "freshsales": lambda _url: Freshsales(TOKEN),
    "intercom": lambda _url: Intercom(TOKEN),
    "mailchimp": lambda _url: Mailchimp(MAILCHIMP_KEY),
    "pipedrive": lambda _url: Pipedrive(TOKEN),
    "shopify": lambda _url: Shopify(TOKEN),
    "woocommerce": lambda url: WooCommerce(TOKEN, TOKEN, url),
    "zendesk": lambda _url: Zendesk(TOKEN),
    "zoho": lambda _url: Zoho(TOKEN),
}
_SECRETS: Mapping[str, Mapping[str, str]] = {
    "mailchimp": {"api_key": MAILCHIMP_KEY},
    "zendesk": {"api_token": TOKEN, "api_user": "agent@example.com"},
}


def others(place: Place) -> dict[str, Standin]:
    """Each by its connector's name."""
    return {name: make(place.standin(name)).standin() for name, make in _MAKERS.items()}


def account(place: Place, platform: str, secret_names: tuple[str, ...]) -> dict[str, Any]:
    """What an operator fills in to connect the stand-in: settings and secrets; {} where there is none."""
    if platform not in _MAKERS:
        return {}
    secrets = _SECRETS.get(platform) or dict.fromkeys(secret_names, TOKEN)
    return {"settings": {"base_url": place.standin(platform)}, "secrets": dict(secrets)}
