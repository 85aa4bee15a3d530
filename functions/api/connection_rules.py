"""What a connection must be before it is stored: the platform's settings and secrets, checked one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from api.problems import Problem, unusable
from hub.connector import Connector, load, names
from hub.settings import Settings

SIGNING = "signing"
MAX_SOURCES = 20  # written in one transaction with the connection
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,200}")


def connector_of(platform: str) -> Connector:
    """The platform's connector; Problem 422 names the known platforms."""
    try:
        return load(platform)
    except KeyError:
        raise unusable("platform", f"There is no such platform; known are {', '.join(names())}.") from None


def check_settings(connector: Connector, values: Mapping[str, Any], deployment: Settings) -> None:
    """Problem 422 with every setting that is missing or cannot be used."""
    named = {SIGNING, *secret_names(connector)} & values.keys()
    errors = [
        *((name, f"{connector.title} needs it.") for name in connector.required_settings if not values.get(name)),
        *((name, "It is a secret and belongs among the secrets.") for name in sorted(named)),
        *_wrong(connector, values, deployment),
        *(_placed(complaint) for complaint in connector.check_settings(values)),
    ]
    if errors:
        fields = [(f"settings.{name}", message) for name, message in errors]
        raise Problem(422, f"These settings do not make a connection to {connector.title}.", fields)


def _placed(complaint: str) -> tuple[str, str]:
    place, _, sentence = complaint.partition(": ")
    return place, sentence


def _wrong(connector: Connector, values: Mapping[str, Any], deployment: Settings) -> Iterator[tuple[str, str]]:
    for name, check in _CHECKS.items():
        wrong = (check(text, connector, deployment) for text in _texts(name, values))
        if message := next(filter(None, wrong), None):
            yield name, message
    for name in values.keys() & _FLAGS:
        if not isinstance(values[name], bool):
            yield name, "It must be true or false."
    if "log" in values and not _are_activities(values["log"]):
        yield "log", f"It must be a list of {', '.join(_ACTIVITIES)}, or an empty one for nothing."


def _are_activities(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(one, str) and one in _ACTIVITIES for one in given)


def _texts(name: str, values: Mapping[str, Any]) -> list[str]:
    """The setting's text, if it is set; of event sources there may be several."""
    if name not in values:
        return []
    given = values[name]
    several = name == "event_source" and isinstance(given, list) and len(given) <= MAX_SOURCES
    return [str(one) for one in given] if several else [str(given)]


def _region(text: str, _connector: Connector, _deployment: Settings) -> str | None:
    return None if re.fullmatch("[A-Za-z]{2}", text) else "It must be two letters, such as JP."


def _public_url(text: str, _connector: Connector, deployment: Settings) -> str | None:
    parts = urlsplit(text)
    schemes = {"https", "http"} if deployment.allow_private_hosts else {"https"}
    plain = parts.scheme in schemes and parts.netloc and not (parts.query or parts.fragment or text.endswith("/"))
    return None if plain else "It must be an https URL without a slash at its end."


def _base_url(_text: str, _connector: Connector, deployment: Settings) -> str | None:
    return None if deployment.allow_private_hosts else "It can be set in a local stack only."


def _event_source(text: str, connector: Connector, _deployment: Settings) -> str | None:
    prefix = connector.event_source_prefix
    if not prefix:
        return f"{connector.title} sends no events through EventBridge."
    known = prefix if isinstance(prefix, str) else " or ".join(prefix)
    return None if text.startswith(prefix) and len(text) <= 256 else f"It must start with {known}."


def _one_of(*words: str) -> Callable[[str, Connector, Settings], str | None]:
    def check(text: str, _connector: Connector, _deployment: Settings) -> str | None:
        return None if text in words else f"It must be {' or '.join(words)}."

    return check


def _sync(text: str, connector: Connector, deployment: Settings) -> str | None:
    if text == "both" and not connector.client:
        return f"Nothing can be written to {connector.title}."
    return _one_of("in", "both")(text, connector, deployment)


_FLAGS = frozenset({"spread_imports", "sync_owners", "create_contacts"})
_ACTIVITIES = ("call", "message", "note", "task")
_CHECKS: Mapping[str, Callable[[str, Connector, Settings], str | None]] = {
    "default_region": _region,
    "public_url": _public_url,
    "base_url": _base_url,
    "event_source": _event_source,
    "sync": _sync,
    "on_delete": _one_of("unlink", "ignore"),
}


def secret_names(connector: Connector) -> tuple[str, ...]:
    """The named secrets that a connection may have: the platform's own, and what fetches tokens by OAuth."""
    oauth = connector.oauth
    flows = {"client_secret": oauth is not None, "private_key": oauth is not None and "jwt_bearer" in oauth.flows}
    return tuple(dict.fromkeys([*connector.secret_names, *(name for name, used in flows.items() if used)]))


def check_named(connector: Connector, named: Mapping[str, SecretStr]) -> dict[str, str]:
    """The named secrets as text; Problem 422 for one that the platform does not have."""
    if not named.keys() <= set(secret_names(connector)):
        known = ", ".join((SIGNING, *secret_names(connector)))
        raise unusable("secrets", f"{connector.title} has the secrets {known} and no other.")
    return {name: secret.get_secret_value() for name, secret in named.items()}


def check_signing(connector: Connector, secret: SecretStr) -> str:
    """The signing secret as text; Problem 422 for one that was mispasted or cannot stand in a URL where it must."""
    text = secret.get_secret_value()
    if text != text.strip() or not text.isprintable():
        raise unusable("secrets", "The signing secret starts or ends with a space, or holds a line break.")
    if connector.token_in_path and not _TOKEN.fullmatch(text):
        raise unusable(
            "secrets", "The signing secret is part of the URL: 16 or more letters, digits, '-', '.', '_', '~'."
        )
    return text
