"""A record's fields as claims, and which claim wins for the customer.

Per field a record keeps two last-writer registers: what the platform said about the field itself, and what was read
with only the row's time. Both are the same for any order of arrival; `held` decides between them when read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# field -> policy; the claims that do not win are shown beside the winner.
POLICY: Mapping[str, str] = {"email": "union", "phone": "union"}
DEFAULT_POLICY = "last_writer"
# What a chat profile says counts only where no record says anything.
FILL_EMPTY_OBJECTS = frozenset({"profile"})
CONTACT_OBJECTS = frozenset({"contact", "lead"})

Register = Mapping[str, Any]  # {"value", "at"}


def later(known: Register | None, new: Register) -> Register:
    """The later of two claims; of two at the same instant the greater value, so that the order of arrival is nothing."""
    if known is None:
        return new
    return max(known, new, key=lambda one: (one["at"], one["value"] is not None, one["value"] or ""))


def fold_claims(fields: Mapping[str, Any], claims: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The record's registers with more claims: `{field: {"field": register, "row": register}}`."""
    folded = dict(fields)
    for claim in claims:
        precision = str(claim.get("precision", "field"))
        registers = dict(folded.get(claim["field"], {}))
        registers[precision] = later(registers.get(precision), {"value": claim["value"], "at": claim["at"]})
        folded[claim["field"]] = registers
    return folded


def held(registers: Mapping[str, Register]) -> dict[str, Any]:
    """What the platform holds now, since when, and how well that time is known."""
    field, row = registers.get("field"), registers.get("row")
    if field is None or (row is not None and row["at"] > field["at"] and row["value"] != field["value"]):
        return {**(row or {}), "precision": "row"}
    return {**field, "precision": "field"}


def choose_fields(records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """`{field: {"value", "at", "precision", "policy", "source", "claims"}}` over the records of one customer.

    A record is `{"connection", "platform", "object", "id", "fields", "deleted"}`; a deleted one claims nothing.
    """
    claims: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        if record.get("deleted"):
            continue
        source = {key: record[key] for key in ("connection", "platform", "object", "id")}
        for name, registers in record["fields"].items():
            claims.setdefault(name, []).append({**held(registers), "source": source})
    return {name: _decide(name, found) for name, found in sorted(claims.items())}


def _decide(name: str, claims: list[dict[str, Any]]) -> dict[str, Any]:
    policy = POLICY.get(name, DEFAULT_POLICY)
    ordered = sorted(claims, key=_strength, reverse=True)
    # Several may hold the winning value: who said it of the field itself, and first, is its source.
    agreeing = [claim for claim in ordered if claim["value"] == ordered[0]["value"] and _may_decide(claim)]
    winner = min(agreeing or ordered[:1], key=lambda claim: (claim["precision"] != "field", claim["at"]))
    others = [claim for claim in ordered if claim is not winner]
    chosen = {**winner, "policy": policy, "claims": [winner, *others]}
    if policy == "union":
        chosen["values"] = list(dict.fromkeys(claim["value"] for claim in ordered if claim["value"]))
    return chosen


def _may_decide(claim: Mapping[str, Any]) -> bool:
    return claim["source"]["object"] not in FILL_EMPTY_OBJECTS


def _strength(claim: Mapping[str, Any]) -> tuple[bool, bool, str, str]:
    source = claim["source"]
    filler = source["object"] in FILL_EMPTY_OBJECTS
    return (claim["value"] is not None if filler else True, not filler, claim["at"], source["connection"])
