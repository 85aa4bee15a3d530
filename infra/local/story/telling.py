"""Tells the story: each step sends what the platforms send and says what became of it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from infra.local import emulator
from infra.local.place import Stop
from infra.local.story import deliveries
from infra.local.story.person import Person
from infra.local.story.sending import Outgoing, handshake, send, send_event
from infra.local.story.stage import Stage

PATIENCE_S = 90.0
STORY_MS = 600_000
STALE_S = 360


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a step: what was sent, and what became of it."""

    what: str
    became: str


@dataclass(slots=True)
class Telling:
    """One telling of the story on a stage, about a new person; remembers what was sent, to send it again."""

    stage: Stage
    person: Person
    sent: list[Outgoing] = field(default_factory=list)
    hubspot_id: str = ""
    salesforce_id: str = ""
    change: dict[str, Any] = field(default_factory=dict)
    told_at: float = field(default_factory=time.time)

    def steps(self) -> Iterator[tuple[str, Iterator[Told]]]:
        """Title and lines of each step; a line is sent when it is asked for."""
        yield "HubSpot: a contact is created in Tokyo", self._contact()
        yield "WhatsApp: a text from the same number", self._text()
        yield "WhatsApp: an image, without a phone number", self._image()
        yield "Twilio: a call, its callbacks out of order and twice", self._call()
        yield "Salesforce: her job title changes", self._title()
        yield "Everything a second time, shuffled", self._again()
        yield "A forged, a stale and an unreadable delivery", self._bad()

    def _contact(self) -> Iterator[Told]:
        properties = {
            "lastname": self.person.family,
            "firstname": self.person.given,
            "phone": self.person.phone_as_typed,
            "email": self.person.email,
        }
        made = self.stage.standin("hubspot", "people", {"properties": properties, "at": iso(self.person.at_ms(0))})
        self.hubspot_id = made["id"]
        first, second = (
            deliveries.hubspot_batch(self.stage.known, self.person, self.hubspot_id, attempt) for attempt in (0, 1)
        )
        batch = self._outgoing("hubspot", "a batch of three notifications, ids only", first, deliveries.JSON, second)
        yield self._send(batch)
        yield self._until(1, "the hub read the record from HubSpot")

    def _text(self) -> Iterator[Told]:
        url = self.stage.webhooks["whatsapp_cloud"]
        if not handshake(self.stage.platforms, url, self.stage.known.meta_verify_token):
            raise Stop("the hub did not answer Meta's check of the callback URL: look at the log of ingest_whatsapp.")
        yield Told("Meta checks the callback URL", "the challenge came back")
        yield self._send(self._whatsapp("a text with phone and user id", "text"))
        yield self._until(2, "the text is on her timeline")

    def _image(self) -> Iterator[Told]:
        self.stage.standin("meta", "media", {"id": deliveries.media_id(self.person)})
        yield self._send(self._whatsapp("an image with the user id alone", "image"))
        yield self._until(3, "recognised by her WhatsApp user id")

    def _call(self) -> Iterator[Told]:
        known = self.stage.known
        incoming = self._twilio("the incoming call", deliveries.call_incoming(known, self.person))
        answer = self._post(incoming)
        if "<Response" not in answer.text:
            raise Stop("the incoming call was not answered with TwiML: look at the log of ingest_telephony.")
        yield Told(incoming.what, f"answered {answer.status_code} with call instructions")
        ringing, talking, completed = [
            self._twilio(f"status {word}", body) for word, body in deliveries.call_statuses(known, self.person)
        ]
        for status in (completed, ringing, completed, talking, ringing):
            yield self._send(status)
        yield self._send(self._twilio("the recording", deliveries.call_recording(known, self.person)))
        yield self._until(4, "one entry for the whole call")

    def _title(self) -> Iterator[Told]:
        person = self.person
        fields = {
            "LastName": person.family,
            "FirstName": person.given,
            "Email": person.email,
            "MobilePhone": person.phone_as_typed,
            "Title": person.old_title,
        }
        before = {"fields": fields, "at": _salesforce_time(person.at_ms(-600))}
        self.salesforce_id = self.stage.standin("salesforce", "people", before)["Id"]
        after = {"fields": {"Title": person.new_title}, "at": _salesforce_time(person.at_ms(9))}
        self.stage.standin("salesforce", f"people/{self.salesforce_id}", after)
        self.change = deliveries.title_change(person, self.salesforce_id)
        self._put_change()
        yield Told("a change event with the title alone, through EventBridge", "taken")
        yield self._until(5, "the hub read who it is from Salesforce")

    def _again(self) -> Iterator[Told]:
        again = [delivery.again() for delivery in self.sent]
        random.Random(self.person.number).shuffle(again)  # noqa: S311 - the same shuffle every time
        answers = [self._post(delivery).status_code for delivery in again]
        self._put_change()
        good = sum(status < 300 for status in answers)
        yield Told(f"{len(again)} deliveries and the change event", f"{good} accepted; see below what changed")

    def _bad(self) -> Iterator[Told]:
        text = self._whatsapp("a forged text (not Meta's secret)", "text")
        yield self._send(replace(text, secret="not-the-app-secret"), remember=False)
        first = self.sent[0]
        stale = replace(first, what="HubSpot's batch, signed six minutes ago", signed_at=time.time() - STALE_S)
        yield self._send(stale, remember=False)
        cut = text.body[: len(text.body) // 2]
        yield self._send(replace(text, what="half a text, signed by Meta", body=cut), remember=False)

    def _whatsapp(self, what: str, kind: str) -> Outgoing:
        make = {"text": deliveries.whatsapp_text, "image": deliveries.whatsapp_image}[kind]
        return self._outgoing("whatsapp_cloud", what, make(self.stage.known, self.person), deliveries.JSON)

    def _twilio(self, what: str, body: bytes) -> Outgoing:
        return self._outgoing("twilio", what, body, deliveries.FORM)

    def _outgoing(
        self, platform: str, what: str, body: bytes, headers: dict[str, str], retry: bytes | None = None
    ) -> Outgoing:
        return outgoing(self.stage, platform, what, body, headers, retry)

    def _send(self, delivery: Outgoing, *, remember: bool = True) -> Told:
        answer = self._post(delivery, remember=remember)
        return Told(delivery.what, f"answered {answer.status_code}")

    def _post(self, delivery: Outgoing, *, remember: bool = True) -> Any:
        if remember and delivery not in self.sent and delivery.retry != delivery.body:
            self.sent.append(delivery)
        return send(self.stage.platforms, delivery)

    def _put_change(self) -> None:
        source = deliveries.event_source(self.stage.known)
        send_event(emulator.events(self.stage.place), deliveries.SALESFORCE_BUS, source, self.change)

    def _until(self, entries: int, meaning: str) -> Told:
        """Waits for that many entries on her timeline."""
        started = time.monotonic()
        seen = self.stage.operator.until(lambda _operator: len(self.timeline()), lambda n: n >= entries, PATIENCE_S)
        if seen < entries:
            aside = self.stage.operator.get("/v1/set-aside", kind="quarantine", limit="100")["items"]
            why = f" (set aside: {', '.join({str(one['reason']) for one in aside})})" if aside else ""
            raise Stop(
                f"the timeline holds {seen} entries instead of {entries} after {PATIENCE_S:.0f} s{why}: "
                f"look at {self.stage.place.directory / 'emulator.log'}."
            )
        return Told(f"her timeline holds {entries}", f"{meaning} ({time.monotonic() - started:.1f} s)")

    def customers(self) -> list[dict[str, Any]]:
        """Whom the hub knows by her phone, typed as people type it."""
        found: list[dict[str, Any]] = self.stage.operator.get("/v1/customers", phone=self.person.phone_as_typed)[
            "customers"
        ]
        return found

    def timeline(self) -> list[dict[str, Any]]:
        """Her timeline, the oldest entry first; empty while nobody is known by her phone."""
        found = self.customers()
        path = f"/v1/customers/{found[0]['id']}/timeline" if found else ""
        return self.stage.operator.get(path, order="oldest", limit="100")["entries"] if path else []


def outgoing(
    stage: Stage, platform: str, what: str, body: bytes, headers: dict[str, str], retry: bytes | None = None
) -> Outgoing:
    """A delivery of the platform to its connection, signed with the account's own secret."""
    known = stage.known
    secret = {
        "hubspot": known.hubspot_client_secret,
        "whatsapp_cloud": known.meta_app_secret,
        "twilio": known.twilio_auth_token,
    }[platform]
    return Outgoing(what, platform, stage.webhooks[platform], body, secret, headers, retry)


def new_telling(stage: Stage, number: int) -> Telling:
    """A telling about the person of that number, who began ten minutes ago."""
    return Telling(stage, Person(number, int(time.time() * 1000) - STORY_MS))


def iso(at_ms: int) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _salesforce_time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
