"""Checks of what a connector says about itself: its manifest, its page, its examples, the weight of its import."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

from hub.connector import KINDS, SOURCES
from hub.domain import commands
from hub.domain.events import EVENT_TYPES
from tests.contracts.evidence import NOW, SECRET, Evidence
from tests.contracts.proofs import proof

HEAVY = ("pydantic", "httpx", "boto3", "botocore", "phonenumbers", "defusedxml", "asyncio", "http.client", "xml",
         "cryptography", "nacl", "jwt")  # fmt: skip
# What is asked of a CRM beside commands: `create` and `write` of hub.domain.sync.
RECORDS = frozenset({"CreateRecord", "UpdateRecord"})
MAX_MODULES = 40
MAX_IMPORT_S = 0.5
DATE = re.compile(r"\b20[0-9]{2}-[01][0-9]-[0-3][0-9]\b")
CREDENTIALS = re.compile(
    r"AKIA[0-9A-Z]{12}|sk_(live|test)_|xox[abp]-|EAA[A-Za-z0-9]{20}|-----BEGIN|pat-(na|eu)\d-|gh[pousr]_[A-Za-z0-9]{20}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ|\bSK[0-9a-f]{32}\b|\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20}|Bearer [A-Za-z0-9._-]{16}"
)
PRINT_IMPORTS = """
import sys, time, json
before = set(sys.modules)
began = time.perf_counter()
import {module}
took = time.perf_counter() - began
print(json.dumps([took, sorted(set(sys.modules) - before)]))
"""
PRINT_MAPPED = """
import hashlib, importlib, pathlib
from tests.contracts.conformance import outcome
from tests.contracts.evidence import gather
evidence = gather(importlib.import_module({module!r}).CONNECTOR, pathlib.Path({folder!r}), {module!r})
digest = hashlib.sha256()
for example in evidence.deliveries:
    digest.update(repr(outcome(evidence, example)).encode())
