"""What a connection has been granted: its tokens, until when, and the credentials that fetch new ones.

Kept in the connection's secret as `oauth`, beside the secrets that people entered; `instance_url` stands by itself,
because clients read it as they read a setting. Times are Unix seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hub.delivery import Connection
from hub.errors import Reject
from hub.http import checked_host
from hub.outbound import OAuth

OAUTH, INSTANCE = "oauth", "instance_url"
# Secrets that fetch a token; any other named secret is a token by itself, which nothing here touches.
CREDENTIALS = frozenset({"client_id", "client_secret", "private_key"})
SHORTEST_MARGIN_S, LONGEST_MARGIN_S = 30, 600
_HOLE = re.compile(r"\{(\w+)\}")
_VALUE = re.compile(r"(?:https?://)?[A-Za-z0-9.:_-]{1,253}(?:/[A-Za-z0-9._-]{1,100}){0,3}")


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token; `ends_at` None where it has no end. `refresh_ends_at` is when the refresh token is dead."""

    access_token: str = field(repr=False)
    flow: str
    granted_at: int
    ends_at: int | None = None
    refresh_token: str = field(default="", repr=False)
    refresh_ends_at: int | None = None
    instance_url: str = ""

    @classmethod
    def of(cls, secrets: Mapping[str, Any]) -> Grant | None:
        """What the connection's secret holds, None where nothing was granted yet."""
        kept = secrets.get(OAUTH)
        if not isinstance(kept, dict) or not kept.get("access_token"):
            return None
        return cls(**{name: kept[name] for name in cls.__slots__ if name in kept})

    def within(self, secrets: Mapping[str, Any]) -> dict[str, Any]:
        """The connection's secret with this grant in place of the one before."""
        kept = {name: value for name in self.__slots__ if (value := getattr(self, name)) not in (None, "")}
        instance = {INSTANCE: self.instance_url} if self.instance_url else {}
        return {**secrets, OAUTH: kept, **instance}

    def good(self, now: float) -> bool:
        """Whether it can be used at all."""
        return self.ends_at is None or now < self.ends_at

    def lasting(self, now: float) -> bool:
        """Whether it can be used without thinking of the next: a fifth of its life is left, 10 minutes at most."""
        if self.ends_at is None:
            return True
        fifth = (self.ends_at - self.granted_at) // 5
        return now < self.ends_at - min(max(fifth, SHORTEST_MARGIN_S), LONGEST_MARGIN_S)


def credential(name: str, connection: Connection, secrets: Mapping[str, Any]) -> str:
    """A credential from the settings or the secrets, "" where there is none."""
    return str(connection.settings.get(name) or secrets.get(name) or "")


def flow_of(oauth: OAuth | None, connection: Connection, secrets: Mapping[str, Any]) -> str:
    """How this connection gets its tokens, "" where it has a token of another kind or none at all.

    The setting `oauth_flow` decides where the platform has several; else what a person authorized goes first.
    """
    if oauth is None:
        return ""
    asked = connection.settings.get("oauth_flow")
    if asked in oauth.flows:
        return str(asked)
    kept = Grant.of(secrets)
    if kept and kept.flow == "authorization_code":
        return kept.flow
    if "jwt_bearer" in oauth.flows and secrets.get("private_key"):
        return "jwt_bearer"
    others = {name for name, value in secrets.items() if isinstance(value, str) and value} - CREDENTIALS - {INSTANCE}
    if others or not credential("client_id", connection, secrets) or not secrets.get("client_secret"):
        return ""
    return "client_credentials" if "client_credentials" in oauth.flows else "authorization_code"


def filled(template: str, oauth: OAuth, settings: Mapping[str, Any]) -> str:
    """A declared text with the connection's settings in its holes; Reject where one is missing or cannot stand there."""

    def value(hole: re.Match[str]) -> str:
        text = str(settings.get(hole[1]) or oauth.defaults.get(hole[1]) or "").rstrip("/")
        if not _VALUE.fullmatch(text):
            raise Reject(f"the connection's setting {hole[1]} is missing or cannot be part of an address")
        return text

    return _HOLE.sub(value, template)


def address(
    template: str, oauth: OAuth, connection: Connection, hosts: tuple[str, ...], *, local: bool = False
) -> tuple[str, tuple[str, ...]]:
    """A declared address filled in, and the hosts it may have: the platform's, and the one that is written out.

    Reject where a setting leads elsewhere, so that no client secret is ever sent to a host that nobody declared. In
    the local stack (`local`) the connection's `base_url` stands in its place.
    """
    own = urlsplit(template).netloc
    allowed = (*hosts, *([own] if own and "{" not in own else []))
    url, base = filled(template, oauth, connection.settings), connection.settings.get("base_url")
    if local and base:
        return f"{str(base).rstrip('/')}{urlsplit(url).path}", allowed
    checked_host(url, allowed, allow_private=local)
    return url, allowed
