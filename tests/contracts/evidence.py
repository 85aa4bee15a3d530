"""What a connector brings as proof: its folder, its page and its example deliveries, read strictly.

An example is a JSON file in `deliveries/`:

description  one sentence
kind         crm | whatsapp | telephony, where it is not the connector's first
source       webhook | eventbridge | kinesis, where it is not the connector's only one
handshake    true for a set-up request that is no GET, false for a GET that is a delivery
settings     the connection's settings
request      method (POST), query, headers, and body (a text, or an object that is written without spaces) or
             body_base64; unsigned: the suite signs it. A GET is a handshake; an object whose `source` is the platform's
             event source came over the event bus. Named secrets are `<name>-of-the-example`
response     status and body of the answer, byte for byte
events       in order: type, and where given subject, time (the platform's), timequality and data_includes: objects
             may hold more than is declared, lists may not
unmapped     the types of the unmapped parts, in order
quarantine   null, or a part of the reason
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.connector import KINDS, SOURCES, Connector, load, remembers_nothing, signed
from hub.delivery import Connection, Delivery, Request

BASE_URL = "https://hub.example/webhooks"
CONNECTION_ID = "c0nn3ct10n0f7h33x4mp135000"
RECEIVED_AT = "2026-11-22T12:00:00.000Z"
NOW = 1_795_348_800.0  # RECEIVED_AT as Unix seconds
SECRET = b"signing-secret-of-the-example"
OTHER_SECRET = b"signing-secret-of-somebody-else"
KEYS = frozenset(
    {
        "description",
        "settings",
        "kind",
        "source",
        "handshake",
        "request",
        "response",
        "events",
        "unmapped",
        "quarantine",
    }
)
REQUEST_KEYS = frozenset({"method", "query", "headers", "body", "body_base64"})
EVENT_KEYS = frozenset({"type", "subject", "time", "timequality", "data_includes"})


def named_secret(name: str) -> str:
    """The value that every named secret has in the examples."""
    return f"{name}-of-the-example"


@dataclass(frozen=True)
class Example:
    """One file of `deliveries/`: a request, and what it must become."""

    name: str
    request: Mapping[str, Any]
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] | None = None
    events: Sequence[Mapping[str, Any]] = ()
    unmapped: Sequence[str] = ()
    quarantine: str | None = None
    source: str = ""
    handshake: bool | None = None

    @property
    def method(self) -> str:
        """POST unless it says otherwise."""
        return str(self.request.get("method", "POST"))

    @property
    def is_handshake(self) -> bool:
        """A set-up request: it is answered and never mapped."""
        return self.method == "GET" if self.handshake is None else self.handshake

    @property
    def body(self) -> bytes:
        """The raw body; an object is written without spaces, as most platforms do."""
        if "body_base64" in self.request:
            return base64.b64decode(self.request["body_base64"], validate=True)
        content = self.request.get("body", "")
        if isinstance(content, str):
            return content.encode("utf-8")
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8")

    @property
    def headers(self) -> dict[str, str]:
        """Header names in lower case."""
        return {name.lower(): value for name, value in self.request.get("headers", {}).items()}


@dataclass(frozen=True)
class Evidence:
    """A connector with its folder and its examples."""

    connector: Connector
    folder: Path
    module: str
    examples: tuple[Example, ...]

    @property
    def deliveries(self) -> list[Example]:
        """The examples that are mapped."""
        return [example for example in self.examples if not example.is_handshake]

    @property
    def signed(self) -> list[Example]:
        """The examples that come over HTTP and must prove themselves."""
        return [example for example in self.deliveries if not self.comes_by_bus(example)]

    @property
    def secrets(self) -> dict[str, str]:
        """What a handshake is given: every named secret, and the signing secret."""
        named = {name: named_secret(name) for name in self.connector.secret_names}
        return named | {"signing": self.connector.key_pair(SECRET)[1].decode()}

    def comes_by_bus(self, example: Example) -> bool:
        """Whether it is an envelope of the platform's event bus or a record of its stream: the cloud vouches for it."""
        if example.source or "webhook" not in self.connector.sources:
            return example.source != "webhook"
        prefix = self.connector.event_source_prefix
        body = example.request.get("body")
        return bool(prefix and isinstance(body, dict) and str(body.get("source", "")).startswith(prefix))

    def connection(self, example: Example) -> Connection:
        """The connection that the example came in on."""
        return Connection(CONNECTION_ID, self.connector.name, "Example", settings=example.settings)

    def request(self, example: Example, body: bytes | None = None, *, method: str = "", path: str = "") -> Request:
        """The example as an unsigned request."""
        token = f"/{SECRET.decode()}" if self.connector.token_in_path else ""
        query = str(example.request.get("query", ""))
        url = f"{BASE_URL}/{example.kind}/{CONNECTION_ID}{path}{token}" + (f"?{query}" if query else "")
        content = example.body if body is None else body
        return Request(method or example.method, url, example.headers, content, query=query)

    def delivery(self, example: Example, body: bytes | None = None, received_at: str = RECEIVED_AT) -> Delivery:
        """The example as it reaches mapping: only the headers that the connector keeps."""
        content = example.body if body is None else body
        kept = {key: value for key, value in example.headers.items() if key in self.connector.keep_headers}
        return Delivery(
            connection_id=CONNECTION_ID,
            platform=self.connector.name,
            kind=example.kind,
            received_at=received_at,
            body=content,
            method=example.method,
            query=str(example.request.get("query", "")),
            headers={**kept, **self._remembered(example, content)},
            raw_ref="raw/2026/11/22/example.jsonl#0",
        )

    def signed_request(self, request: Request, secret: bytes = SECRET, now: float = NOW) -> Request:
        """The request as the platform would send it, with its side of the secret made of that text."""
        return signed(self.connector, request, self.connector.key_pair(secret)[0], now)

    def _remembered(self, example: Example, body: bytes) -> Mapping[str, str]:
        if self.connector.remember is remembers_nothing or self.comes_by_bus(example):
            return {}
        return self.connector.remember(self.signed_request(self.request(example, body)))


