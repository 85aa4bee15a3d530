"""A small connector that keeps every promise, as files; each seeded defect is one replacement in them."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.evidence import Evidence, gather, named_secret

INIT = """
import hmac
from hub.connector import Connector
from hub.delivery import Response
from hub.signatures import Hmac, Timestamp

def covered(request, signed_at):
    return (signed_at.encode() + b"." + request.body,)

SCHEME = Hmac("x-signature", covered, timestamp=Timestamp("x-time"))

def handshake(request, secrets):
    if request.method != "GET":
        return None
    token, challenge = secrets.get("token", ""), request.query.partition("&c=")[2]
    genuine = token and hmac.compare_digest(request.query.encode(), f"t={token}&c={challenge}".encode())
    return Response(200, challenge) if genuine else Response(403)

CONNECTOR = Connector(
    name="NAME", title="Faked", kinds=frozenset({"whatsapp"}), signature="HMAC", retries="never",
    verify=SCHEME.verify, sign=SCHEME.sign, handshake=handshake, methods=frozenset({"GET", "POST"}),
    mapping="NAME.webhook", documents=("https://faked.example/docs",), secret_names=("token",),
    identity="the body", emits=("message.received",),
)
"""

WEBHOOK = """
from hub.domain.events import Mapped, MessageData, Party, Unmapped, instant
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import int_at, list_at, parse_json, text_at

def map_delivery(delivery, connection):
    document = parse_json(delivery.body)
    if not list_at(document, "items"):
        raise Quarantine("no items")
    maker = EventMaker(delivery, connection)
    parts = [part(maker, item) for item in list_at(document, "items")]
    return Mapped(
        events=tuple({one.id: one for one in parts if not isinstance(one, Unmapped)}.values()),
        unmapped=tuple(one for one in parts if isinstance(one, Unmapped)),
    )

def part(maker, item):
    if text_at(item, "type") != "text":
        return Unmapped(type="items/other", native=item)
    number, at = text_at(item, "id"), int_at(item, "at")
    if number is None:
        return Unmapped(type="items/unreadable", native=item)
    data = MessageData(message_id=number, channel="sms", direction="inbound", customer=Party(), text=text_at(item, "text"))
    return maker.event("message.received", data, subject=number, time=time(at), key=(number,))

def floating(make):
    def made(*arguments, **named):
        event = make(*arguments, **named)
        return event.model_copy(update={"data": {**event.data, "native": {"n": 0.5}}})
    return made

def time(at):
    try:
        return instant(at * 1000) if at is not None else None
    except ValueError:
        return None
"""

README = "# Faked\n\nRead on 2026-11-21: <https://faked.example/docs>. Needs the secret `token`.\n"


def _item(number: int, kind: str = "text") -> dict[str, Any]:
    return {"id": f"m{number}", "at": 1_795_000_000 + number, "type": kind, "text": f"message {number}"}


def _event(number: int) -> dict[str, Any]:
    return {
        "type": "message.received",
        "subject": f"m{number}",
        "time": f"2026-11-18T11:06:4{number}.000Z",
        "data_includes": {"text": f"message {number}"},
    }


def _post(body: Any, **becomes: Any) -> dict[str, Any]:
    return {"description": "An example.", "request": {"body": body}, **becomes}


EXAMPLES: dict[str, dict[str, Any]] = {
    "one_text": _post({"items": [_item(1)]}, events=[_event(1)]),
    "two_texts": _post({"items": [_item(1), _item(2)]}, events=[_event(1), _event(2)]),
    "unknown_type": _post({"items": [_item(1, "hologram")]}, unmapped=["items/other"]),
    "unreadable": _post("{", quarantine="not JSON"),
    "handshake": {
        "description": "The set-up.",
        "request": {"method": "GET", "query": f"t={named_secret('token')}&c=77"},
        "response": {"status": 200, "body": "77"},
    },
}


@dataclass(frozen=True)
class Defect:
    """What is put wrong: text in one of the files replaced; `file` as in `write`."""

    file: str
    old: str
    new: str


def write(folder: Path, defects: tuple[Defect, ...] = ()) -> Evidence:
    """The connector in a package of the folder's name, with the defects; the parent must be on the import path."""
    files = {"__init__.py": INIT.replace("NAME", folder.name), "webhook.py": WEBHOOK, "README.md": README}
    files |= {f"deliveries/{name}.json": json.dumps(example) for name, example in EXAMPLES.items()}
    for defect in defects:
        assert defect.old in files[defect.file], f"the defect does not apply: {defect.old}"
        files[defect.file] = files[defect.file].replace(defect.old, defect.new)
    (folder / "deliveries").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    importlib.invalidate_caches()
    module = importlib.import_module(folder.name)
    return gather(module.CONNECTOR, folder, folder.name)
