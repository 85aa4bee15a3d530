"""What a connector is, and the registry: every folder under `connectors/` is one, no list is kept anywhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hub.delivery import Connection, Delivery, Request, Response
from hub.errors import Unauthorized
from hub.outbound import Limit, OAuth

if TYPE_CHECKING:
    from hub.domain.events import Mapped

KINDS = ("crm", "whatsapp", "telephony")
SOURCES = ("webhook", "eventbridge", "kinesis")

Verify = Callable[[Request, Sequence[bytes], Connection, float], None]
Sign = Callable[[Request, bytes, float], Mapping[str, str]]
SignRequest = Callable[[Request, bytes, float], Request]


def signs_nothing(_request: Request, _secret: bytes, _now: float) -> Mapping[str, str]:
    """Platforms that prove themselves by a token in the URL add no header."""
    return {}


def no_handshake(_request: Request, _secrets: Mapping[str, str]) -> Response | None:
    """Most platforms have no handshake."""
    return None


def as_received(body: bytes) -> bytes:
    """Most platforms send no credential in a body."""
    return body


def remembers_nothing(_request: Request) -> Mapping[str, str]:
    """Most platforms say in body and plain headers all that mapping needs."""
    return {}


def same_key(text: bytes) -> tuple[bytes, bytes]:
    """Most platforms sign with the very secret that the connection keeps, and any text can be one."""
    return text, text


def any_settings(_values: Mapping[str, Any]) -> list[str]:
    """Most platforms have no settings that could be wrong in themselves."""
    return []


def plain_ok(_request: Request, _connection: Connection) -> Response:
    """An empty 200."""
    return Response(200)


@dataclass(frozen=True, slots=True)
class Connector:
    """One platform: what it is, how it proves itself, what it wants to hear, what we can do to it.

    `verify(request, secrets, connection, now)` returns or raises Unauthorized; any other exception counts as a
    refusal too. `secrets` are the signing secrets valid now (several during a rotation); `now` is Unix seconds.
    `sign(request, secret, now)` gives the headers with which the platform would send that request (tests, stand-ins).
    `sign_request(request, secret, now)` gives the whole signed request where the proof is in the body, the query or the
    TLS certificate; everybody calls `signed`, which knows both.
    `key_pair(text)` makes of any text what the platform signs with and what the connection keeps (for tests: most are
    the same text; Ed25519 has a private and a public key, Standard Webhooks want base64).
    `stale_after_s` is how old a signed time may be, where one is signed.
    `token_in_path` says that the signing secret is the last path segment of the webhook URL; `token_in_query` names the
    query parameter that holds it: it is taken out before the delivery is stored.
    `remember(request)` gives headers for mapping made from a proven request (the id inside a JWT), for what must not be
    stored whole; an outsider's header of that name never counts.
    `handshake(request, secrets)` answers a set-up request or returns None; `secrets` by name, `signing` among them. An
    answer signed with it must never be what a delivery could be signed with: bound what it covers.
    `acknowledge(request, connection)` is the answer to an accepted delivery.
    `without_credentials(body)` takes out a credential that a platform sends with every delivery, before it is stored.
    `keep_headers` are the header names that mapping needs (lower case); all others are dropped at ingest.
    `mapping` names the module, `client` the module with the outbound side ("" where there is none).
    `effects` gives the class of each command (hub.domain.commands) and of `CreateRecord` and `UpdateRecord` (`create`
    and `write` of hub.domain.sync): A idempotent by our id, B searchable by our id, C neither; of several the weakest.
    `secret_names` are the named secrets the connection needs beside the signing secret (see `hub.ports.Secrets`).
    `required_settings` must be present when a connection is created.
    `check_settings(settings)` says what is wrong with settings before they are saved, each as `place: sentence`, where
    the place begins with the setting's name: `map[0].event: It must be one of …`.
    `event_source_prefix` is how the names of its event sources (EventBridge sources, ARNs of streams) begin, one or several.
    `sources` says how deliveries come: webhook, eventbridge (partner source or AWS service), kinesis.
    `needs` are the packages beyond the standard library that `verify` imports when the first delivery comes.
    `limits` and `oauth` are what `hub.limits` and `hub.oauth` keep to (hub.outbound).
    `identity` is one sentence: what makes two deliveries the same one. `emits` are the event types mapping can give.
    `documents` are links, each alone or followed by the time of reading: `https://… (read 2026-11)`.
    """

    name: str
    title: str
    kinds: frozenset[str]
    signature: str
    verify: Verify
    mapping: str
    documents: tuple[str, ...]
    sign: Sign = signs_nothing
    token_in_path: bool = False
    quality: str = "bronze"
    handshake: Callable[[Request, Mapping[str, str]], Response | None] = no_handshake
    acknowledge: Callable[[Request, Connection], Response] = plain_ok
    without_credentials: Callable[[bytes], bytes] = as_received
    methods: frozenset[str] = frozenset({"POST"})
    keep_headers: frozenset[str] = frozenset()
    client: str = ""
    effects: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    secret_names: tuple[str, ...] = ()
    required_settings: tuple[str, ...] = ()
    event_source_prefix: str | tuple[str, ...] = ""
    deadline_s: float = 10.0
    retries: str = ""
    sign_request: SignRequest | None = None
    key_pair: Callable[[bytes], tuple[bytes, bytes]] = same_key
    stale_after_s: float = 300.0
    token_in_query: str = ""
    remember: Callable[[Request], Mapping[str, str]] = remembers_nothing
    sources: frozenset[str] = frozenset({"webhook"})
    needs: tuple[str, ...] = ()
    identity: str = ""
    emits: tuple[str, ...] = ()
    check_settings: Callable[[Mapping[str, Any]], list[str]] = any_settings
    limits: tuple[Limit, ...] = ()
    oauth: OAuth | None = None

    @property
    def links(self) -> tuple[str, ...]:
        """The documents' addresses, without the times of reading."""
        return tuple(document.partition(" ")[0] for document in self.documents)

    def stored_query(self, query: str) -> str:
        """The raw query without the token."""
        if not self.token_in_query:
            return query
        return "&".join(part for part in query.split("&") if part.partition("=")[0] != self.token_in_query)

    def map_delivery(self, delivery: Delivery, connection: Connection) -> Mapped:
        """Events and unmapped parts of one delivery; pure. Raises Quarantine where the whole cannot be read."""
        module = importlib.import_module(self.mapping)
        mapped: Mapped = module.map_delivery(delivery, connection)
        return mapped


