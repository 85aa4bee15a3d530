"""What the bridge is told: one TOML file, whose secrets stand in files of their own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PORTS = {"ami": 5038, "ari": 8088, "esl": 8021}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class BadConfig(ValueError):
    """The file does not say what is needed, or says what cannot be right; the text names the key."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the PBX listens and who we are there; `events` empty means the default choice of its kind."""

    kind: str  # ami | ari | esl
    host: str = "127.0.0.1"
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    app: str = "renkei"  # ARI: the Stasis application(s), separated by commas
    all_channels: bool = True  # ARI: hear all channels, also those outside the application
    tls: bool = False
    events: tuple[str, ...] = ()
    silence_s: float = 90.0  # with nothing heard for so long, the connection is made anew


@dataclass(frozen=True, slots=True)
class Config:
    """All of it; sizes in bytes, times in seconds."""

    url: str
    secret: bytes = field(repr=False)
    spool: Path
    source: Source
    node: str = "pbx"
    most_events: int = 100
    most_bytes: int = 100_000  # of a batch; a larger single event goes alone
    most_spooled_bytes: int = 1_000_000_000
    linger_s: float = 0.5
    timeout_s: float = 15.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 300.0


def load(path: Path) -> Config:
    """The configuration in that file; raises BadConfig or OSError."""
    document = tomllib.loads(path.read_text("utf-8"))
    return read(document, path.parent)


def read(document: dict[str, Any], folder: Path) -> Config:
    """The configuration in a parsed document; paths are relative to `folder`. Raises BadConfig."""
    hub, source, spool = (_table(document, name) for name in ("hub", "source", "spool"))
    return Config(
        url=_url(_text(hub, "url")),
        secret=_secret(hub, "secret_file", folder).encode(),
        spool=folder / _text(spool, "path"),
        source=_source(source, folder),
        **_given(hub, "node", "linger_s", "timeout_s", "longest_wait_s"),
        **_given(spool, "most_events", "most_bytes", "most_spooled_bytes"),
    )


def _source(table: dict[str, Any], folder: Path) -> Source:
    kind = _text(table, "kind")
    if kind not in PORTS:
        raise BadConfig(f"source.kind must be one of {', '.join(PORTS)}")
    more = _given(table, "host", "user", "app", "all_channels", "tls", "silence_s")
    password = _secret(table, "password_file", folder)
    events = tuple(str(name) for name in table.get("events", ()))
    for name, value in {**more, "password": password, "events": " ".join(events)}.items():
        if isinstance(value, str) and not value.isprintable():
            raise BadConfig(f"source.{name} holds a character that would end its line")
    return Source(kind=kind, port=int(table.get("port", PORTS[kind])), password=password, events=events, **more)


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    if not isinstance(found, dict):
        raise BadConfig(f"[{name}] is missing")
    return found


def _text(table: dict[str, Any], name: str) -> str:
    found = table.get(name)
    if not isinstance(found, str) or not found:
        raise BadConfig(f"{name} is missing")
    return found


def _secret(table: dict[str, Any], name: str, folder: Path) -> str:
    text = (folder / _text(table, name)).read_text("utf-8").strip()
    if not text:
        raise BadConfig(f"{name} is empty")
    return text


def _url(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise BadConfig("hub.url must begin with https://")
    return url


def _given(table: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: table[name] for name in names if name in table}
