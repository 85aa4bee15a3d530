"""A stand-in for HubSpot's CRM API, date version 2026-09: one account with its people, records, webhooks and limits.

https://developers.hubspot.com/docs/api-reference (objects, search, properties, associations, owners, pipelines; read
November 2026)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.handwork import by_hand
from infra.local.standins.hubspot_account import APP, AUTOMATION, PERSON, Account
from infra.local.standins.hubspot_directory import Directory
from infra.local.standins.hubspot_hooks import Announcer
from infra.local.standins.hubspot_links import Links
from infra.local.standins.hubspot_objects import API, Objects, object_of
from infra.local.standins.hubspot_rates import Rates, too_many
from infra.local.standins.hubspot_records import Record, Records
from infra.local.standins.hubspot_schema import OBJECTS, Schema, error
from infra.local.standins.hubspot_search import Search
from infra.local.standins.misbehaving import Hook, Misbehaviour, Values
from infra.local.standins.server import Answer, Call, Refused, Standin

PROPERTIES = "/crm/properties/{version}/{object}"
USER = "userId:8700001"
FAULTS = {
    423: error(423, "Record is locked", "LOCKED"),
    429: too_many("TEN_SECONDLY_ROLLING"),
    477: error(477, "Migration in progress", "MIGRATION_IN_PROGRESS"),
    500: error(500, "internal error", "INTERNAL_ERROR"),
    502: Answer(502, "<html><body>Bad Gateway</body></html>", {"content-type": "text/html"}),
}


@dataclass(slots=True)
class HubSpot:
    """One account, whose private app has the access token `token`; implements `CrmStandin`.

    `most_per_10_s`, `most_searches_per_s` and `most_per_day` are its limits, 0 for none.
    """

    token: str
    schema: Schema = field(default_factory=Schema)
    records: Records = field(default_factory=Records)
    now: Callable[[], float] = time.time
    app_id: int = 7_100_042
    portal_id: int = 48_000_117
    most_per_10_s: int = 0
    most_searches_per_s: int = 0
    most_per_day: int = 0
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    account: Account = field(init=False)
    directory: Directory = field(init=False)
    rates: Rates = field(init=False)

    def __post_init__(self) -> None:
        self.records.now = lambda: self.now()
        self.records.source_ids |= {APP: str(self.app_id), PERSON: USER, AUTOMATION: "workflow:31"}
        self.directory = Directory(self.token, lambda: self.now())
        self.rates = Rates(lambda: self.now(), self.most_per_10_s, self.most_searches_per_s, self.most_per_day)
        self.schema.listed = self.directory.listed
        announcer = Announcer(self.portal_id, self.app_id, self.hooks)
        self.account = Account(self.schema, self.records, announcer, lambda: self.misbehaviour, self.directory.follows)

    def standin(self) -> Standin:
        """The API, and for tests `GET /_standin/records`, `POST /_standin/people` and `/people/{id}` (entered by hand)."""
        routes = (
            ("POST", f"{API}/search", Search(self.account).answer),
            *Objects(self.account).routes(),
            *Links(self.account).routes(),
            *self.directory.routes(),
            ("GET", PROPERTIES, lambda call: self.schema.everything(object_of(call))),
            ("POST", PROPERTIES, lambda call: self.schema.create(object_of(call), call.json())),
            ("GET", f"{PROPERTIES}/{{name}}", lambda call: self.schema.show(object_of(call), call.parts["name"])),
        )
        told = [(method, path, self.rates.told(handler)) for method, path, handler in routes]
        admin = (
            ("GET", "/_standin/records", self._everything),
            ("POST", "/_standin/people", self._person),
            ("POST", "/_standin/people/{id}", self._change_person),
            *by_hand(self),
        )
        return Standin(told, self._guard, error(404, "Not found", "OBJECT_NOT_FOUND"), FAULTS, admin)

    def enter(self, kind: str, values: Values) -> str:
        """A person creates a record; its id."""
        return self.account.create(kind, values, PERSON).id

    def edit(self, kind: str, record_id: str, values: Values) -> None:
        """A person changes a record; KeyError where there is none."""
        self.account.update(self.records.of(kind)[record_id], values, PERSON)

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record; KeyError where there is none."""
        self.account.archive(self.records.of(kind)[record_id], PERSON)

    def held(self, kind: str, record_id: str) -> Values | None:
        """The record as it is now, without empty properties; None where there is none."""
        record = self.records.of(kind).get(record_id)
        return record.values() if record else None

    def merge(self, kind: str, primary: str, loser: str, *, third_id: bool = False) -> str:
        """A person merges two records; the survivor's id, which may be a third."""
        found = self.records.of(kind)
        return self.account.merge(found[primary], found[loser], PERSON, third_id=third_id).id

    def link(self, kind: str, record_id: str, to_kind: str, to_id: str) -> None:
        """A person associates two records."""
        self.account.associate((kind, record_id), (to_kind, to_id), PERSON)

    def linked(self, kind: str, record_id: str, to_kind: str) -> list[str]:
        """The ids of one object that a record is associated with."""
        return self.records.linked(kind, record_id, to_kind)

    def _guard(self, call: Call) -> None:
        if call.path.startswith("/oauth/"):
            return
        if refusal := self.directory.refusal(call.bearer):
            raise Refused(refusal)
        if call.method in ("POST", "PATCH") and "json" not in call.headers.get("content-type", ""):
            raise Refused(error(415, "Unsupported Media Type", "INVALID_CONTENT_TYPE"))
        self.rates.admit(call)

    def _person(self, call: Call) -> Answer:
        body = call.json()
        properties = self.schema.check("contacts", body["properties"], creating=True)
        record = self.records.create("contacts", properties, source=PERSON, at=body.get("at"))
        return Answer(201, record.show(list(properties)))

    def _change_person(self, call: Call) -> Answer:
        body = call.json()
        record = self.records.find("contacts", None, call.parts["id"])
        if record is None:
            return error(404, "Object not found", "OBJECT_NOT_FOUND")
        self.records.update(record, body["properties"], source=PERSON, at=body.get("at"))
        return Answer(200, record.show(list(body["properties"])))

    def _everything(self, _call: Call) -> Answer:
        return Answer(200, {kind: [self._row(kind, one) for one in self.records.of(kind).values()] for kind in OBJECTS})

    def _row(self, kind: str, record: Record) -> dict[str, Any]:
        return record.show(list(record.history)) | {"associations": self.records.associated(kind, record.id)}
