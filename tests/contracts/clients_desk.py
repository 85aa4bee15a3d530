"""A connector's client at work on its platform's stand-in, with every request, refusal and error text kept to be judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, util
from pathlib import Path
from typing import Any

import connectors
from hub import connector as registry
from hub.domain.sync import Change, Found, NewRecord, Outcome, Slice, SyncClient
from hub.errors import Retry
from hub.fields import FieldMap, load
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.server import Answer, Call, Standin
from tests.contracts.client_account import ClientAccount
from tests.contracts.clients_judged import ANSWERS, VALUE, Listened, changes, fields_of, paths, settled
from tests.harness.platforms import LOST, Platforms, Trouble, no_trouble

BASE = Path(next(iter(connectors.__path__)))


def wanted() -> list[str]:
    """The connectors whose manifest names a client for a CRM."""
    found = ((name, registry.load(name)) for name in registry.names())
    return [name for name, connector in found if connector.client and "crm" in connector.kinds]


def proven() -> list[str]:
    """Those of them that bring an account on a stand-in."""
    return [name for name in wanted() if util.find_spec(f"tests.contracts.accounts_{name}")]


@cache
def kinds(connector: str, what: str) -> tuple[str, ...]:
    """The kinds that the client reads, writes or lists, or what it logs."""
    return tuple(sorted(getattr(Desk.of(connector).client, what)))


def pairs(what: str) -> list[tuple[str, str]]:
    """Every connector with every kind that it reads, writes, lists or logs."""
    return [(connector, kind) for connector in proven() for kind in kinds(connector, what)]


@dataclass
class Desk:
    """One account with a client; `said` are all texts that its failures and refusals were told with."""

    account: ClientAccount
    clock: FakeClock
    platforms: Platforms
    standin: Standin
    client: SyncClient
    said: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, connector: str) -> Desk:
        """An account that is set up, before anything was asked of it."""
        desk = cls.untouched(connector)
        desk.client.set_up()
        desk.calls.clear()
        desk.account.crm.hooks.clear()
        return desk

    @classmethod
    def untouched(cls, connector: str) -> Desk:
        """An account as it is brought, at an hour of its own."""
        account, clock = import_module(f"tests.contracts.accounts_{connector}").account(), FakeClock()
        account.crm.now = clock.now
        standin = account.crm.standin()
        platforms = Platforms({account.host: standin})
        http = HttpClient(clock, exchange=platforms.exchange, uniform=lambda: 0.0)
        module = import_module(registry.load(connector).client)
        client: SyncClient = module.build(account.connection, account.secrets, http, clock)
        desk = cls(account, clock, platforms, standin, client)
        desk.client = Listened(client, desk.said)
        return desk

    def native(self, kind: str) -> str:
        """The platform's word for a kind."""
        return self.account.kinds[kind]

    def map_of(self, kind: str) -> FieldMap:
        """The field map of a kind."""
        maps = load(BASE / self.account.connector / "fields.toml").values()
        return next(one for one in maps if one.our_object == kind)

    def enter(self, kind: str, *numbers: int) -> list[str]:
        """A person enters the samples of those numbers; their ids."""
        return [self.account.crm.enter(self.native(kind), self.account.sample(kind, number)) for number in numbers]

    def held(self, kind: str, record_id: str) -> Any:
        """What the platform holds, as text that can be compared, without its own times and counters."""
        return settled(json.loads(json.dumps(self.account.crm.held(self.native(kind), record_id), default=str)))

    def read(self, kind: str, *ids: str) -> list[Found]:
        """Each record in the order asked for."""
        found = {one.record.id: one for one in self.client.read(kind, ids)}
        return [found[one] for one in ids]

    def fields(self, kind: str, record_id: str) -> dict[str, str | None]:
        """The fields of one record as they are read."""
        (found,) = self.read(kind, record_id)
        return fields_of(found)

    def write(self, kind: str, record_id: str, fields: Mapping[str, str | None], version: str | None = None) -> Outcome:
        """One change."""
        (outcome,) = self.client.write(kind, [Change(id=record_id, fields=fields, version=version)])
        return outcome

    def first(self, kind: str) -> dict[str, str]:
        """The first value of each field that survives a round trip."""
        return {name: values[0] for name, values in self.account.written[kind].items()}

    def second(self, kind: str) -> dict[str, str]:
        """The second value of each."""
        return {name: values[1] for name, values in self.account.written[kind].items()}

    def third(self, kind: str) -> dict[str, str]:
        """Values of somebody else."""
        others = {
            "name": "Jun Mori",
            "email": "mori@example.com",
            "phone": "+81300000012",
            "domain": "mori.example.com",
        }
        first = {**self.identity(kind), **self.first(kind)}
        return {name: others.get(name, value) for name, value in first.items()}

    def edit(self, kind: str, record_id: str, number: int) -> None:
        """A person gives a record the values of another sample, except for its e-mail address, which may be its id."""
        sample = self.account.sample(kind, number)
        self.account.crm.edit(
            self.native(kind), record_id, {k: one for k, one in sample.items() if "@" not in str(one)}
        )

    def identity(self, kind: str) -> dict[str, str]:
        """The address or name of a new record, without which some platforms know nobody."""
        return {"name": self.first(kind)["name"]} if kind == "company" else {"email": "aya@example.com"}

    def create(self, kind: str, reference: str = "reference-1") -> Outcome:
        """A record with the first values."""
        fields = {**self.identity(kind), **self.first(kind)}
        return self.client.create(kind, NewRecord(reference=reference, fields=fields))

    def pages(
        self, kind: str, since: str | None = None, cursor: str | None = None
    ) -> Iterator[tuple[str | None, Slice]]:
        """Each page to the end, with the cursor that it was asked for by."""
        for _ in range(1_000):
            page = self.client.page(kind, since, cursor)
            yield cursor, page
            if page.next is None:
                return
            cursor = page.next
        raise AssertionError(f"{self.account.connector}: the pages of {kind} have no end")

    def listed(self, kind: str, since: str | None = None) -> list[str]:
        """The ids of all pages."""
        return [one.record.id for _, page in self.pages(kind, since) for one in page.found]

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The requests that reached the platform."""
        return self.standin.journal.calls

    def trouble(self, trouble: Trouble = no_trouble) -> None:
        """What happens to requests from now on."""
        self.platforms.trouble = trouble

    def lose(self, number: int) -> None:
        """The answer to the `number`th request that changes something is lost, though the platform has done it."""
        seen = 0

        def lost(call: Call) -> int | str | None:
            nonlocal seen
            seen += changes(call)
            return LOST if seen == number and changes(call) else None

        self.trouble(lost)

    def stumble(self) -> None:
        """The answers to the first five requests are lost."""
        left = iter(range(5))
        self.trouble(lambda _call: LOST if next(left, None) is not None else None)

    def persist(self, attempt: Callable[[], Any]) -> Any:
        """Tries as the hub would, waiting as long as it is told to; the troubles are over after the first failure."""
        for _ in range(5):
            try:
                return attempt()
            except Retry as again:
                self.trouble()
                self.clock.time += max(again.after_s, 1)
        raise AssertionError(f"{self.account.connector}: still not done")

    def answering(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Every request from now on gets that answer, with the body that the platform documents for it."""
        body = self.standin.faults.get(status, Answer(status, {"message": "not now"})).body
        self.expected.add(status)
        self._planned(Answer(status, body, headers or {}))

    def babbling(self) -> None:
        """Every request from now on gets a page of something between us and the platform."""
        self._planned(Answer(200, "<html><body>Welcome</body></html>", {"content-type": "text/html"}))

    def _planned(self, answer: Answer) -> None:
        """For all requests but those for a token, which go to another service of the platform."""
        paths = sorted({path.partition("{")[0] for _, path, _ in self.standin.routes if "oauth" not in path})
        self.standin.journal.faults.extend([(path, answer) for path in paths for _ in range(50)])

    def refused(self) -> list[str]:
        """The requests that the platform did not take, beyond those that the test expects."""
        fine = ANSWERS | self.expected
        bad = [one for one in self.calls if one["status"] >= 400 and one["status"] not in fine]
        return [f"{one['method']} {one['path']}: {one['status']}" for one in bad] + [
            f"no such path: {one['method']} {one['path']}" for one in self.calls if not self._known(one)
        ]

    def _known(self, call: Mapping[str, Any]) -> bool:
        return any(
            method == call["method"] and pattern.fullmatch(call["path"]) for method, pattern in paths(self.standin)
        )

    def personal(self) -> list[str]:
        """What of a person, a secret or a value stands in the texts that failures were told with."""
        secrets = [str(value) for value in self.account.secrets.values() if len(str(value)) > 3]
        given = {value for fields in self.account.written.values() for pair in fields.values() for value in pair}
        held = [*secrets, *(value for value in given if len(value) > 6)]
        return [text for text in self.said if VALUE.search(text) or any(value in text for value in held)]
