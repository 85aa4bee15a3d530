"""What was set aside: quarantined deliveries and parts without words of ours; read one, map it again."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from api import raw
from api.paging import Cursor, Limit, Seal
from api.problems import Problem, not_found
from api.resource import Resource
from hub.folding import fold
from hub.ports import Item
from hub.wiring import Hub

router = Resource()
MAX_SHOWN_BYTES = 900_000  # escaped as JSON still under the 6 MB that a function may answer
_ID = re.compile(r"([0-9a-f]{32})(?:-([0-9]{1,6}))?")


class SetAside(BaseModel):
    """One record: `reason` says why a delivery is in quarantine, `type` the platform's word for an unmapped part."""

    id: str
    kind: Literal["quarantine", "unmapped"]
    status: str
    connection: str
    platform: str
    inbound: str
    received_at: str
    reason: str | None = None
    type: str | None = None
    mapped_again_at: str | None = None


class TypeCount(BaseModel):
    """How many parts of a platform's type have come so far."""

    connection: str
    type: str
    count: int


class SetAsideList(BaseModel):
    """Newest first; `counts` covers everything unmapped, not only this page."""

    items: list[SetAside]
    counts: list[TypeCount]
    next: str | None


class RawDelivery(BaseModel):
    """A delivery as received, with the headers that were kept; the body as text, or in base64 where it is none.

    Of a body over 900,000 bytes only the beginning is here, and `truncated` says so.
    """

    method: str
    query: str
    headers: dict[str, str]
    size_bytes: int
    truncated: bool
    body_text: str | None = None
    body_base64: str | None = None


class SetAsideDetail(SetAside):
    """With the delivery; null once it is no longer kept."""

    delivery: RawDelivery | None


Kind = Annotated[Literal["quarantine", "unmapped"], Query(description="Which of the two.")]


@router.get("/v1/set-aside", summary="What was set aside", tags=["operations"])
def list_set_aside(kind: Kind, limit: Limit = 25, cursor: Cursor = None) -> SetAsideList:
    """Deliveries that could not be read, or parts that have no words of ours, newest first."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), f"set-aside {kind}")
    page = hub.store.query_index(f"ASIDE#{kind}", limit=limit, start=seal.open(cursor), newest_first=True)
    counts = _counts(hub) if kind == "unmapped" else []
    items = [SetAside.model_validate(_shown(item)) for item in page.items]
    return SetAsideList(items=items, counts=counts, next=seal.close(page.next_key))


@router.get("/v1/set-aside/<item_id>", summary="Read one, with its delivery", tags=["operations"])
def read_set_aside(item_id: str) -> SetAsideDetail:
    """The record and the delivery it came with, exactly as received."""
    hub = router.hub
    item = _item(hub, item_id)
    message = raw.load(hub.blobs, item.body["raw"])
    return SetAsideDetail.model_validate({**_shown(item), "delivery": message and _delivery(hub, message)})


@router.post(
    "/v1/set-aside/<item_id>/map-again", summary="Map its delivery again", tags=["operations"], status_code=202
)
def map_again(item_id: str) -> SetAside:
    """Puts the delivery back on the inbound queue; what it was mapped to before does not come into being twice."""
    hub = router.hub
    item = _item(hub, item_id)
    message = raw.load(hub.blobs, item.body["raw"])
    if message is None:
        raise Problem(409, "The delivery is no longer kept, so it cannot be mapped again.")
    _mark(hub, item)  # first: being set aside once more must be what is seen in the end
    hub.queue.send(f"inbound-{message['kind']}", raw.enqueueable(hub.blobs, message, item.body["raw"]))
    hub.telemetry.count("api.mapped_again", platform=item.body["platform"])
    return SetAside.model_validate(_shown(_item(hub, item_id)))


def _item(hub: Hub, item_id: str) -> Item:
    parts = _ID.fullmatch(item_id)
    sk = "quarantine" if parts and parts[2] is None else f"unmapped#{parts[2]}" if parts else ""
    item = hub.store.get(f"ASIDE#{parts[1]}", sk) if parts else None
    if item is None:
        raise not_found("record")
    return item


def _mark(hub: Hub, item: Item) -> None:
    at = datetime.fromtimestamp(hub.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def step(stored: Item) -> Item:
        return replace(stored, body={**stored.body, "status": "mapped_again", "mapped_again_at": at})

    fold(hub.store, item.pk, item.sk, step)


def _shown(item: Item) -> dict[str, Any]:
    kind, _, number = item.sk.partition("#")
    delivery = item.pk.removeprefix("ASIDE#")
    body = item.body
    return {
        "id": f"{delivery}-{number}" if number else delivery,
        "kind": kind,
        "inbound": body["kind"],
        **{name: body[name] for name in ("status", "connection", "platform", "received_at")},
        **{name: body.get(name) for name in ("reason", "type", "mapped_again_at")},
    }


def _counts(hub: Hub) -> list[TypeCount]:
    items = hub.store.query("ASIDE#counts", limit=1000).items
    return [TypeCount(connection=one.body["connection"], type=one.body["type"], count=one.body["n"]) for one in items]


def _delivery(hub: Hub, message: Mapping[str, Any]) -> RawDelivery:
    body = raw.body(hub.blobs, message)
    shown = body[:MAX_SHOWN_BYTES]
    text = _text(shown, whole=len(shown) == len(body))
    return RawDelivery(
        method=message.get("method", "POST"),
        query=message.get("query", ""),
        headers=dict(message.get("headers", {})),
        size_bytes=len(body),
        truncated=len(body) > len(shown),
        body_text=text,
        body_base64=base64.b64encode(shown).decode() if text is None else None,
    )


def _text(body: bytes, *, whole: bool) -> str | None:
    """The text in UTF-8, a character cut at the end left out; None where it is no text."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(body, whole)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
