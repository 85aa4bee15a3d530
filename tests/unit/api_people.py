"""People for the API's tests: what each platform said about them, and an agent who decides."""

from __future__ import annotations

from typing import Any

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.records import RecordStore
from hub.timeline_store import Filing, TimelineStore
from tests.unit.api_client import AGENT, Answer, Client

HUBSPOT, SALESFORCE, CHAT = "h" * 26, "s" * 26, "w" * 26
PHONE = Identifier(kind="phone", value="+819012345678")
EMAIL = Identifier(kind="email", value="hanako@example.com")
CONTACT = Identifier(kind="record", scope=HUBSPOT, value="contact:101")
TWIN = Identifier(kind="record", scope=HUBSPOT, value="contact:102")
LEAD = Identifier(kind="record", scope=SALESFORCE, value="contact:003X")
USER = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.77")
NAME = Identifier(kind="username", scope="portfolio", value="hanako_s")


class People:
    """A hub with people in it, and a client of its API."""

    def __init__(self) -> None:
        self.client = Client(scopes=(AGENT,))
        self.directory = Directory(self.client.store, self.client.secrets.hash_key())
        self._events = 0

    def attest(self, *identifiers: Identifier, on: str = HUBSPOT, day: int = 1, reason: str = "contact.changed") -> str:
        """One delivery names them together; returns the event's id."""
        self._events += 1
        name = f"event {self._events}"
        self.directory.attach(identifiers, reason=reason, event=name, at=_day(day), connection=on)
        return name

    def claim(self, record: Identifier, platform: str, day: int, **values: str) -> None:
        """A record says so since that day."""
        target, _, native = record.value.partition(":")
        claims = [{"field": name, "value": value, "at": _day(day)} for name, value in values.items()]
        data = {"object": target, "id": native, "at": _day(day), "claims": claims}
        RecordStore(self.client.store, self.directory.hashed).fold(record, record.scope, platform, data)

    def message(self, persona: Identifier, day: int, text: str) -> None:
        """A message of theirs."""
        self._events += 1
        data = {"message_id": text, "channel": "whatsapp", "direction": "inbound", "text": text}
        fact = {"type": "message.received", "at": _day(day), "timequality": "platform", "data": data, "raw": ""}
        event = {"id": f"event {self._events}", "connection": CHAT, "platform": "whatsapp_cloud"}
        filing = Filing(self.id_of(persona), 0)
        entry = self.directory.hashed(text)
        store = TimelineStore(self.client.store)
        store.record(entry, "message", event, {**fact, "received": _day(day)}, filing)

    def id_of(self, identifier: Identifier) -> str:
        return self.directory.persona_id(identifier)

    def read(self, identifier: Identifier, part: str = "", **query: str) -> Any:
        answer = self.client.get(f"/v1/customers/{self.id_of(identifier)}{part}", **query)
        assert answer.status == 200, answer.text
        return answer.json

    def decide(self, one: Identifier, what: str, **wanted: Identifier | str) -> Answer:
        """merge with_=…, unmerge from_=…, not-the-same as_=…; `why` and headers where given."""
        headers = {
            name.replace("_", "-"): str(wanted.pop(name)) for name in ("If_Match", "Idempotency_Key") if name in wanted
        }
        body = {"why": "They told me."} | {
            name.rstrip("_"): self.id_of(said) if isinstance(said, Identifier) else said
            for name, said in wanted.items()
        }
        return self.client.call("POST", f"/v1/customers/{self.id_of(one)}/{what}", body, headers)

    def preview(self, one: Identifier, what: str, **wanted: Identifier) -> Answer:
        query = {name.rstrip("_"): self.id_of(said) for name, said in wanted.items()}
        return self.client.get(f"/v1/customers/{self.id_of(one)}/{what}/preview", **query)

    def texts(self, one: Identifier) -> list[str]:
        """The messages on the timeline, oldest first."""
        entries = self.read(one, "/timeline", order="oldest", kind="message")["entries"]
        return [entry["shown"]["text"] for entry in entries]

    def seen(self, one: Identifier) -> dict[str, Any]:
        """All that a merge must give back: the customer (but not which version of it), its messages, its fields."""
        customer = {name: value for name, value in self.read(one).items() if name != "etag"}
        return {"customer": customer, "texts": self.texts(one), "fields": self.read(one, "/fields")}


def values(customer: dict[str, Any]) -> set[str]:
    return {one["value"] for one in customer["identifiers"]}


def two_people() -> People:
    """Hanako on HubSpot and WhatsApp, and somebody on Salesforce who may be she."""
    people = People()
    people.attest(CONTACT, PHONE)
    people.attest(USER, PHONE, on=CHAT, day=2, reason="message.received")
    people.claim(CONTACT, "hubspot", 1, title="Engineer", city="Osaka")
    people.attest(LEAD, EMAIL, on=SALESFORCE, day=3)
    people.claim(LEAD, "salesforce", 3, title="Director", industry="Tea")
    people.message(PHONE, 4, "from the phone")
    people.message(EMAIL, 5, "from the mail")
    return people


def _day(day: int) -> str:
    return f"2026-05-{day:02d}T09:00:00.000Z"
