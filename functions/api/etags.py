"""ETags against lost updates: strong, made of what is shown.

A route that reads calls `shown(router, model)`: the answer carries its ETag, and who has it already (If-None-Match)
gets 304. A route that writes calls `require(router, model)` with what it would show now: If-Match of anything older is
412. About a customer, `take_turn` also lets only one of several writers who saw the same go on:

| item | pk | sk | body |
|---|---|---|---|
| whose turn it was | `P#<anchor>` | `TURN` | work |
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from api.problems import Problem
from api.resource import Resource
from hub.customer import Customer
from hub.errors import Conflict
from hub.folding import fold
from hub.ports import Item
from hub.wiring import Hub

TURN = "TURN"
ANY = "*"
M = TypeVar("M", bound=BaseModel)
Preview = Callable[[], BaseModel]


def of(hub: Hub, model: BaseModel, turn: int = 0) -> str:
    """The model's strong ETag, quoted; keyed, so that nobody can try values against it. Its own `etag` is left out."""
    said = f"etag\n{type(model).__name__}\n{turn}\n{model.model_dump_json(exclude={'etag'})}"
    digest = hmac.digest(hub.secrets.hash_key(), said.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f'"{base64.b32encode(digest).decode("ascii")[:26].lower()}"'


def shown(resource: Resource, model: M, turn: int = 0) -> M:
    """The model, with its ETag sent beside it."""
    resource.exchange.etag = of(resource.hub, model, turn)
    return model


def require(resource: Resource, model: BaseModel, turn: int = 0, preview: Preview | None = None) -> None:
    """Problem 412 where the request says If-Match and the model is no longer what its ETag was made of.

    The ETag of the write's `preview` is as good.
    """
    wanted = _listed(resource.exchange.headers.get("if-match", ANY))
    if ANY in wanted or of(resource.hub, model, turn) in wanted:
        return
    if preview is None or of(resource.hub, preview(), turn) not in wanted:
        raise _changed()


def turn_of(found: Customer) -> int:
    """How many turns people have taken at the customer; part of its ETag."""
    return sum(item.version for item in found.items if item.sk == TURN)


def take_turn(resource: Resource, found: Customer, model: BaseModel, preview: Preview | None = None) -> None:
    """As `require`, before anything about a customer is written; of two who saw the same, the second gets 412.

    Work that was begun before, and is done again after a crash, has had its turn.
    """
    turn = {"work": resource.work.id}
    if any(item.sk == TURN and item.body == turn for item in found.items):
        return
    require(resource, model, turn_of(found), preview)
    place = Item(f"P#{found.anchor}", TURN)
    seen = next((item for item in found.items if (item.pk, item.sk) == (place.pk, place.sk)), place)
    if "if-match" not in resource.exchange.headers:
        fold(resource.hub.store, place.pk, place.sk, lambda item: replace(item, body=turn))
        return
    try:
        resource.hub.store.put(replace(seen, body=turn))
    except Conflict:
        raise _changed() from None


def matched(headers: Mapping[str, str], etag: str) -> bool:
    """Whether a reader has this already, by If-None-Match (weak comparison: RFC 9110, 13.1.2); `headers` lower-case."""
    listed = _listed(headers.get("if-none-match", ""))
    return ANY in listed or etag in {one.removeprefix("W/") for one in listed}


def _listed(header: str) -> list[str]:
    return [one.strip() for one in header.split(",")]


def _changed() -> Problem:
    return Problem(412, "Somebody changed this since you read it: read it again, then decide.")