def read_example(path: Path, default_kind: str) -> Example:
    """The example in a file; AssertionError where it is not of the agreed form."""
    document = json.loads(path.read_text("utf-8"))
    assert set(document) <= KEYS, f"{path.name}: unknown keys {sorted(set(document) - KEYS)}"
    assert document.get("description"), f"{path.name}: no description"
    assert document.get("source", "webhook") in SOURCES, f"{path.name}: an unknown source"
    request = document["request"]
    assert set(request) <= REQUEST_KEYS, f"{path.name}: unknown keys {sorted(set(request) - REQUEST_KEYS)}"
    assert not ("body" in request and "body_base64" in request), f"{path.name}: two bodies"
    for event in document.get("events", []):
        assert set(event) <= EVENT_KEYS, f"{path.name}: unknown keys {sorted(set(event) - EVENT_KEYS)}"
    return Example(
        name=path.stem,
        request=request,
        kind=document.get("kind", default_kind),
        settings=document.get("settings", {}),
        response=document.get("response"),
        events=document.get("events", []),
        unmapped=document.get("unmapped", []),
        quarantine=document.get("quarantine"),
        source=document.get("source", ""),
        handshake=document.get("handshake"),
    )


def evidence_of(name: str) -> Evidence:
    """The evidence for the connector in the folder of that name."""
    import connectors

    connector = load(name)
    return gather(connector, Path(connectors.__path__[0]) / name, f"connectors.{name}")


def gather(connector: Connector, folder: Path, module: str) -> Evidence:
    """The connector with every example of its folder, by name."""
    default_kind = next((kind for kind in KINDS if kind in connector.kinds), "")
    files = sorted((folder / "deliveries").glob("*.json"))
    return Evidence(connector, folder, module, tuple(read_example(path, default_kind) for path in files))
