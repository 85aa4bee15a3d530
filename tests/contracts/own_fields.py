"""A field of the customer's own on each platform's stand-in: how it comes to be there, and how people fill it in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hub import connector as registry
from hub.delivery import Connection, Delivery
from hub.domain.events import Event
from hub.domain.sync import SyncClient
from hub.field_overrides import with_lines
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.misbehaving import Hook
from tests.contracts.client_account import ClientAccount
from tests.harness.platforms import Platforms

OURS = "x_tier"
LABEL = "Tier"
# Platforms where customers get no field of the shop's own in what the connector reads.
WITHOUT = ("shopify",)


@dataclass(frozen=True)
class OwnField:
    """`make` puts the field on the stand-in's contacts; `name` is what `describe` calls it; `filled` is a row with it.

    `carried`: webhooks hold the value, so that nothing must be read.
    """

    make: Callable[[Any], None]
    name: str
    filled: Callable[[str, str], Mapping[str, Any]]
    carried: bool
    values: tuple[str, str, str] = ("Gold", "Silver", "Bronze")


def _in(group: str, key: str) -> Callable[[str, str], Mapping[str, Any]]:
    return lambda _name, value: {group: {key: value}}


def _plain(name: str, value: str) -> Mapping[str, Any]:
    return {name: value}


def _already(_crm: Any) -> None:
    """The stand-in has the field, or keeps whatever is written under any name."""


def _hubspot(crm: Any) -> None:
    wanted = {"name": "tier", "label": LABEL, "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    crm.schema.create("contacts", wanted)


def _dynamics(crm: Any) -> None:
    crm.schema.tables["contact"].columns["new_tier"] = {"type": "string", "length": 100, "custom": True}


def _pipedrive(crm: Any) -> None:
    crm.schema.create("person", {"field_name": LABEL, "field_type": "varchar"})


def _zoho(crm: Any) -> None:
    crm.schema.create("Contacts", {"fields": [{"field_label": LABEL, "data_type": "text", "length": 40}]})


def _zendesk(crm: Any) -> None:
    crm.rows.fields = {"user_fields": frozenset({"tier"})}
    crm.fields = crm.rows.fields


def _intercom(crm: Any) -> None:
    crm.attributes = crm.rows.attributes = frozenset({"tier"})


def _freshsales(crm: Any) -> None:
    crm.fields = crm.rows.fields = frozenset({"cf_tier"})


def _mailchimp(crm: Any) -> None:
    crm.merges["TIER"] = "text"


def _meta(_name: str, value: str) -> Mapping[str, Any]:
    return {"meta_data": [{"key": "tier", "value": value}]}


OWN: Mapping[str, OwnField] = {
    "hubspot": OwnField(_hubspot, "tier", _plain, carried=False),
    "salesforce": OwnField(_already, "Tier__c", _plain, carried=True),
    "dynamics365": OwnField(_dynamics, "new_tier", _plain, carried=True),
    "pipedrive": OwnField(_pipedrive, "", lambda name, value: {"custom_fields": {name: value}}, carried=True),
    "zoho": OwnField(_zoho, "Tier", _plain, carried=True),
    "zendesk": OwnField(_zendesk, "user_fields.tier", _in("user_fields", "tier"), carried=False),
    "intercom": OwnField(_intercom, "custom_attributes.tier", _in("custom_attributes", "tier"), carried=True),
    "freshsales": OwnField(_freshsales, "custom_field.cf_tier", _in("custom_field", "cf_tier"), carried=False),
    "mailchimp": OwnField(_mailchimp, "TIER", _in("merge_fields", "TIER"), carried=True),
    "woocommerce": OwnField(_already, "meta.tier", _meta, carried=True),
}


@dataclass
class OwnAccount:
    """An account whose contacts have a field of their own, called `name` by the platform."""

    account: ClientAccount
    own: OwnField
    name: str = ""

    @classmethod
    def of(cls, connector: str) -> OwnAccount:
        """With one contact, whose field says the first of the values."""
        here = cls(import_module(f"tests.contracts.accounts_{connector}").account(), OWN[connector])
        here.own.make(here.account.crm)
        here.name = here.own.name or next(one.name for one in here.client().describe("contact") if one.label == LABEL)
        return here

    def connection(self, *, mapped: bool = True) -> Connection:
        """The account's connection, with a line for the field or without."""
        lines = {OURS: self.name}
        return with_lines(self.account.connection, self.native, 1, lines) if mapped else self.account.connection

    @property
    def native(self) -> str:
        """The platform's word for contacts in its map."""
        return self.account.kinds["contact"]

    def client(self, *, mapped: bool = True) -> SyncClient:
        """The connector's, on the stand-in."""
        clock = FakeClock()
        http = HttpClient(clock, exchange=Platforms({self.account.host: self.account.crm.standin()}).exchange)
        module = import_module(registry.load(self.account.connector).client)
        built: SyncClient = module.build(self.connection(mapped=mapped), self.account.secrets, http, clock)
        return built

    def filled(self, value: str) -> Mapping[str, Any]:
        """What a person fills in."""
        return self.own.filled(self.name, value)

    def enter(self, value: str) -> str:
        """A person creates a contact with the field filled in; its id, as the client knows it."""
        native = self.account.kinds["contact"]
        sample = dict(self.account.sample("contact", 1))
        for name, one in self.filled(value).items():
            sample[name] = {**sample.get(name, {}), **one} if isinstance(one, dict) else one
        return self.account.crm.enter(native, sample)

    def events(self, hooks: list[Hook], *, mapped: bool = True) -> list[Event]:
        """What the connector makes of webhooks."""
        connector, connection = registry.load(self.account.connector), self.connection(mapped=mapped)
        found = [connector.map_delivery(_delivery(connection, one), connection) for one in hooks]
        return [event for one in found for event in one.events]


def _delivery(connection: Connection, hook: Hook) -> Delivery:
    body = hook.body if hook.envelope is None else json.dumps(hook.envelope, ensure_ascii=False).encode()
    at = "2026-11-23T05:00:00.000Z"
    headers = {name.lower(): value for name, value in hook.headers.items()}
    return Delivery(connection.id, connection.platform, "crm", at, body, query=hook.query, headers=headers)
