"""What platforms claim about a customer, record by record, in the state table.

| item | pk | sk | body |
|---|---|---|---|
| record | `P#<persona>` | `REC#<connection>#<object>` | connection, platform, object, id, fields, holds, life, deleted, version |

Its index lists the records of a connection: `R#<connection>#<object>`, `<persona>`.

`holds` maps a field that names an identifier to `{persona: [first, last]}`: the times between which the record is
known to have held that identifier there ("" stands for an empty field). Smallest and greatest, so the order of arrival
is nothing. What `fields` and `life` hold is hub.domain.registers; what they held before is hub.history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.domain.criteria import FILL_EMPTY_OBJECTS, Policy
from hub.domain.customers import POLICY, fold_claims
from hub.domain.events import Identifier
from hub.domain.registers import held, latest
from hub.folding import fold
from hub.history import History
from hub.ports import Item, Store

# Deletions and restorations of one record that are remembered.
MOST_LIVES = 20

Holds = Mapping[str, Mapping[str, list[str]]]


class RecordStore:
    """Folds claims into records; every write is conditional and safe to repeat."""

    def __init__(
        self,
        store: Store,
        hashed: Callable[[str], str],
        policies: Callable[[], Mapping[str, Policy]] = lambda: POLICY,
    ) -> None:
        """`hashed` is `Directory.hashed`, `policies` are read with each fold (hub.field_policies)."""
        self._store = store
        self._hashed = hashed
        self._policies = policies
        self._history = History(store, hashed)

    def stored(self, identifier: Identifier, connection: str, kind: str) -> Item:
        """The record's item as it is now; an empty one where there is none."""
        pk, sk = f"P#{self._hashed(identifier.key)}", f"REC#{connection}#{kind}"
        return self._store.get(pk, sk) or Item(pk, sk)

    def fold(
        self,
        identifier: Identifier,
        connection: str,
        platform: str,
        data: Mapping[str, Any],
        known: Item | None = None,
    ) -> None:
        """Folds a record's claims (`claims`, `holds`, `change`, `at`, `object`, `id`) into its registers.

        `version` is the platform's own, seen at `version_at`; `known` is the item as it was read just now.

        The history comes first: after a crash between the two, running it again completes the record.
        """
        pk, sk = f"P#{self._hashed(identifier.key)}", f"REC#{connection}#{data['object']}"
        said, policies = _said(connection, platform, data), self._policies()

        def step(item: Item) -> Item:
            body = _folded(item.body, connection, platform, data, policies)
            return replace(item, body=body, index=(records_of(connection, data["object"]), pk.removeprefix("P#")))

        fold(self._store, pk, sk, step, first=lambda item: self._history.keep(item, said), known=known)


def records_of(connection: str, kind: str) -> str:
    """The index partition that lists all records of a kind on a connection, by their personas."""
    return f"R#{connection}#{kind}"


def held_of(body: Mapping[str, Any]) -> dict[str, str | None]:
    """What the platform holds of the record as far as we know, by our fields."""
    return {field: held(registers)["value"] for field, registers in body.get("fields", {}).items()}


def fold_holds(holds: Holds, said: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, list[str]]]:
    """The holds with more (field, persona, time)."""
    folded = {field: dict(held) for field, held in holds.items()}
    for field, persona, at in said:
        held = folded.setdefault(field, {})
        first, last = held.get(persona, [at, at])
        held[persona] = [min(first, at), max(last, at)]
    return folded


def _said(connection: str, platform: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the history keeps of it; a chat profile speaks as of a day, whatever moment a message came."""
    claims = [dict(claim) for claim in data.get("claims", ())]
    at = claims[0]["at"] if data["object"] in FILL_EMPTY_OBJECTS and claims else data["at"]
    named = {"connection": connection, "platform": platform, "object": data["object"], "id": data["id"]}
    life = {} if (one := _life(data))["at"] == "" else {"life": one}
    return {**named, "at": at, "claims": claims, **life}


def _folded(
    body: Mapping[str, Any],
    connection: str,
    platform: str,
    data: Mapping[str, Any],
    policies: Mapping[str, Policy] = POLICY,
) -> dict[str, Any]:
    """The record with more claims; being deleted or restored is itself a claim, decided by the platform's time."""
    life = latest(body.get("life", {}), [_life(data)])
    return {
        "connection": connection,
        "platform": platform,
        "object": data["object"],
        "id": data["id"],
        "fields": fold_claims(body.get("fields", {}), data.get("claims", []), policies),
        "holds": fold_holds(body.get("holds", {}), data.get("holds", ())),
        "life": life,
        "deleted": life["field"]["value"] == "deleted",
        **_gone(body, data),
        **_version(body, data),
        **_past(body, data),
    }


def _gone(body: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, bool]:
    """Marks that stay: what a deleted record said is to count all the same (`kept`), but not that of one which became
    another (`merged`) or was deleted for privacy (`erased`)."""
    return {mark: True for mark in ("kept", "erased", "merged") if data.get(mark) or body.get(mark)}


def _version(body: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    known = body.get("version")
    seen = (data["version_at"], data["version"]) if data.get("version") else None
    return {"version": later_version(known, seen)} if known or seen else {}


def later_version(known: Sequence[str] | None, seen: Sequence[str] | None) -> list[str]:
    """Of two `(when it was seen, version)` the later one; the same version is known since it was first seen."""
    both = sorted(list(one) for one in (known, seen) if one)
    return next(one for one in both if one[1] == both[-1][1])


def _life(data: Mapping[str, Any]) -> dict[str, Any]:
    """A record that is not deleted is alive; a change says nothing new, so it claims the beginning of time."""
    change = data.get("change", "changed")
    at = data["at"] if change in ("deleted", "restored") else ""
    return {"field": "life", "value": "deleted" if change == "deleted" else "alive", "at": at}


def _past(body: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Since when it is known, and its latest deletions and restorations: `{time: value}`."""
    known = {"since": min(body.get("since", data["at"]), data["at"])}
    change = data.get("change", "changed")
    if change not in ("deleted", "restored"):
        return known | ({"lives": body["lives"]} if "lives" in body else {})
    lives = {**body.get("lives", {}), data["at"]: max(change, body.get("lives", {}).get(data["at"], ""))}
    return known | {"lives": {at: lives[at] for at in sorted(lives)[-MOST_LIVES:]}}
