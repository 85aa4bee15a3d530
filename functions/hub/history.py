"""What was claimed when, so that a customer can be read as of any time.

| item | pk | sk | body |
|---|---|---|---|
| claims of one change of a record | `H#<persona>` | `<connection>#<object>#<at>#<digest>` | connection, platform, object, id, at, claims, life |

Written once, before the record that the claims are folded into, and never changed: running an event again finds them
there. They lie beside the customer's partition, so that reading a customer does not read them. Of what chat profiles
say, only a change is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hub.customer import Customer
from hub.domain.criteria import FILL_EMPTY_OBJECTS, Policy
from hub.domain.customers import choose_fields, fold_claims
from hub.domain.registers import latest, until
from hub.errors import Conflict
from hub.graph import all_items
from hub.ports import Item, Store

Body = Mapping[str, Any]
_SOURCE = ("connection", "platform", "object", "id")
_ALIVE = {"field": "life", "value": "alive", "at": ""}


class History:
    """Keeps claims; every write is conditional and safe to repeat."""

    def __init__(self, store: Store, hashed: Callable[[str], str]) -> None:
        """`hashed` is `Directory.hashed`: what was said is no plain part of a key."""
        self._store = store
        self._hashed = hashed

    def keep(self, record: Item, said: Body) -> None:
        """Keeps what is `said` (connection, platform, object, id, at, claims, life) before it goes into the record.

        `record` is the record as stored; where it already holds all of it, so does the history.
        """
        if not _is_news(record.body, said):
            return
        for one in (said, *_overtaken(record.body, said)):
            self._put(record.pk, one)

    def _put(self, pk: str, said: Body) -> None:
        digest = self._hashed("claims\n" + json.dumps(said, sort_keys=True))
        sk = f"{said['connection']}#{said['object']}#{said['at']}#{digest}"
        try:
            self._store.put(Item(pk.replace("P#", "H#", 1), sk, said))
        except Conflict:
            return  # it has been kept: what is said is part of the key


def _is_news(known: Body, said: Body) -> bool:
    repeats = _repeats if said["object"] in FILL_EMPTY_OBJECTS else _same
    fields = known.get("fields", {})
    claims = any(not repeats(_register(fields, claim), claim) for claim in said["claims"])
    return claims or ("life" in said and not _same(known.get("life", {}).get("field"), said["life"]))


def _register(fields: Body, claim: Body) -> Body | None:
    found: Body | None = fields.get(claim["field"], {}).get(claim.get("precision", "field"))
    return found


def _same(register: Body | None, claim: Body) -> bool:
    return register is not None and (register["value"], register["at"]) == (claim["value"], claim["at"])


def _repeats(register: Body | None, claim: Body) -> bool:
    """Whether a chat profile only says again what it said before."""
    return register is not None and register["value"] == claim["value"] and register["at"] <= claim["at"]


def _overtaken(known: Body, said: Body) -> Iterator[Body]:
    """What a chat profile had said again, and was not kept: it is news after all where something came in between."""
    if said["object"] not in FILL_EMPTY_OBJECTS:
        return
    for claim in said["claims"]:
        register = _register(known.get("fields", {}), claim)
        if register and register["at"] > claim["at"] and register["value"] != claim["value"]:
            yield {**said, "at": register["at"], "claims": [{**claim, **register}]}


def records_as_of(store: Store, customer: Customer, at: str) -> list[dict[str, Any]]:
    """The customer's records with what had been claimed by that time (RFC 3339 UTC).

    A record that nobody had heard of yet is left out. Of one from before there was a history, only what it still holds
    is known.
    """
    found = []
    for pk, records in _by_partition(customer).items():
        kept = [item.body for item in all_items(store, pk)]
        found += [
            _as_of(record, _of(record, kept), at, customer.policies) for record in records if _known(record, kept, at)
        ]
    return found


def fields_as_of(store: Store, customer: Customer, at: str) -> dict[str, dict[str, Any]]:
    """The customer's fields (hub.domain.customers.choose_fields) as they were at that time, with the pins of then."""
    pins, choices = ([_by(one, at) for one in decided] for decided in (customer.pins, customer.choices))
    return choose_fields(records_as_of(store, customer, at), pins, customer.policies, choices)


