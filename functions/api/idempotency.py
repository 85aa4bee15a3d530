"""Writes that may be repeated: with an Idempotency-Key, the first answer comes again.

| item | pk | sk | body |
|---|---|---|---|
| a key in use (expires after 24 h) | `IDEM#<hash of caller and key>` | `IDEM` | request, state, id, at, until, run, answer |

The item is a guard, not the authority: the work's own writes carry `Work.id`, which the item remembers, so that work
repeated after a crash changes nothing that the first run has done. A refusal (4xx) frees the key, for nothing was done.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from api.exchange import WRITES, Work
from api.problems import Problem, unusable
from hub.directory import Directory
from hub.errors import Conflict
from hub.ports import Item, Store
from hub.wiring import Hub

HEADER = "idempotency-key"
REPLAYED = "Idempotent-Replayed"
KEPT_S = 86_400
LEASE_S = 60  # longer than the function may run: after that, nobody works on it any more
MAX_ANSWER_BYTES = 300_000  # a longer answer is not kept: the work is asked for again, and changes nothing
OK, REFUSED = range(200, 300), range(400, 500)
_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
# The creation of a connection keeps its own promise: its key finds the connection for ever.
_OWN_PROMISE = "/v1/connections"

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as idempotency sees it: who asks (`by`), with which key, and for what (method, path, query, body)."""

    by: str
    key: str | None
    what: str


def applies(method: str, route: str) -> bool:
    """Whether a route takes the header: every write but those about connections."""
    return method in WRITES and not route.startswith(_OWN_PROMISE)


def key_of(headers: Mapping[str, str]) -> str | None:
    """The request's key, None without one; Problem 422 where it is none. `headers` lower-case."""
    key = headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise unusable("Idempotency-Key", "Give 1 to 255 printable ASCII characters, best a random UUID.")
    return key


def once(hub: Hub, asked: Asked, run: Callable[[Work], Answer]) -> Answer:
    """The answer to a write: of the first request with the key, however often it is sent; always run without a key.

    Problem 422 where the key came with another request, 409 while the first one runs.
    """
    now = hub.clock.now()
    if asked.key is None:
        return run(Work(secrets.token_hex(16), asked.by, _instant(now)))
    hashed = Directory(hub.store, hub.secrets.hash_key()).hashed
    name = hashed(f"idempotency\n{asked.by}\n{asked.key}")
    item = hub.store.get(f"IDEM#{name}", "IDEM") or Item(f"IDEM#{name}", "IDEM")
    begun = _begun(item, hashed(asked.what), now)
    if "answer" in begun:
        return _again(begun["answer"])
    running = {"state": "running", "until": int(now) + LEASE_S, "run": secrets.token_hex(8)}
    claimed = _put(hub.store, replace(item, body={**begun, **running}, expires_at=int(now) + KEPT_S))
    answer = run(Work(begun["id"], asked.by, begun["at"]))
    _finish(hub.store, claimed, answer)
    return answer


def _begun(item: Item, request: str, now: float) -> Mapping[str, Any]:
    """The work as it was begun before, with its answer where there is one; as begun now where the key is free."""
    known = item.body
    if not known or known["state"] == "free" or (item.expires_at or 0) <= now:
        return {"request": request, "id": secrets.token_hex(16), "at": _instant(now)}
    if known["request"] != request:
        raise unusable("Idempotency-Key", "This key came with another request before; use a new one for each.")
    if known["state"] == "running" and known["until"] > now:
        raise _still_running()
    return known


def _put(store: Store, item: Item) -> Item:
    try:
        store.put(item)
    except Conflict:
        stored = store.get(item.pk, item.sk)
        if stored is None or stored.body.get("run") != item.body["run"]:
            raise _still_running() from None
        return stored  # written by us: only the table's answer was lost
    return replace(item, version=item.version + 1)


def _finish(store: Store, claimed: Item, answer: Answer) -> None:
    """Keeps the answer; after a refusal the key is free, after a failure of ours the same work may be asked for again."""
    try:
        store.put(replace(claimed, body={**claimed.body, **_outcome(answer)}))
    except Conflict:
        return  # the lease ran out, and somebody else has done the same work


def _outcome(answer: Answer) -> dict[str, Any]:
    kept = json.dumps(answer)
    if answer["statusCode"] in REFUSED:
        return {"state": "free"}
    if answer["statusCode"] in OK and len(kept) <= MAX_ANSWER_BYTES:
        return {"state": "done", "answer": kept}
    return {"state": "failed"}


def _again(kept: str) -> Answer:
    answer: Answer = json.loads(kept)
    return {**answer, "headers": {**answer.get("headers", {}), REPLAYED: "true"}}


def _still_running() -> Problem:
    return Problem(
        409,
        "The first request with this Idempotency-Key is still running; send it again in a few seconds.",
        headers={"Retry-After": "2"},
    )


def _instant(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
