"""An audience's merge fields, and the webhook that tells of its members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.mailchimp.api import Api
from hub.delivery import Connection
from hub.domain.sync import NativeField
from hub.errors import Reject
from hub.parsing import bool_at, dict_at, list_at, text_at

MOST_FIELDS = 1000
OWN = (
    NativeField(name="email_address", label="Email address", type="email", required=True, unique=True, writable=False),
    NativeField(name="language", label="Language", writable=False),
    NativeField(name="tags", label="Tags", type="list"),
)
PARTS = ("addr1", "addr2", "city", "state", "zip", "country")
EVENTS = ("subscribe", "unsubscribe", "profile", "cleaned", "upemail", "campaign")
SOURCES: Mapping[str, bool] = {"user": True, "admin": True, "api": False}  # what we write is not announced to us


def describe(api: Api, audience: str, address: str) -> list[NativeField]:
    """A member's own fields and the audience's merge fields; of its addresses the mapped one, part by part."""
    answer = api.get(f"/lists/{audience}/merge-fields", {"count": MOST_FIELDS})
    return [*OWN, *(field for one in list_at(answer, "merge_fields") for field in _fields(one, address))]


def _fields(shown: Any, address: str) -> list[NativeField]:
    tag = text_at(shown, "tag")
    if tag is None:
        return []
    kind, label = text_at(shown, "type") or "text", text_at(shown, "name") or tag
    parts = [f"{tag}.{part}" for part in PARTS] if tag == address else []
    names = parts if kind == "address" else [tag]
    choices = [one for one in list_at(shown, "options", "choices") if isinstance(one, str)]
    return [
        NativeField(
            name=name,
            label=label,
            type=kind,
            required=bool_at(shown, "required") is True,
            custom=True,
            options=tuple((one, one) for one in choices),
        )
        for name in names
    ]


def plan(api: Api, audience: str, connection: Connection, secrets: Mapping[str, Any]) -> list[str]:
    """What `set_up` would do, a sentence each; [] where the setting `create_webhook` does not ask for it."""
    if connection.settings.get("create_webhook") is not True:
        return []
    found = _webhook(api, audience, _url(connection, secrets))
    if found is None:
        return ["A webhook of the audience, for what subscribers and administrators do, not for what the hub writes."]
    return ["The audience's webhook will no longer announce what the hub writes."] if _announces_us(found) else []


def set_up(api: Api, audience: str, connection: Connection, secrets: Mapping[str, Any]) -> None:
    """Creates the webhook, or makes the one that is there silent about us; safe to repeat."""
    if connection.settings.get("create_webhook") is not True:
        return
    url = _url(connection, secrets)
    wanted = {"url": url, "events": dict.fromkeys(EVENTS, True), "sources": dict(SOURCES)}
    found = _webhook(api, audience, url)
    if found is None:
        api.add(f"/lists/{audience}/webhooks", wanted)
    elif _announces_us(found):
        api.change(f"/lists/{audience}/webhooks/{text_at(found, 'id')}", wanted)


def _url(connection: Connection, secrets: Mapping[str, Any]) -> str:
    base = str(connection.settings.get("public_url") or "").rstrip("/")
    signing = [one for one in (text_at(shown, "value") for shown in list_at(dict(secrets), "signing")) if one]
    if not base or not signing:
        raise Reject("to create the webhook, set public_url to the base of the hub's URLs, and store a signing secret")
    return f"{base}/webhooks/crm/{connection.id}/{signing[0]}"


def _webhook(api: Api, audience: str, url: str) -> dict[str, Any] | None:
    shown = list_at(api.get(f"/lists/{audience}/webhooks"), "webhooks")
    return next((dict_at(one) for one in shown if text_at(one, "url") == url), None)


def _announces_us(webhook: Mapping[str, Any]) -> bool:
    return bool_at(dict(webhook), "sources", "api") is not False