def names() -> list[str]:
    """The connectors found in the folder, sorted."""
    import connectors

    return sorted(entry.name for entry in pkgutil.iter_modules(connectors.__path__) if entry.ispkg)


def load(name: str) -> Connector:
    """The connector of that name; KeyError where there is no such folder."""
    if not name.isidentifier():
        raise KeyError(name)
    try:
        module = importlib.import_module(f"connectors.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"connectors.{name}":
            raise
        raise KeyError(name) from error
    connector: Connector = module.CONNECTOR
    return connector


def signed(connector: Connector, request: Request, secret: bytes, now: float) -> Request:
    """The request as the platform would send it at `now` (Unix seconds), signed with the platform's side of the secret.

    A token in the path is part of the URL that the platform was given: it is in the request already.
    """
    if connector.sign_request:
        return connector.sign_request(request, secret, now)
    return replace(request, headers={**request.headers, **connector.sign(request, secret, now)})


def authenticate(
    connector: Connector, request: Request, secrets: Sequence[bytes], connection: Connection, now: float
) -> None:
    """Returns for a genuine request; raises Unauthorized otherwise, whatever the verifier raised (fails closed)."""
    if not secrets:
        raise Unauthorized("no_secret")
    try:
        connector.verify(request, secrets, connection, now)
    except Unauthorized:
        raise
    except Exception as error:  # a stranger's bytes must never become a 5xx
        raise Unauthorized("malformed") from error
