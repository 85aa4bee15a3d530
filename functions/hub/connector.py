"""What a connector is, and the registry: every folder under `connectors/` is one, no list is kept anywhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.delivery import Connection, Delivery, Request, Response
from hub.errors import Unauthorized

if TYPE_CHECKING:
    from hub.domain.events import Mapped

KINDS = ("crm", "whatsapp", "telephony")

Verify = Callable[[Request, Sequence[bytes], Connection, float], None]
Sign = Callable[[Request, bytes, float], Mapping[str, str]]


def signs_nothing(_request: Request, _secret: bytes, _now: float) -> Mapping[str, str]:
    """Platforms that prove themselves by a token in the URL add no header."""
    return {}


def no_handshake(_request: Request, _secrets: Mapping[str, str]) -> Response | None:
    """Most platforms have no handshake."""
    return None


def as_received(body: bytes) -> bytes:
    """Most platforms send no credential in a body."""
    return body


def plain_ok(_request: Request, _connection: Connection) -> Response:
    """An empty 200."""
    return Response(200)


@dataclass(frozen=True, slots=True)
class Connector:
    """One platform: what it is, how it proves itself, what it wants to hear, what we can do to it.

    `verify(request, secrets, connection, now)` returns or raises Unauthorized; any other exception counts as a
    refusal too. `secrets` are the signing secrets valid now (several during a rotation); `now` is Unix seconds.
    `sign(request, secret, now)` gives the headers with which the platform would send that request (tests, stand-ins).
    `token_in_path` says that the signing secret is the last path segment of the webhook URL.
    `handshake(request, secrets)` answers a set-up request (`secrets` by name) or returns None.
    `acknowledge(request, connection)` is the answer to an accepted delivery.
    `without_credentials(body)` takes out a credential that a platform sends with every delivery, before it is stored.
    `keep_headers` are the header names that mapping needs (lower case); all others are dropped at ingest.
    `mapping` names the module, `client` the module with the outbound side ("" where there is none).
    `effects` gives each command's class: A idempotent by our id, B searchable by our id, C neither.
    `secret_names` are the named secrets the connection needs beside the signing secret (see `hub.ports.Secrets`).
    `required_settings` must be present when a connection is created.
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
    event_source_prefix: str = ""
    deadline_s: float = 10.0
    retries: str = ""

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
