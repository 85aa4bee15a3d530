"""What a token endpoint answers: tokens, or that they are not given, in the words of RFC 6749 and of the platforms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hub.errors import Retry
from hub.oauth_grant import Grant
from hub.outbound import OAuth
from hub.ports import HttpResponse

OPERATOR_S = 900
LONGEST_LIFE_S = 400 * 86_400
_WORD = re.compile(r"[A-Za-z_ ]{1,60}")
AGAIN = "authorize the connection again"
_CREDENTIALS = "check the connection's client_id and its secret, and that the app still exists"
# The answer's error -> how to mend it; no repetition helps.
# HubSpot: BAD_REFRESH_TOKEN, BAD_AUTH_CODE … in `status`; Zoho: invalid_code for a refresh token too, with status 200.
DEAD: Mapping[str, str] = {
    "invalid_grant": AGAIN,
    "invalid_code": AGAIN,
    "bad_refresh_token": AGAIN,
    "bad_auth_code": AGAIN,
    "invalid_refresh_token": AGAIN,
    "consent_required": AGAIN,
    "interaction_required": AGAIN,
    "invalid_client": _CREDENTIALS,
    "unauthorized_client": _CREDENTIALS,
    "invalid_client_id": _CREDENTIALS,
    "bad_client_id": _CREDENTIALS,
    "bad_client_secret": _CREDENTIALS,
    "invalid_scope": "give the app the scopes that the connector's page names",
    "access_denied": AGAIN,
}


class Dead(Exception):
    """The platform will give no token until a person does something; `mend` says what."""

    def __init__(self, word: str, mend: str) -> None:
        super().__init__(word)
        self.word, self.mend = word, mend


class NotReady(Retry):
    """The platform answered, and gave no token for now."""


def granted(
    answer: HttpResponse, oauth: OAuth, flow: str, now: float, before: Grant | None, settings: Mapping[str, Any]
) -> Grant:
    """The tokens of an answer; Dead where a person must act, Retry where the platform is not ready.

    A refresh token that the answer does not replace stays.
    """
    body = _object(answer)
    token = body.get("access_token")
    if answer.status >= 300 or not isinstance(token, str) or not token:
        raise _refusal(answer, body)
    instance = _instance(body, oauth) or (before.instance_url if before else "")
    if oauth.instance and not (instance or oauth.instance_from):
        raise NotReady("the platform gave no access token: it did not say which host serves the account", OPERATOR_S)
    if complaint := oauth.complaint(body, settings):
        raise Dead("wrong_account", complaint)
    fresh = body.get("refresh_token")
    kept = fresh if isinstance(fresh, str) and fresh else before.refresh_token if before else ""
    lasts_s = seconds(body.get("expires_in")) or oauth.lasts_s
    return Grant(
        access_token=token,
        flow=flow,
        granted_at=int(now),
        ends_at=int(now) + lasts_s if lasts_s else None,
        refresh_token=kept,
        refresh_ends_at=_refresh_ends_at(body, oauth, kept, now) or _known_end(before, kept),
        instance_url=instance,
    )


def _refresh_ends_at(body: Mapping[str, Any], oauth: OAuth, kept: str, now: float) -> int | None:
    lasts_s = seconds(body.get("refresh_token_expires_in")) or oauth.refresh_lasts_s
    return int(now) + lasts_s if kept and lasts_s else None


def _known_end(before: Grant | None, kept: str) -> int | None:
    """The end of a refresh token that stays the same, where the answer does not say it again."""
    return before.refresh_ends_at if before and kept and kept == before.refresh_token else None


def _refusal(answer: HttpResponse, body: Mapping[str, Any]) -> Exception:
    named = [str(body[name]) for name in ("error", "status") if isinstance(body.get(name), str)]
    words = [word for word in named if _WORD.fullmatch(word)]
    known = next((word for word in words if word.lower() in DEAD), None)
    if known and answer.status < 500:
        return Dead(known, DEAD[known.lower()])
    word = words[0] if words else str(answer.status)
    return NotReady(f"the platform gave no access token ({word})", OPERATOR_S if answer.status < 500 else 30)


def _instance(body: Mapping[str, Any], oauth: OAuth) -> str:
    value = body.get(oauth.instance) if oauth.instance else None
    return value.rstrip("/") if isinstance(value, str) else ""


def instance_of(answer: HttpResponse, oauth: OAuth) -> str:
    """The host that serves the account, where it has to be asked for; Retry where the answer does not say."""
    found = _instance(_object(answer), oauth)
    if answer.status >= 300 or not found:
        raise Retry("the platform did not say which host serves the account", OPERATOR_S)
    return found


def _object(answer: HttpResponse) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def seconds(value: object) -> int:
    """A duration as platforms write it (number or text), 0 where there is none that can be."""
    try:
        number = int(float(str(value)))
    except (ValueError, OverflowError):
        return 0
    return number if 0 < number <= LONGEST_LIFE_S else 0