def _by(decided: Body, at: str) -> dict[str, Any]:
    return {**decided, "history": [one for one in decided["history"] if one["at"] <= at]}


def said_about(store: Store, customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Field by field all that was ever said, `{"value", "at", "precision", "source"}`, oldest first.

    Where one source says the same several times in a row, the first time stands for them.
    """
    said: dict[str, list[dict[str, Any]]] = {}
    for pk, records in _by_partition(customer).items():
        kept = [item.body for item in all_items(store, pk)]
        for record in records:
            for field, claims in _field_by_field([*_of(record, kept), {**record, "claims": _held(record)}]).items():
                said.setdefault(field, []).extend(claims)
    return {field: sorted(claims, key=_when) for field, claims in sorted(said.items())}


def _by_partition(customer: Customer) -> dict[str, list[Body]]:
    """The customer's records by the partition of their history."""
    found: dict[str, list[Body]] = {}
    for item in customer.items:
        if item.sk.startswith("REC#"):
            found.setdefault(item.pk.replace("P#", "H#", 1), []).append(item.body)
    return found


def _of(record: Body, kept: Iterable[Body]) -> list[Body]:
    wanted = (record["connection"], record["object"])
    return [one for one in kept if (one["connection"], one["object"]) == wanted]


def _known(record: Body, kept: Iterable[Body], at: str) -> bool:
    """Whether anybody had heard of the record; not knowing since when is as good."""
    mine = _of(record, kept)
    times = [one["at"] for one in mine] + [
        claim["at"] for one in (*mine, {"claims": _held(record)}) for claim in one["claims"]
    ]
    return not mine or min(times) <= at


def _as_of(record: Body, kept: Sequence[Body], at: str, policies: Mapping[str, Policy]) -> dict[str, Any]:
    """The record's registers, from what it still holds and what the history has besides."""
    holds = {field: left for field, registers in record["fields"].items() if (left := until(registers, at))}
    claims = [claim for one in kept for claim in one["claims"] if claim["at"] <= at]
    lives = [one["life"] for one in kept if "life" in one and one["life"]["at"] <= at]
    now = until(record.get("life", {}), at)
    life = latest(now, [_ALIVE, *lives])
    fields = fold_claims(holds, claims, policies)
    return {**record, "fields": fields, "life": life, "deleted": life["field"]["value"] == "deleted"}


def _held(record: Body) -> list[dict[str, Any]]:
    """The claims that a record's last-writer registers hold."""
    return [
        {"field": field, "value": one["value"], "at": one["at"], "precision": precision}
        for field, registers in record["fields"].items()
        for precision, one in registers.items()
        if precision in ("field", "row")
    ]


def _field_by_field(kept: Iterable[Body]) -> dict[str, list[dict[str, Any]]]:
    """One record's claims by field, without what it only said again."""
    said: dict[str, list[dict[str, Any]]] = {}
    for one in kept:
        source = {key: one[key] for key in _SOURCE}
        for claim in one["claims"]:
            shown = {"value": claim["value"], "at": claim["at"], "precision": claim.get("precision", "field")}
            said.setdefault(claim["field"], []).append({**shown, "source": source})
    return {field: _changes(sorted(claims, key=_when)) for field, claims in said.items()}


def _changes(claims: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for n, one in enumerate(claims) if n == 0 or one["value"] != claims[n - 1]["value"]]


def _when(claim: Body) -> tuple[Any, ...]:
    source = claim["source"]
    own = claim["precision"] == "field"
    return claim["at"], source["connection"], source["object"], source["id"], not own, claim["value"] or ""
