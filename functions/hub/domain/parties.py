"""Who an event is about, and the records that stand for people and things on a platform."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.domain.values import Model

IdentifierKind = Literal[
    "phone",  # E.164 with +
    "email",  # lower case
    "whatsapp_user_id",  # business-scoped user id, scoped to a Meta business portfolio
    "whatsapp_parent_user_id",
    "username",
    "record",  # "<object>:<id>" on the connection in `scope`
    "sip",
    "client",
    "domain",  # of a company: small letters, ASCII, without www.
]


class Identifier(Model):
    """One thing a customer is known by. `scope` is the connection (or portfolio) inside which `value` is unique."""

    kind: IdentifierKind
    value: str = Field(min_length=1, max_length=512)
    scope: str = ""

    @property
    def key(self) -> str:
        """Canonical text of the identifier; personal, so it is only ever stored as a keyed hash."""
        return f"{self.kind}\n{self.scope}\n{self.value}"


class Party(Model):
    """The customer's side of an event: all identifiers named here are attested to be the same person.

    `raw_phone` keeps what the platform sent where it is no phone number we can compare, `phone_reason` says why not.
    """

    identifiers: tuple[Identifier, ...] = ()
    name: str | None = None
    raw_phone: str | None = None
    phone_reason: Literal["withheld", "extension", "sip", "client", "short_code", "invalid"] | None = None


class RecordRef(Model):
    """A record on a platform: `object` is contact, company, deal … (ours), `native_object` the platform's word."""

    object: str
    id: str
    native_object: str | None = None
    url: str | None = None

    def identifier(self, connection_id: str) -> Identifier:
        """The record as an identifier of a customer."""
        return Identifier(kind="record", scope=connection_id, value=f"{self.object}:{self.id}")
