"""The write ledger: what we are about to write is noted with the record before it is sent, and settled when read back.

The note (`wrote` in the field's registers, see hub.domain.told) answers for one echo; it stands before the platform can
send one. It is also the lock: it is put at the version of the record from which the difference was computed, so that
of two workers one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.domain.customers import fold_claims
from hub.domain.events import instant, unix_ms
from hub.domain.registers import held
from hub.domain.told import BEFORE_S, MOST_WRITTEN, alike, join_wrote, note, seconds, settled, sights_of, told
from hub.folding import fold
from hub.ports import Item, Store
from hub.records import later_version
from sync_crm.differences import Difference

# A worker that has not settled its writing after this has died, or was put off: it is read again and done anew.
IN_FLIGHT_S = 45.0
# A loop: what we wrote was changed back so often within this time.
LOOP_S, MOST_FLIPS = 600.0, 4

Body = Mapping[str, Any]
# (our field, what was written, what the platform shows) -> whether that is the platform's form of it.
IsForm = Callable[[str, str | None, str | None], bool]


def reserve(store: Store, record: Item, wanted: Iterable[Difference], at: str) -> Item:
    """Notes the writing; the record as it is stored now. Raises Conflict where it has changed meanwhile.

    While its outcome is not known the note also has what stood there (`was`) and why it is written (`rule`).
    """
    fields = dict(record.body["fields"])
    for one in wanted:
        registers = fields.get(one.field, {})
        noted_field = {at: {**_note(one), "was": held(registers)["value"], **note(registers, one.value)}}
        fields[one.field] = {**registers, "wrote": join_wrote(registers.get("wrote", {}), noted_field)}
    noted = replace(record, body={**record.body, "fields": fields})
    store.put(noted)
    return replace(noted, version=noted.version + 1)


def time_of(record: Item, wanted: Iterable[Difference], now: str) -> str:
    """When the writing is noted: now, and after any note of these fields, so that no two are one."""
    notes = [last_note(record.body["fields"].get(one.field, {})) for one in wanted]
    last = max((one[0] for one in notes if one), default="")
    return now if now > last else instant(unix_ms(last) + 1)


def _unsettled(noted: Body) -> bool:
    return "as" not in noted and "refused" not in noted


def _note(wanted: Difference) -> dict[str, Any]:
    source = {key: wanted.claim["source"][key] for key in ("connection", "platform", "object", "id")}
    return {"value": wanted.value, "of": wanted.claim["at"], "from": source, "rule": dict(wanted.claim.get("rule", {}))}


def settle(
    store: Store,
    record: Item,
    claims: Sequence[Body],
    written: Iterable[str],
    version: tuple[str, str] | None,
    is_form: IsForm,
) -> Item:
    """What was read back after the writing: the platform's own form of it becomes what it holds.

    What is no form of it is somebody's word, an automation's for instance; what is older than the writing is a late
    copy of what was, and the writing stays open. `version` is when it was read, and the platform's version then.
    """
    shown = {claim["field"]: claim for claim in claims}

    def step(item: Item) -> Item:
        seen = fold_claims(item.body["fields"], claims)
        came = {
            field: said
            for field in written
            if field in shown and (said := _became(field, seen[field], shown[field], is_form))
        }
        body = {**item.body, "fields": _noted(seen, came)}
        if version:
            body["version"] = later_version(item.body.get("version"), version)
        return replace(item, body=body)

    return fold(store, record.pk, record.sk, step, known=record)


def _became(field: str, registers: Body, claim: Body, is_form: IsForm) -> Body | None:
    """What a note gains: the platform's form and its time, or that another value stands there since when."""
    last = last_note(registers)
    if last is None:
        return None
    at, noted = last
    if is_form(field, noted["value"], claim["value"]):
        return settled(claim)
    late = seconds(claim["at"]) < seconds(at) - BEFORE_S
    return None if late else {"as": noted["value"], "over": claim["at"]}


