"""A person's way through a platform's authorization: a ticket, a browser, a state, each good once and for 10 minutes.

| item | pk | sk | body |
|---|---|---|---|
| what a person was offered, or asked the platform for (expires after 10 minutes) | `OAUTH#<SHA-256 of ticket or state>` | `OAUTH` | step, connection, platform, by, browser, used |

Neither the ticket, the state nor the browser's mark is stored, only their digests; the verifier (RFC 7636) follows from
the state and the deployment's hash key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hub.errors import Conflict
from hub.ports import Item
from hub.wiring import Hub

OAUTH = "OAUTH"
LASTS_S = 600
OFFERED, ASKED = "offered", "asked"
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """Which connection a person authorizes, and who asked for it (`by`); `browser` is the digest of its mark."""

    connection: str
    platform: str
    by: str
    browser: str = ""


def new_text() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """What is stored in place of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def remember(hub: Hub, step: str, text: str, visit: Visit) -> None:
    """Stores a ticket or a state, to be used once within 10 minutes."""
    body = {"step": step, "connection": visit.connection, "platform": visit.platform, "by": visit.by}
    until = int(hub.clock.now()) + LASTS_S
    hub.connection_items.put(
        Item(f"{OAUTH}#{digest(text)}", OAUTH, {**body, "browser": visit.browser}, expires_at=until)
    )


def redeem(hub: Hub, step: str, text: str, browser: str | None = None) -> Visit | None:
    """The visit, used up; None for a text that is wrong, was used, is too old, or comes from another browser.

    Who comes from another browser does not use it up.
    """
    item = hub.connection_items.get(f"{OAUTH}#{digest(text)}", OAUTH) if 0 < len(text) <= MAX_TEXT else None
    if item is None or not _redeemable(item, step, hub.clock.now()):
        return None
    if browser is not None and not hmac.compare_digest(str(item.body["browser"]), digest(browser)):
        return None
    try:
        hub.connection_items.put(replace(item, body={**item.body, "used": True}))
    except Conflict:
        return None
    return _visit(item.body)


def _redeemable(item: Item, step: str, now: float) -> bool:
    return item.body["step"] == step and not item.body.get("used") and now < (item.expires_at or 0)


def _visit(body: Mapping[str, str]) -> Visit:
    return Visit(body["connection"], body["platform"], body["by"], body["browser"])


def verifier_of(hub: Hub, state: str) -> str:
    """The code verifier that belongs to a state: 43 characters, known to this deployment alone."""
    mac = hmac.digest(hub.secrets.hash_key(), b"pkce\n" + state.encode(), "sha256")
    return base64.urlsafe_b64encode(mac).decode("ascii").rstrip("=")
