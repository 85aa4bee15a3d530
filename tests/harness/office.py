"""An office with HubSpot, Salesforce and Pipedrive, written to both ways: people edit, webhooks come or get lost.

Each CRM is its stand-in; what it announces is delivered to the world, now and then lost, doubled or out of order.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hub.connector import load
from hub.customer import Customer
from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import Identifier, instant
from hub.memory import FakeClock
from hub.reconciling import States
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.misbehaving import CrmStandin, Hook, Misbehaviour
from infra.local.standins.pipedrive import Pipedrive
from infra.local.standins.salesforce import Salesforce
from infra.local.standins.server import Call
from tests.harness.accounts import _keys
from tests.harness.faults import Injector
from tests.harness.platforms import UNREACHABLE, Platforms
from tests.harness.sending import Sending
from tests.harness.world import World

NOW = 1_790_000_000.0
ROUND_TRIP_S, TYPING_S = 0.037, 0.011  # no two things happen within one millisecond
ORGANIZATION = "00DRK0000000001EAA"
EVENT_SOURCE = f"aws.partner/salesforce.com/{ORGANIZATION}/0YLRK0000000001AAA"
IDS = {name: name.ljust(26, "0") for name in ("hubspot", "salesforce", "pipedrive")}
HOSTS = {
    "hubspot": ("api.hubapi.com",),
    "salesforce": ("login.salesforce.com", "renkei.my.salesforce.com"),
    "pipedrive": ("api.pipedrive.com",),
}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "hubspot": {"portal_id": "48000117", "app_id": "7100042", "base_url": "https://api.hubapi.com"},
    "salesforce": {
        "organization_id": ORGANIZATION,
        "event_source": EVENT_SOURCE,
        "username": "renkei@example.com",
        "base_url": "https://renkei.my.salesforce.com",
        "external_id": "Renkei_Id__c",
    },
    "pipedrive": {"company_id": "7700123", "api_user_id": "880100"},
}
SIGNING = {"hubspot": "hubspot-client-secret", "salesforce": "sf-path-token", "pipedrive": "hub:pipedrive-password"}
TOKENS: Mapping[str, Mapping[str, str]] = {
    "hubspot": {"access_token": "hs-token"},
    "salesforce": {"client_id": "sf-client"},
    "pipedrive": {"api_token": "pd-token"},
}
CONTACTS = {"hubspot": "contacts", "salesforce": "Contact", "pipedrive": "person"}
# our field -> how a person types it into the CRM
TYPED: Mapping[str, Mapping[str, str]] = {
    "hubspot": {
        "first_name": "firstname",
        "last_name": "lastname",
        "email": "email",
        "phone": "phone",
        "mobile": "mobilephone",
        "title": "jobtitle",
    },
    "salesforce": {
        "first_name": "FirstName",
        "last_name": "LastName",
        "email": "Email",
        "phone": "Phone",
        "mobile": "MobilePhone",
        "title": "Title",
    },
    "pipedrive": {
        "first_name": "first_name",
        "last_name": "last_name",
        "email": "emails",
        "phone": "phones",
        "title": "job_title",
    },
}


@dataclass(slots=True)
class Crm:
    """One CRM of the office."""

    name: str
    standin: CrmStandin
    connection: Connection
    clock: FakeClock

    def enter(self, **fields: str) -> str:
        """A person creates a contact with our fields; its id."""
        self.clock.time += TYPING_S
        return self.standin.enter(CONTACTS[self.name], _typed(self.name, fields))

    def edit(self, contact: str, **fields: str) -> None:
        """A person changes a contact."""
        self.clock.time += TYPING_S
        self.standin.edit(CONTACTS[self.name], contact, _typed(self.name, fields))

    def held(self, contact: str, field: str) -> str | None:
        """What the CRM holds of one of our fields."""
        row = self.standin.held(CONTACTS[self.name], contact)
        return None if row is None else _shown(row, TYPED[self.name][field])


@dataclass(frozen=True, slots=True)
class Write:
    """A field that we asked a CRM to change, and to what ("": cleared); `changed` where it held something else."""

    crm: str
    contact: str
    field: str
    value: str
    changed: bool


@dataclass(slots=True)
class Post:
    """How webhooks fare on their way; each chance is between 0 and 1."""

    lost: float = 0.0
    doubled: float = 0.0
    shuffled: bool = False


class Office:
    """`crms` by name; `settle` lets everything happen that is to happen."""

    def __init__(
        self,
        names: Sequence[str] = ("hubspot", "salesforce"),
        *,
        random: Random | None = None,
        post: Post | None = None,
        injector: Injector | None = None,
        trouble: Callable[[Call], int | str | None] = lambda _call: None,
        **settings: Any,
    ) -> None:
        clock = FakeClock(NOW)
        self.random, self.post = random or Random(0), post or Post()
        standins = {name: _MAKERS[name](clock) for name in names}
        served = {name: standin.standin() for name, standin in standins.items()}

        def on_the_way(call: Call) -> int | str | None:
            clock.time += ROUND_TRIP_S
            met = trouble(call)
            if not isinstance(met, int) and met != UNREACHABLE:
                self.writes += self._writes_of(call)
            return met

        self.platforms = Platforms({host: served[name] for name in names for host in HOSTS[name]}, on_the_way)
        connections = [
            Connection(
                IDS[name],
                name,
                settings={**SETTINGS[name], "default_region": "JP", "sync": "both", **settings},
                created_at=instant(round(NOW * 1000)),
            )
            for name in names
        ]
        secrets = {IDS[name]: {"signing": [_signing(name)], **TOKENS[name], **_private(name)} for name in names}
        self.world = World(
            connections, secrets, platforms=self.platforms, clock=clock, injector=injector, shuffle=random
        )
        self.crms = {one.platform: Crm(one.platform, standins[one.platform], one, clock) for one in connections}
        self.dropped: Counter[str] = Counter()
        self.sent: list[tuple[Crm, Hook]] = []
        self.writes: list[Write] = []
        self._set_up()
        for crm in self.crms.values():
            crm.standin.hooks.clear()

    def __getitem__(self, name: str) -> Crm:
        return self.crms[name]

    @property
    def directory(self) -> Directory:
        """Customers as they are now."""
        return Directory(self.world.plain_hub.store, self.world.plain_hub.secrets.hash_key)

    def customer(self, name: str, contact: str) -> Customer | None:
        """Whose a contact of a CRM is."""
        record = Identifier(kind="record", scope=IDS[name], value=f"contact:{contact}")
        return self.directory.customer(self.directory.persona_id(record))

    def drift(self) -> int:
        """How many records differed from their platform when that was compared last."""
        states = States(self.world.plain_hub.store).all()
        return sum(one.drift.get("differing", 0) for one in states.values())

    def wait(self, seconds: float = 1.0) -> None:
        """Time passes."""
        self.world.clock.time += seconds

    def settle(self, most: int = 200) -> int:
        """Works until nobody has anything to say; how many rounds it took. AssertionError after `most`."""
        for rounds in range(most):
            sent = self.post_out()
            self.world.run()
            if not sent and not any(crm.standin.hooks for crm in self.crms.values()):
                return rounds
            self.wait()
        raise AssertionError("the office does not come to rest")

    def post_out(self) -> int:
        """Sends what the CRMs have to announce; how much that was."""
        hooks = [(crm, hook) for crm in self.crms.values() for hook in crm.standin.hooks]
        for crm in self.crms.values():
            crm.standin.hooks.clear()
        if self.post.shuffled:
            self.random.shuffle(hooks)
        for crm, hook in hooks:
            if self.random.random() < self.post.lost:
                self.dropped[crm.name] += 1
                continue
            self.sent.append((crm, hook))
            for _ in range(2 if self.random.random() < self.post.doubled else 1):
                self._deliver(crm, hook)
        return len(hooks)

    def requests(self, name: str, *, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """What a CRM was asked, by the stand-in's journal."""
        calls = self.platforms.standins[HOSTS[name][-1]].journal.calls
        return [call for call in calls if call["method"].startswith(method) and path in call["path"]]

    def repeat_all(self) -> None:
        """Everything that was ever announced, and not lost, is announced once more."""
        for crm, hook in list(self.sent):
            self._deliver(crm, hook)

    def compare(self) -> None:
        """Time passes until each connection is compared with its platform; that is done, and the sweep after it."""
        for _ in range(2):
            self.wait(6 * 3600)
            self.world.sweep()
            self.settle()

    def _writes_of(self, call: Call) -> list[Write]:
        name, rows = written_rows(call)
        return [
            Write(name, contact, field, value, (self.crms[name].held(contact, field) or "") != value)
            for contact, row in rows
            for field, native in TYPED[name].items()
            for value in ([_shown(row, native) or ""] if native in row else [])
        ]

    def _deliver(self, crm: Crm, hook: Hook) -> None:
        if hook.envelope is not None:
            self.world.from_event_bus(hook.envelope)
            return
        name = f"{crm.name} {len(self.world.answers)}"
        sending = Sending(name, "crm", crm.connection.id, hook.body, dict(hook.headers), query=hook.query)
        self.world.deliver(sending)

    def _set_up(self) -> None:
        hub = self.world.plain_hub
        for crm in self.crms.values():
            if crm.name != "salesforce":  # an administrator prepares it
                client = importlib.import_module(load(crm.name).client)
                client.build(crm.connection, hub.secrets.read(crm.connection.id), hub.http, hub.clock).set_up()

    def switch(self, name: str, **settings: Any) -> None:
        """Changes settings of a connection."""
        crm = self.crms[name]
        crm.connection = replace(crm.connection, settings={**crm.connection.settings, **settings})
        self.world.plain_hub.connections.stored[crm.connection.id] = crm.connection  # type: ignore[attr-defined]