def look(store: Store, record: Item, claims: Sequence[Body], version: tuple[str, str] | None) -> Item:
    """What was read because nobody knows what became of a writing: its note is settled, closed, or taken away."""
    shown = {claim["field"]: claim for claim in claims}

    def step(item: Item) -> Item:
        seen = fold_claims(item.body["fields"], claims)
        fields = {field: _resolved(registers, shown.get(field)) for field, registers in seen.items()}
        body = {**item.body, "fields": fields}
        if version:
            body["version"] = later_version(item.body.get("version"), version)
        return replace(item, body=body)

    return fold(store, record.pk, record.sk, step, known=record)


def _resolved(registers: Body, claim: Body | None) -> Body:
    """A note of what never arrived goes, so that trying again and again does not push out the others."""
    last = last_note(registers)
    if last is None or not _unsettled(last[1]):
        return registers
    at, noted = last
    if claim is not None and alike(claim["value"], noted["value"]):
        return {**registers, "wrote": {**registers["wrote"], at: {**_told(noted), **settled(claim)}}}
    if any(sight.at > at for sight in sights_of(registers)):
        return {**registers, "wrote": {**registers["wrote"], at: {**_told(noted), "as": noted["value"]}}}
    return {**registers, "wrote": {key: one for key, one in registers["wrote"].items() if key != at}}


def refuse(store: Store, record: Item, fields: Iterable[str], reason: str) -> Item:
    """The platform will never take these fields as they are: they are not sent again until they change."""
    marks = {field: {"refused": reason} for field in fields}

    def step(item: Item) -> Item:
        return replace(item, body={**item.body, "fields": _noted(item.body["fields"], marks)})

    return fold(store, record.pk, record.sk, step, known=record)


def _noted(fields: Body, more: Mapping[str, Body]) -> dict[str, Any]:
    """The fields with more said of what we wrote last; while one writing is open nobody begins another."""
    noted = dict(fields)
    for field, said in more.items():
        registers = fields.get(field, {})
        last = last_note(registers)
        if last and _unsettled(last[1]):
            noted[field] = {**registers, "wrote": {**registers["wrote"], last[0]: {**_told(last[1]), **said}}}
    return noted


def _told(noted: Body) -> dict[str, Any]:
    """The note without what only the telling of its outcome needs."""
    return {name: one for name, one in noted.items() if name not in ("was", "rule")}


def landed(record: Item, claims: Iterable[Body]) -> dict[str, tuple[str, Body]]:
    """The fields whose writing nobody knows the outcome of and that hold it, by `claims`: when noted, and the note."""
    shown = {claim["field"]: claim for claim in claims}
    found = {}
    for field, registers in record.body["fields"].items():
        last, claim = last_note(registers), shown.get(field)
        if last and claim and _unsettled(last[1]) and alike(claim["value"], last[1]["value"]):
            found[field] = last
    return found


def last_note(registers: Body) -> tuple[str, Body] | None:
    """When we wrote the field last, and the note."""
    wrote = registers.get("wrote", {})
    return max(wrote.items()) if wrote else None


def refused(registers: Body, value: str | None) -> str | None:
    """Why the platform does not take the value, where it was refused."""
    last = last_note(registers)
    if last is None or last[1]["value"] != value:
        return None
    reason = last[1].get("refused")
    return None if reason is None else str(reason)


def in_flight(registers: Body, now: float) -> float | None:
    """For how many seconds longer another worker may be at it, 0 where it should have done by now; None for nobody."""
    last = last_note(registers)
    if last is None or not _unsettled(last[1]):
        return None
    known = told(registers)
    if known.ours is not None and known.ours["of"] == last[1]["of"] and known.ours["value"] == last[1]["value"]:
        return None  # its echo has been seen
    return max(0.0, seconds(last[0]) + IN_FLIGHT_S - now)


def loops(registers: Body, now: float) -> bool:
    """Whether somebody there keeps changing back what we write."""
    flips = [at for at in told(registers).flips if seconds(at) > now - LOOP_S]
    return len(flips) >= min(MOST_FLIPS, MOST_WRITTEN - 1)
