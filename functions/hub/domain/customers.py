"""A customer's fields: what the records claim, which claim wins by which policy, and what a person pinned.

Which field has which policy is the table POLICY; how a policy decides, and how ties are broken, is in
hub.domain.criteria. A pin is a decision of a person, stronger than any policy until it is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.domain.criteria import FILL_EMPTY_OBJECTS, LAST_WRITER, Policy
from hub.domain.policies import decide
from hub.domain.registers import claims_of, joined, registers_of

__all__ = ["CONTACT_OBJECTS", "FILL_EMPTY_OBJECTS", "POLICY", "choose_fields", "fold_claims", "pinned", "policy_of"]

CONTACT_OBJECTS = frozenset({"contact", "lead"})
CHOICE_OBJECT = "choice"  # what a person said in the hub
# From the first contact to the one who recommends us; what a platform calls otherwise is none of these.
STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
)
CONSENT = Policy("most_restrictive", ("denied", "unknown", "granted"))

# field -> policy, `<word>_*` for all fields that begin so; every other field has its last writer's value.
POLICY: Mapping[str, Policy] = {
    "email": Policy("union"),
    "phone": Policy("union"),
    "mobile": Policy("union"),
    "lifecycle": Policy("monotonic", STAGES),
    "consent": CONSENT,
    "consent_*": CONSENT,
    "notes": Policy("append"),
    "tags": Policy("append"),
}


def policy_of(name: str, policies: Mapping[str, Policy] = POLICY) -> Policy:
    """The policy of a field."""
    return policies.get(name) or policies.get(f"{name.partition('_')[0]}_*") or LAST_WRITER


def fold_claims(
    fields: Mapping[str, Any], claims: Iterable[Mapping[str, Any]], policies: Mapping[str, Policy] = POLICY
) -> dict[str, Any]:
    """The record's registers (hub.domain.registers) with more claims; the same for any order, copies and grouping."""
    folded = dict(fields)
    for claim in claims:
        name = claim["field"]
        policy = policy_of(name, policies)
        folded[name] = joined(policy, folded.get(name, {}), registers_of(policy, claim))
    return folded


def choose_fields(
    records: Iterable[Mapping[str, Any]],
    pins: Iterable[Mapping[str, Any]] = (),
    policies: Mapping[str, Policy] = POLICY,
    choices: Iterable[Mapping[str, Any]] = (),
) -> dict[str, dict[str, Any]]:
    """`{field: {"value", "at", "precision", "source", "policy", "rule", "claims"}}` over the records of one customer.

    `claims` are all there are, the winner first, each with the `rule` by which it won or lost; `values` are all values
    where they add up, `pin` the person's decision where there is one. A record is `{"connection", "platform", "object",
    "id", "fields", "deleted"}`; a deleted one claims nothing, unless it is `kept`. `pins` are hub.pins bodies, `choices`
    those of hub.choices: what people say is a claim.
    """
    claims = _claims(records)
    for name, said in chosen_by_people(choices).items():
        claims.setdefault(name, []).extend([] if said["withdrawn"] else [_said_by_a_person(said)])
    claims = {name: said for name, said in claims.items() if said}
    decisions = {name: pin for name, pin in pinned(pins).items() if pin["value"] is not None}
    chosen = {name: _chosen(policy_of(name, policies), found) for name, found in claims.items()}
    chosen |= {name: _by_pin(pin, chosen.get(name, {"claims": []})) for name, pin in decisions.items()}
    return dict(sorted(chosen.items()))


def pinned(pins: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """What people decided last about each field, over all personas of a customer; value null where it was released."""
    return _latest(pins)


def chosen_by_people(choices: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """What people chose last about each field, over all personas of a customer; it may be withdrawn."""
    return _latest(choices)


def _latest(decided: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    said: dict[str, Mapping[str, Any]] = {}
    for about in decided:
        for one in about["history"]:
            said[about["field"]] = max(said.get(about["field"], one), one, key=lambda each: (each["at"], each["id"]))
    return said


def _said_by_a_person(said: Mapping[str, Any]) -> dict[str, Any]:
    source = {"connection": "renkei", "platform": "renkei", "object": CHOICE_OBJECT, "id": said["id"]}
    claim = {"value": said["value"], "at": said["at"], "precision": "field", "source": source}
    return {**claim, "of": said["of"]} if said["of"] else claim


def _claims(records: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """All claims by field. What we wrote somewhere speaks for the record it came from once that one is deleted."""
    known = list(records)
    gone = {_place(record) for record in known if _silent(record)}
    claims: dict[str, list[dict[str, Any]]] = {}
    for record in known:
        if _silent(record):
            continue
        source = {key: record[key] for key in _SOURCE}
        for name, registers in record["fields"].items():
            said = [one for one in claims_of(registers) if "written" not in one or _place(one["written"]) in gone]
            claims.setdefault(name, []).extend({**claim, "source": source} for claim in said)
    return {name: said for name, said in claims.items() if said}


def _silent(record: Mapping[str, Any]) -> bool:
    """Whether a record says nothing any more: it was deleted, and is not to be kept in mind, or must not be."""
    forgotten = not record.get("kept") or record.get("erased") or record.get("merged")
    return bool(record.get("deleted") and forgotten)


_SOURCE = ("connection", "platform", "object", "id")


def _place(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return record["connection"], record["object"], record["id"]


def _chosen(policy: Policy, claims: list[dict[str, Any]]) -> dict[str, Any]:
    decided = decide(policy, claims)
    values = {} if decided.values is None else {"values": list(decided.values)}
    return {**decided.winner, "policy": policy.word, "claims": list(decided.claims), **values}


def _by_pin(pin: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The field as pinned: the platforms' claims stay beside it, none of them wins."""
    rule = {"word": "pinned", "sentence": f"A person pinned it at {pin['at']}."}
    claim = {"value": pin["value"], "at": pin["at"], "precision": "field", "source": pin["source"], "rule": rule}
    others = [{**one, "rule": _beside(pin, one)} for one in chosen["claims"]]
    values = {"values": list(dict.fromkeys([pin["value"], *chosen["values"]]))} if "values" in chosen else {}
    return {**claim, "policy": "pinned", "pin": pin, "claims": [claim, *others], **values}


def _beside(pin: Mapping[str, Any], claim: Mapping[str, Any]) -> dict[str, str]:
    if claim["value"] == pin["value"]:
        return {"word": "agrees", "sentence": "The same is said here."}
    return {"word": "pinned", "sentence": f"A person pinned another value at {pin['at']}."}