print(digest.hexdigest())
"""
ROOT = Path(__file__).resolve().parents[2]


def manifest_is_complete(evidence: Evidence) -> None:
    """Every field that people and other parts rely on is there and makes sense."""
    connector = evidence.connector
    assert connector.name == evidence.folder.name, "the name is not that of the folder"
    assert connector.kinds and connector.kinds <= set(KINDS), f"kinds {sorted(connector.kinds)}"
    said = ("title", "signature", "retries", "identity", "documents")
    empty = [name for name in said if not str(getattr(connector, name) or "").strip()]
    assert not empty, f"the manifest does not say: {', '.join(empty)}"
    assert all(link.startswith("https://") for link in connector.links), "documents"
    assert connector.sources and connector.sources <= set(SOURCES), f"sources {sorted(connector.sources)}"
    assert connector.methods and connector.methods <= {"GET", "POST"}, f"methods {sorted(connector.methods)}"
    assert 0 < connector.deadline_s <= 60, "deadline_s"
    assert all(name == name.lower() for name in connector.keep_headers), "keep_headers in upper case"
    assert callable(importlib.import_module(connector.mapping).map_delivery), "no map_delivery"


def effects_are_declared(evidence: Evidence) -> None:
    """Each operation has a class, a module that carries it out, and hosts that it may call; quality fits."""
    connector = evidence.connector
    assert set(connector.effects.values()) <= {"A", "B", "C"}, f"effects {connector.effects}"
    unknown = [name for name in connector.effects if name not in RECORDS and not hasattr(commands, name)]
    assert not unknown, f"no such commands: {unknown}"
    assert bool(connector.effects) == bool(connector.client) == bool(connector.hosts), "effects, client and hosts"
    if connector.client:
        assert callable(importlib.import_module(connector.client).build), "no build"
    assert connector.quality in ("silver", "gold") if connector.effects else connector.quality == "bronze", "quality"


def evidence_is_complete(evidence: Evidence) -> None:
    """Examples of everything that can become of a delivery, and a page with settings, secrets, links and a date."""
    shown = {
        "becomes one event alone": any(len(example.events) == 1 for example in evidence.deliveries),
        "is quarantined": any(example.quarantine is not None for example in evidence.deliveries),
        "declares the platform's time": any("time" in event for one in evidence.deliveries for event in one.events),
    }
    missing = [f"no example that {what}" for what, there in shown.items() if not there]
    assert not missing, ", ".join(missing)
    page = evidence.folder / "README.md"
    assert page.is_file(), "no README.md"
    text = page.read_text("utf-8")
    assert DATE.search(text), "README.md: no date on which the facts were read"
    for needed in (*evidence.connector.links, *evidence.connector.required_settings):
        assert needed in text, f"README.md does not mention {needed}"
    for needed in evidence.connector.secret_names:
        assert needed in text, f"README.md does not mention the secret {needed}"


def shows_every_event_type(evidence: Evidence) -> None:
    """The event types that the manifest names are those that its examples become, each at least once."""
    emits = set(evidence.connector.emits)
    assert emits, "emits: no event type is named"
    assert emits <= set(EVENT_TYPES), f"emits: no such event types: {sorted(emits - set(EVENT_TYPES))}"
    shown = {event["type"] for example in evidence.deliveries for event in example.events}
    assert shown <= emits, f"emits does not name {sorted(shown - emits)}"
    assert emits <= shown, f"no example becomes {sorted(emits - shown)}"


def examples_hold_no_credentials(evidence: Evidence) -> None:
    """No example holds a secret, or a thing that a scanner would take for one."""
    for path in sorted((evidence.folder / "deliveries").glob("*")):
        found = CREDENTIALS.search(path.read_text("utf-8"))
        assert not found, f"{path.name}: {found[0][:12] if found else ''}…"
    for example in evidence.examples:
        held = {"authorization", "cookie", *proof(evidence, evidence.request(example))} & set(example.headers)
        assert not held, f"{example.name}: holds the header {sorted(held)}"


def keeps_no_credentials(evidence: Evidence) -> None:
    """What is stored of a proven delivery holds no static token: neither its body, its query nor its headers."""
    token = evidence.connector.key_pair(SECRET)[1]
    for example in evidence.signed:
        request = evidence.signed_request(evidence.request(example), SECRET, NOW)
        kept = [value for name, value in request.headers.items() if name in evidence.connector.keep_headers]
        kept += [evidence.connector.stored_query(request.query), *evidence.connector.remember(request).values()]
        stored = b"\n".join([evidence.connector.without_credentials(request.body), *(text.encode() for text in kept)])
        assert token not in stored and b64encode(token) not in stored, f"{example.name}: the token would be stored"


def import_is_light(evidence: Evidence) -> None:
    """Importing the manifest loads no model library, no client and little else, in a fresh interpreter."""
    runs = [json.loads(_run(PRINT_IMPORTS.format(module=evidence.module), evidence)) for _ in range(2)]
    loaded = runs[0][1]
    heavy = [name for name in loaded if any(name == one or name.startswith(one + ".") for one in HEAVY)]
    assert not heavy, f"importing {evidence.module} loads {heavy}"
    ours = [name for name in loaded if name.split(".")[0] in ("hub", "connectors")]
    assert len(ours) <= MAX_MODULES, f"importing {evidence.module} loads {len(ours)} modules of ours"
    assert min(took for took, _ in runs) < MAX_IMPORT_S, f"importing {evidence.module} took {runs[0][0]:.2f} s"


def maps_the_same_in_another_process(evidence: Evidence) -> None:
    """Nothing hangs on the order of a set: two interpreters with other hash seeds agree."""
    code = PRINT_MAPPED.format(module=evidence.module, folder=str(evidence.folder))
    digests = {_run(code, evidence, PYTHONHASHSEED=seed) for seed in ("1", "77")}
    assert len(digests) == 1, "two processes map differently"


def _run(code: str, evidence: Evidence, **environment: str) -> str:
    paths = [str(ROOT / "functions"), str(ROOT), str(evidence.folder.parent)]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


MANIFEST = (
    manifest_is_complete,
    effects_are_declared,
    evidence_is_complete,
    shows_every_event_type,
    keeps_no_credentials,
    examples_hold_no_credentials,
    import_is_light,
    maps_the_same_in_another_process,
)