def written_rows(call: Call) -> tuple[str, list[tuple[str, Mapping[str, Any]]]]:
    """Which CRM a request asks to change contacts, and which: `(id, native fields)` of each."""
    if call.method == "POST" and call.path.endswith("/contacts/batch/update"):
        return "hubspot", [(str(one["id"]), one["properties"]) for one in call.json()["inputs"]]
    if call.method == "PATCH" and call.path.endswith("/composite/sobjects"):
        return "salesforce", [(one["id"], one) for one in call.json()["records"]]
    if call.method == "PATCH" and "/persons/" in call.path:
        return "pipedrive", [(call.path.rpartition("/")[2], call.json())]
    return "", []


def _hubspot(clock: FakeClock) -> CrmStandin:
    return HubSpot("hs-token", now=clock.now)  # type: ignore[return-value]


def _salesforce(clock: FakeClock) -> CrmStandin:
    return Salesforce(  # type: ignore[return-value]
        "https://renkei.my.salesforce.com",
        "sf-client",
        "renkei@example.com",
        _keys()[1],
        ORGANIZATION,
        now=clock.now,
    )


def _pipedrive(clock: FakeClock) -> CrmStandin:
    return Pipedrive("pd-token", now=clock.now)  # type: ignore[return-value]


_MAKERS: Mapping[str, Callable[[FakeClock], CrmStandin]] = {
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "pipedrive": _pipedrive,
}


def _signing(name: str) -> dict[str, Any]:
    return {"id": "1", "value": SIGNING[name], "not_after": None}


def _private(name: str) -> dict[str, str]:
    return {"private_key": _keys()[0]} if name == "salesforce" else {}


def _typed(name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    return {TYPED[name][field]: _entry(TYPED[name][field], value) for field, value in fields.items()}


def _entry(native: str, value: str) -> Any:
    """Pipedrive has lists of e-mails and phones."""
    return [{"value": value, "primary": True, "label": "work"}] if native in ("emails", "phones") else value


def _shown(row: Mapping[str, Any], native: str) -> str | None:
    value = row.get(native)
    if isinstance(value, list):
        return next((str(one["value"]) for one in value if one.get("primary")), None)
    return None if value in (None, "") else str(value)


__all__ = ["Crm", "Misbehaviour", "Office", "Post"]
