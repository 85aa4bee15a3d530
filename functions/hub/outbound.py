"""What a connector declares of its platform's limits and tokens; `hub.limits` and `hub.oauth` keep to it.

In a module of its own that imports nothing: manifests are read where every import is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Complaint = Callable[[Mapping[str, Any], Mapping[str, Any]], str]


def no_complaint(_answer: Mapping[str, Any], _settings: Mapping[str, Any]) -> str:
    """Most platforms do not say whose tokens they are."""
    return ""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` units in any `per_s` seconds, or at the same time where `per_s` is 0.

    It holds for requests whose `METHOD path` matches the regular expression `applies` (all where it is ""), each of
    which costs `cost` units. `setting` names the connection's setting that replaces `most` (editions differ). Work that
    can wait (imports, reconciling) leaves the share `reserve` of it for live changes. `scope` "platform" says that all
    connections of the platform share it. Limits of one name share one budget, of which the first that
    applies tells the cost. `remaining` and `resets` name the answer's headers that say how many units are
    left and when they come back: `resets_as` "seconds" from now, "milliseconds" from now, or "unix".
    """

    name: str
    most: int
    per_s: float
    applies: str = ""
    cost: int = 1
    setting: str = ""
    reserve: float = 0.2
    scope: str = "connection"
    remaining: str = ""
    resets: str = ""
    resets_as: str = "seconds"


@dataclass(frozen=True, slots=True)
class OAuth:
    """How the platform gives access tokens. URLs may hold `{setting}` of the connection.

    `flows` of authorization_code, client_credentials, jwt_bearer. `header` is the request header and `prefix` what
    stands in it before the token. `client_auth` "body" or "basic" tells how the client shows its secret. `lasts_s` is
    how long a token lasts where the answer does not say. `extra` is sent with every token request, `ask` with the
    authorization request. `instance` names the answer's field that says which host serves the account, kept as the
    setting-like secret `instance_url`; it stands in the answer of the URL `instance_from` where one is named.
    `defaults` are values of settings that a connection lacks. `pkce` says that the platform takes a code challenge.
    `audience` is the `aud` of a JWT bearer (RFC 7523; the settings client_id and username are `iss` and `sub`).
    `refresh_lasts_s` is how long a refresh token that is not used lasts, where the answer does not say; 0: for ever.
    `lasts_s` 0: access tokens have no end. `complaint(answer, settings)` says why tokens are not for the connection's
    account, "" where they are.
    """

    token_url: str
    authorize_url: str = ""
    flows: tuple[str, ...] = ("authorization_code",)
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    header: str = "authorization"
    prefix: str = "Bearer "
    client_auth: str = "body"
    lasts_s: int = 1800
    extra: Mapping[str, str] = field(default_factory=dict)
    ask: Mapping[str, str] = field(default_factory=dict)
    instance: str = ""
    instance_from: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = False
    audience: str = ""
    refresh_lasts_s: int = 0
    complaint: Complaint = no_complaint
