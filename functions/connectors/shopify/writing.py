"""Our fields -> customers: several mutations in one request, each under a name of its own, with errors of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.shopify import queries
from connectors.shopify.api import Api
from connectors.shopify.consent import CHANNELS, wish
from connectors.shopify.customers import map_of
from connectors.shopify.news import record_id
from connectors.shopify.rows import gid
from hub.delivery import Connection
from hub.domain.sync import Change, NewRecord, Outcome
from hub.parsing import dict_at, list_at, text_at, texts
from hub.times import from_iso

TOGETHER = 20  # customers in a request: at most four mutations of ten points each
NAMESPACE, KEY = "renkei", "id"
NAMES: Mapping[str, str] = {"first_name": "firstName", "last_name": "lastName", "email": "email", "phone": "phone"}
NOBODY = "Shopify wants a name, an e-mail address or a phone number of a customer"
_WHY: Mapping[str, str] = {
    "email": "Shopify does not take the e-mail address: another customer has it, or it is none",
    "phone": "Shopify does not take the phone number: another customer has it, or it is no number of its country",
}
NOT_TAKEN = "Shopify does not take the value"


@dataclass(frozen=True, slots=True)
class Part:
    """One mutation of a request: `fields` are ours that it writes."""

    mutation: str
    type: str
    input: Mapping[str, Any]
    fields: tuple[str, ...]

    def written(self, name: str) -> str:
        """The mutation's line in the document, with the variable of that name."""
        if self.mutation == "tagsAdd":
            return f"{name}: tagsAdd(id: $id_{name}, tags: ${name}) {{ userErrors {{ field message }} }}"
        customer = "customer { id updatedAt } " if self.mutation == "customerUpdate" else ""
        return f"{name}: {self.mutation}(input: ${name}) {{ {customer}userErrors {{ field message }} }}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change comes to; `outcome` where nothing is to be sent."""

    change: Change
    parts: tuple[Part, ...] = ()
    outcome: Outcome | None = None


