"""What happens in a HubSpot account: records made, changed, deleted, merged, associated; hooks and automations follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.standins.hubspot_hooks import Announcer, Notice
from infra.local.standins.hubspot_records import Record, Records, Spec
from infra.local.standins.hubspot_schema import OBJECTS, SINGULAR, Schema, error
from infra.local.standins.misbehaving import Misbehaviour
from infra.local.standins.server import Refused

PERSON, APP, AUTOMATION, SYSTEM = "CRM_UI", "INTEGRATION", "AUTOMATION_PLATFORM", "CALCULATED"
STAGES = "lifecyclestage"
COMPANY = "associatedcompanyid"


def no_more(_kind: str, _values: Mapping[str, str]) -> Mapping[str, str]:
    """Nothing follows from a record's values."""
    return {}


@dataclass(slots=True)
class Account:
    """One account's records. `follows` gives the properties that HubSpot works out from those just written."""

    schema: Schema
    records: Records
    announcer: Announcer
    misbehaviour: Callable[[], Misbehaviour]
    follows: Callable[[str, Mapping[str, str]], Mapping[str, str]] = no_more

    def author(self) -> str:
        """As whom a write by the API appears."""
        return APP if self.misbehaviour().echo_as == "app" else PERSON

    def create(self, kind: str, given: Mapping[str, Any], source: str) -> Record:
        """A new record; Refused with 400 where a value does not fit, with 409 where an e-mail is taken."""
        values = self.schema.check(kind, given, creating=True, system=source == PERSON)
        self.must_be_free(kind, values, None)
        record = self.records.create(kind, values | dict(self.follows(kind, values)), source=source)
        news = self.announcer.created(kind, record.id) if kind in SINGULAR else []
        self._tell(kind, [*news, *self._properties(record, values)], source)
        self._automate(record, values, source)
        return record

    def update(self, record: Record, given: Mapping[str, Any], source: str) -> None:
        """Changes a record; refusals as in `create`. What is the same already is no change."""
        values = self.schema.check(record.kind, given, creating=False, system=source == PERSON)
        self.must_be_free(record.kind, values, record)
        values = values if source == PERSON else self._forward(record, values)
        before = {name: record.value(name) for name in values}
        self.records.update(record, values | dict(self.follows(record.kind, values)), source=source)
        changed = {name: value for name, value in values.items() if record.value(name) != before[name]}
        self._tell(record.kind, self._properties(record, changed), source)
        self._automate(record, changed, source)

    def archive(self, record: Record, source: str) -> None:
        """Deletes a record: it goes into the recycle bin."""
        self.records.archive(record)
        if record.kind in SINGULAR:
            self._tell(record.kind, self.announcer.deleted(record.kind, record.id), source)

    def merge(self, primary: Record, loser: Record, source: str, *, third_id: bool = False) -> Record:
        """The survivor: `primary`'s values count, `loser`'s fill what is empty. `third_id`: it gets an id of its own."""
        kind, gone = primary.kind, (primary.id, loser.id)
        moved = {name: value for name, value in loser.values().items() if not primary.value(name)}
        if kind == "contacts":
            moved |= {"hs_additional_emails": _joined(primary, loser)}
        links = [(one, two) for one, two in self.records.associations if (kind, loser.id) in (one, two)]
        self.records.archive(loser)
        self.records.bin[kind].pop(loser.id)
        survivor = self._renamed(primary) if third_id else primary
        self.records.merged |= {(kind, one): survivor.id for one in gone if one != survivor.id}
        self.records.update(survivor, moved, source="MERGE_OBJECTS")
        self.records.associations |= {
            (_now(one, kind, loser, survivor), _now(two, kind, loser, survivor)) for one, two in links
        }
        self._tell(kind, self.announcer.merged(kind, *gone, survivor.id, len(moved)), source)
        return survivor

    def associate(self, one: Spec, other: Spec, source: str) -> int | None:
        """The type of the default association, None where an end is missing. The first company is a contact's own."""
        there = other[1] in self.records.linked(*one, other[0])
        type_id = self.records.associate(one, other)
        if type_id is not None and not there:
            self._linked(one, other, source, removed=False)
        return type_id

    def part(self, one: Spec, other: Spec, source: str) -> None:
        """Takes every association between two records away."""
        before = len(self.records.associations)
        self.records.associations -= {(one, other), (other, one)}
        if len(self.records.associations) < before:
            self._linked(one, other, source, removed=True)

    def must_be_free(self, kind: str, values: Mapping[str, str], owner: Record | None) -> None:
        """Refused with 409 for a taken e-mail, with 400 for another unique value that is taken."""
        for name in sorted(self.schema.unique.get(kind, set()) & values.keys()):
            value = values[name].lower() if name == "email" else values[name]
            there = self.records.find(kind, name, value) if value else None
            if there is not None and there is not owner:
                raise Refused(_taken(name, value, there))

    def _linked(self, one: Spec, other: Spec, source: str, *, removed: bool) -> None:
        ends = {one[0]: one[1], other[0]: other[1]}
        main = False
        if ends.keys() == {"contacts", "companies"}:
            contact = self.records.of("contacts").get(ends["contacts"])
            main = contact is not None and self._own_company(contact, ends["companies"], removed)
        told = self.announcer.associated(one, other, removed=removed, primary=main)
        self._tell(one[0] if one[0] in SINGULAR else other[0], told, source)

    def _own_company(self, contact: Record, company: str, removed: bool) -> bool:
        """Whether it is, or was, the contact's own company."""
        main = contact.value(COMPANY) == company if removed else not contact.value(COMPANY)
        if main:
            self.records.update(contact, {COMPANY: "" if removed else company}, source=SYSTEM)
        return main

    def _forward(self, record: Record, values: dict[str, str]) -> dict[str, str]:
        """The values without a step back in the lifecycle, which HubSpot ignores unless the stage is empty."""
        stages = list(self.schema.kinds[record.kind].get(STAGES, ()))
        now, then = record.value(STAGES), values.get(STAGES)
        back = now in stages and then in stages and stages.index(str(then)) < stages.index(str(now))
        return {name: value for name, value in values.items() if not (back and name == STAGES)}

    def _renamed(self, record: Record) -> Record:
        self.records.of(record.kind).pop(record.id)
        old, record.id = record.id, str(next(self.records.numbers))
        self.records.of(record.kind)[record.id] = record
        kind = record.kind
        self.records.associations = {
            tuple((kind, record.id) if end == (kind, old) else end for end in pair)  # type: ignore[misc]
            for pair in self.records.associations
        }
        return record

    def _properties(self, record: Record, values: Mapping[str, str]) -> list[Notice]:
        if record.kind not in SINGULAR:
            return []
        return self.announcer.changed(record.kind, record.id, {name: record.value(name) or "" for name in values})

    def _automate(self, record: Record, written: Mapping[str, str], source: str) -> None:
        """The customer's own automations, after every write that is not theirs."""
        if source == AUTOMATION or not written:
            return
        rules = self.misbehaviour()
        for _ in range(rules.most_automated):
            for automation in rules.automations:
                if more := automation(record.kind, record.id, written):
                    self.update(record, more, AUTOMATION)

    def _tell(self, kind: str, notices: list[Notice], source: str) -> None:
        if notices and kind in OBJECTS:
            at_ms = round(self.records.now() * 1000)
            self.announcer.announce(notices, source, self.records.source_ids.get(source, ""), at_ms)


def _taken(name: str, value: str, there: Record) -> Any:
    if name == "email":
        return error(409, f"Contact already exists. Existing ID: {there.id}", "CONFLICT")
    message = f"{there.id} already has that value."
    fault = {"message": message, "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}}
    return error(400, f"Property values were not valid: {value} {message}", errors=[fault])


def _joined(primary: Record, loser: Record) -> str:
    spare = loser.value("email") if primary.value("email") else None
    known = [primary.value("hs_additional_emails"), spare, loser.value("hs_additional_emails")]
    return ";".join(dict.fromkeys(one for text in known if text for one in text.split(";")))


def _now(end: Spec, kind: str, loser: Record, survivor: Record) -> Spec:
    return (kind, survivor.id) if end == (kind, loser.id) else end
