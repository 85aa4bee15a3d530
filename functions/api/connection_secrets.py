"""Secrets of a connection: rotation with overlap, and what may be shown of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.connection_models import SecretEnd, SecretsView, SigningSecret
from api.connection_rules import SIGNING
from api.problems import Problem
from hub.connections import MAX_SIGNING_SECRETS, named_secrets
from hub.connector import Connector
from hub.oauth_grant import INSTANCE, Grant

SHORT = 12  # a secret shorter than this shows nothing


def rotated(secrets: Mapping[str, Any], value: str, now: float, overlap_s: int) -> dict[str, Any]:
    """The secrets with `value` as the current signing secret; the others stay valid, at most `overlap_s` longer.

    Repeating a rotation changes nothing. Problem 409 when too many would be valid at once.
    """
    kept = [one for one in secrets.get(SIGNING, ()) if one["not_after"] is None or _unix(one["not_after"]) > now]
    current = [one for one in kept if one["value"] == value and one["not_after"] is None]
    if current:
        return {**secrets, SIGNING: kept}
    end = _rfc_3339(now + overlap_s)
    earlier = [_ending(one, end) for one in kept if one["value"] != value] if overlap_s else []
    if len(earlier) >= MAX_SIGNING_SECRETS:
        raise Problem(409, f"{MAX_SIGNING_SECRETS} signing secrets are valid already; wait until the first has ended.")
    return {**secrets, SIGNING: [{"id": _id(value, now), "value": value, "not_after": None}, *earlier]}


def _ending(secret: Mapping[str, Any], end: str) -> dict[str, Any]:
    """The secret with the earlier of its own end and `end`."""
    own = secret["not_after"]
    return {**secret, "not_after": end if own is None or _unix(own) > _unix(end) else own}


def shown(connector: Connector | None, secrets: Mapping[str, Any], now: float) -> SecretsView:
    """What people may see: names, ends and until when; expired ones are gone."""
    named = {name: value for name, value in named_secrets(secrets).items() if name != INSTANCE}
    wanted = connector.secret_names if connector and not Grant.of(secrets) else ()
    return SecretsView(
        signing=[
            SigningSecret(id=one["id"], last_four=last_four(one["value"]), not_after=one["not_after"])
            for one in secrets.get(SIGNING, ())
            if one["not_after"] is None or _unix(one["not_after"]) > now
        ],
        named={name: SecretEnd(last_four=last_four(value)) for name, value in sorted(named.items())},
        missing=[name for name in wanted if not named.get(name)],
    )


def last_four(value: str) -> str:
    """The last four characters of a secret of 12 or more, else nothing."""
    text = value.strip()
    return text[-4:] if len(text) >= SHORT else ""


def _id(value: str, now: float) -> str:
    """8 hex digits to tell secrets apart; the time is part of it, so that it says nothing about the value alone."""
    return hashlib.sha256(f"{now}\n{value}".encode()).hexdigest()[:8]


def _unix(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _rfc_3339(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