@dataclass(slots=True)
class Request:
    """A document of several mutations."""

    lines: list[str] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, part: Part, customer: str) -> None:
        """One more mutation, under that name."""
        self.lines.append(part.written(name))
        self.declared.append(f"${name}: {part.type}")
        self.variables[name] = part.input.get("tags", part.input)
        if part.mutation == "tagsAdd":
            self.declared.append(f"$id_{name}: ID!")
            self.variables[f"id_{name}"] = customer

    @property
    def document(self) -> str:
        """The whole."""
        return f"mutation ({', '.join(self.declared)}) {{ {' '.join(self.lines)} }}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the customers of one shop."""

    connection: Connection
    api: Api

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change; the customers are read first, for nothing else says whether a version still holds."""
        held = dict(self._held([change.id for change in changes]))
        plans = [self._plan(change, held.get(change.id)) for change in changes]
        sent = [plan for plan in plans if plan.outcome is None]
        chunks = (sent[start : start + TOGETHER] for start in range(0, len(sent), TOGETHER))
        done = {found: outcome for chunk in chunks for found, outcome in self._sent(chunk)}
        return [plan.outcome or done[plan.change.id] for plan in plans]

    def create(self, new: NewRecord) -> Outcome:
        """Class A: customerSet by our metafield, which is unique in the shop."""
        fields = {name: value for name, value in new.fields.items() if value}
        row = self._input(fields)
        if not row:
            return Outcome(state="refused", reason=NOBODY, fields=("email", "phone"))
        identifier = {"customId": {"namespace": NAMESPACE, "key": KEY, "value": new.reference}}
        answer = dict_at(self.api.ask(queries.SET, {"one": identifier, "input": row}), "customerSet")
        found = record_id(answer, "customer", "id")
        if found is None:
            return _refused("", list_at(answer, "userErrors"), tuple(fields))
        made = Outcome(state="written", id=found, version=from_iso(text_at(answer, "customer", "updatedAt")))
        rest = {name: value for name, value in fields.items() if name in ("tags", *CHANNELS)}
        # Whether consent may be granted is known only now; that it may not does not undo the customer.
        return self._completed(made, rest) if rest else made

    def _completed(self, made: Outcome, fields: Mapping[str, str]) -> Outcome:
        changes = [Change(id=made.id, fields={name: value}) for name, value in fields.items()]
        for change in changes:
            self.write([change])
        return Outcome(state="written", id=made.id)

    def _input(self, fields: Mapping[str, str | None]) -> dict[str, Any]:
        """The part of CustomerInput and CustomerSetInput that we write."""
        row = map_of(self.connection).theirs(fields)
        return {NAMES[name]: value or None for name, value in row.items() if name in NAMES}

    def _held(self, ids: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for node in read_nodes(self.api, "contact", ids):
            found = record_id(node, "id")
            if found:
                yield found, node

    def _plan(self, change: Change, node: Mapping[str, Any] | None) -> Plan:
        if node is None:
            return Plan(change, outcome=Outcome(state="gone", id=change.id))
        version = from_iso(node.get("updatedAt"))
        if change.version and change.version != version:
            return Plan(change, outcome=Outcome(state="stale", id=change.id, version=version))
        for name in CHANNELS:
            refused = wish(name, change.fields.get(name), node, self.connection.settings).refused
            if refused:
                return Plan(change, outcome=Outcome(state="refused", id=change.id, reason=refused, fields=(name,)))
        parts = tuple(self._parts(change, node))
        return Plan(change, parts, None if parts else Outcome(state="written", id=change.id, version=version))

    def _parts(self, change: Change, node: Mapping[str, Any]) -> Iterator[Part]:
        row, customer = self._input(change.fields), gid("contact", change.id)
        if row:
            named = tuple(name for name in change.fields if name in NAMES or name == "name")
            yield Part("customerUpdate", "CustomerInput!", {"id": customer, **row}, named)
        wanted = map_of(self.connection).theirs(change.fields).get("tags", ())
        tags = [tag for tag in wanted if tag not in list_at(dict(node), "tags")]
        if tags:
            yield Part("tagsAdd", "[String!]!", {"tags": tags}, ("tags",))
        for name, (_place, mutation, key, _what) in CHANNELS.items():
            state = wish(name, change.fields.get(name), node, self.connection.settings).state
            if state:
                consent = {"marketingState": state, "marketingOptInLevel": "SINGLE_OPT_IN"}
                kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
                yield Part(mutation, kind, {"customerId": customer, key: consent}, (name,))

    def _sent(self, plans: Sequence[Plan]) -> Iterator[tuple[str, Outcome]]:
        request, named = Request(), dict[str, Part]()
        for number, plan in enumerate(plans):
            for part_number, part in enumerate(plan.parts):
                name = f"m{number}_{part_number}"
                request.add(name, part, gid("contact", plan.change.id))
                named[name] = part
        answer = self.api.ask(request.document, request.variables)
        for number, plan in enumerate(plans):
            mine = {name: part for name, part in named.items() if name.startswith(f"m{number}_")}
            yield plan.change.id, _outcome(plan.change.id, mine, answer)


def read_nodes(api: Api, kind: str, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """The nodes of those ids that there are."""
    unique, most = list(dict.fromkeys(one for one in ids if one.isascii() and one.isdigit())), queries.READ[kind]
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(unique), most):
        chunk = [gid(kind, one) for one in unique[start : start + most]]
        found += [node for node in list_at(api.ask(queries.nodes(kind), {"ids": chunk}), "nodes") if node]
    return found


def _outcome(found: str, parts: Mapping[str, Part], answer: Mapping[str, Any]) -> Outcome:
    """What became of one customer; where a part was refused, what of the others was done is read back anyway."""
    version = None
    for name, part in parts.items():
        errors = list_at(dict(answer), name, "userErrors")
        if errors:
            return _refused(found, errors, part.fields)
        version = from_iso(text_at(answer.get(name), "customer", "updatedAt")) if len(parts) == 1 else None
    return Outcome(state="written", id=found, version=version)


def _refused(found: str, errors: Sequence[Any], fields: tuple[str, ...]) -> Outcome:
    """The refusal that user errors tell of, by the last step of their paths. Their messages repeat values."""
    last = [path[-1] for error in errors if (path := texts(list_at(error, "field")))]
    if last and last[0] in ("id", "customerId"):
        return Outcome(state="gone", id=found)
    ours = {theirs: our for our, theirs in NAMES.items()}
    named = tuple(dict.fromkeys(ours[name] for name in last if name in ours))
    why = next((_WHY[name] for name in named if name in _WHY), NOT_TAKEN)
    return Outcome(state="refused", id=found, reason=why, fields=named or fields)
