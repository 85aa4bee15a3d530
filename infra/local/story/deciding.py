"""The second chapter: people decide who is who, and take it back.

It is about three people: one whom HubSpot and WhatsApp know without anything that says it is the same person, and two
colleagues who are called by one switchboard's number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.place import Stop
from infra.local.story import deliveries
from infra.local.story.person import Person
from infra.local.story.sending import send
from infra.local.story.stage import Stage
from infra.local.story.telling import PATIENCE_S, Told, iso, outgoing

Shown = Mapping[str, Any]


@dataclass(slots=True)
class Deciding:
    """The chapter on a stage; `kept` holds each promise and whether it was kept, once its step was told."""

    stage: Stage
    friend: Person
    colleagues: tuple[Person, Person]
    kept: dict[str, bool] = field(default_factory=dict)
    contact: str = ""
    chat: str = ""
    before: tuple[Shown, Shown] = ({}, {})
    records: dict[str, Person] = field(default_factory=dict)

    def steps(self) -> Iterator[tuple[str, Iterator[Told]]]:
        """Title and lines of each step; a line is done when it is asked for."""
        yield "HubSpot: three more contacts, two of them behind one switchboard", self._people()
        yield "WhatsApp: the third one writes, without a phone number", self._text()
        yield "An agent merges the two sides of her", self._merge()
        yield "The merge is taken back", self._unmerge()
        yield "Her title changes; what was before can still be seen", self._title()

    @property
    def switchboard(self) -> str:
        """The colleagues' number, as they type it."""
        return f"03-5550-{self.friend.number % 10_000:04d}"

    def _people(self) -> Iterator[Told]:
        friend = {"phone": self.friend.phone_as_typed, "jobtitle": self.friend.old_title}
        self._enter(self.friend, friend)
        for colleague in self.colleagues:
            self._enter(colleague, {"phone": self.switchboard})
        yield self._send(
            "hubspot", "three creations in one batch", deliveries.hubspot_created(self.stage.known, self.records)
        )
        for one in (self.friend, *self.colleagues):
            self._until(lambda one=one: self._by(email=one.email), f"{one.family} is known")  # type: ignore[misc]
        (self.contact,) = self._by(email=self.friend.email)
        listed = self.stage.operator.until(lambda _: self._listed(), bool, PATIENCE_S)
        apart = len(self._holders()) == len(self.colleagues) and self._holders() <= self._by(phone=self.switchboard)
        yield self._keep("a switchboard's number joins nobody, and finds both", apart, True)
        yield self._keep("and is listed for a person to decide", listed, True)

    def _text(self) -> Iterator[Told]:
        yield self._say(0, "先日の見積もりの件でご相談があります")
        name = f"{self.friend.family} {self.friend.given}"
        (self.chat,) = self._until(lambda: self._without_phone(name), "the text is found by her name")
        yield Told(f"a search for {name}", "finds her chat, which is nobody's yet")
        suggested = self._until(self._suggested, "the likeness is suggested")
        yield self._keep("a look-alike is suggested, with its reasons", bool(suggested), True, "; ".join(suggested))
        rows = self.stage.operator.get("/v1/inbox", limit="100")["rows"]
        yield self._keep("her conversation is in the inbox", self.chat in {one["customer"] for one in rows}, True)

    def _merge(self) -> Iterator[Told]:
        self.before = (self._seen(self.contact), self._seen(self.chat))
        preview = self.stage.operator.get(f"/v1/customers/{self.contact}/merge/preview", **{"with": self.chat})
        changed = ", ".join(one["field"] for one in preview["fields"]) or "none"
        yield Told("the preview", f"{preview['personas']} identifiers, fields that change: {changed}")
        self._decide("merge", {"with": self.chat, "why": "She said so on the phone."})
        one, other = self._seen(self.contact), self._seen(self.chat)
        entries = {*self.before[0]["entries"], *self.before[1]["entries"]}
        yield self._keep(
            "merged, both are one customer with one timeline", one == other and entries <= {*one["entries"]}, True
        )

    def _unmerge(self) -> Iterator[Told]:
        seen = len(self._seen(self.contact)["entries"])
        yield self._say(1, "明日の午後はいかがでしょうか")
        self._until(lambda: len(self._seen(self.contact)["entries"]) > seen, "the next text is on the timeline of both")
        preview = self.stage.operator.get(f"/v1/customers/{self.contact}/unmerge/preview", **{"from": self.chat})
        names = [preview[side]["fields"].get("name", {}).get("value") for side in ("customer", "other")]
        yield Told("the preview", f"two customers again: {' and '.join(map(str, names))}")
        self._decide("unmerge", {"from": self.chat, "why": "It was her sister."})
        contact, chat = self._seen(self.contact), self._seen(self.chat)
        as_before = contact == self.before[0] and chat["fields"] == self.before[1]["fields"]
        meanwhile = len(chat["entries"]) - len(self.before[1]["entries"])
        told = f"{meanwhile} text that came in meanwhile is the chat's"
        yield self._keep("taken back, each is as if there had been no merge", as_before and meanwhile == 1, True, told)

    def _title(self) -> Iterator[Told]:
        friend, known = self.friend, self.stage.known
        (record,) = [one for one, person in self.records.items() if person is friend]
        after = {"properties": {"jobtitle": friend.new_title}, "at": iso(friend.at_ms(6))}
        self.stage.standin("hubspot", f"people/{record}", after)
        body = deliveries.hubspot_changed(known, friend, record, "jobtitle", friend.new_title, 6)
        yield self._send("hubspot", "the change of one property", body)
        self._until(lambda: self._title_at() == friend.new_title, "the new title is known")
        earlier = self._title_at(at=iso(friend.at_ms(3)))
        told = f"{earlier} then, {friend.new_title} now"
        yield self._keep("as of an earlier time she has her old title", earlier, friend.old_title, told)

    def _enter(self, person: Person, more: Mapping[str, str]) -> None:
        names = {"lastname": person.family, "firstname": person.given, "email": person.email}
        made = self.stage.standin("hubspot", "people", {"properties": {**names, **more}, "at": iso(person.at_ms(0))})
        self.records[made["id"]] = person

    def _say(self, number: int, text: str) -> Told:
        body = deliveries.whatsapp_phoneless(self.stage.known, self.friend, number, text)
        return self._send("whatsapp_cloud", "a text with the user id alone", body)

    def _send(self, platform: str, what: str, body: bytes) -> Told:
        answer = send(self.stage.platforms, outgoing(self.stage, platform, what, body, deliveries.JSON))
        return Told(what, f"answered {answer.status_code}")

    def _decide(self, what: str, body: Mapping[str, str]) -> None:
        self.stage.operator.post(f"/v1/customers/{self.contact}/{what}", body, key=f"{what}-{self.friend.token(what)}")

    def _by(self, **query: str) -> set[str]:
        return {one["id"] for one in self.stage.operator.get("/v1/customers", **query)["customers"]}

    def _without_phone(self, name: str) -> list[str]:
        found = self.stage.operator.get("/v1/customers", name=name)["customers"]
        return [
            one["id"]
            for one in found
            if {known["value"] for known in one["identifiers"]} & {self.friend.whatsapp_user_id}
        ]

    def _suggested(self) -> list[str]:
        found = self.stage.operator.get(f"/v1/customers/{self.contact}/suggestions")["suggestions"]
        return [reason["why"] for one in found if one["customer"]["id"] == self.chat for reason in one["reasons"]]

    def _holders(self) -> set[str]:
        """The customers of the switchboard's number; their ids are others than while it was one person's."""
        return {found for one in self.colleagues for found in self._by(email=one.email)}

    def _listed(self) -> bool:
        shown, holders = self.stage.operator.get("/v1/conflicts", limit="100")["conflicts"], self._holders()
        return any(one["kind"] == "shared" and {who["id"] for who in one["customers"]} >= holders for one in shown)

    def _seen(self, customer: str) -> dict[str, Any]:
        """The customer's fields and the entries of its timeline but for what people decided."""
        shown = self.stage.operator.get(f"/v1/customers/{customer}")
        entries = self.stage.operator.get(f"/v1/customers/{customer}/timeline", order="oldest", limit="100")["entries"]
        happened = tuple(one["id"] for one in entries if one["kind"] != "merge")
        return {"id": shown["id"], "fields": shown["fields"], "entries": happened}

    def _title_at(self, **at: str) -> str:
        fields = self.stage.operator.get(f"/v1/customers/{self.contact}", **at)["fields"]
        return str(fields.get("title", {}).get("value"))

    def _until(self, read: Callable[[], Any], meaning: str) -> Any:
        found = self.stage.operator.until(lambda _operator: read(), bool, PATIENCE_S)
        if not found:
            raise Stop(
                f"{meaning}: not so after {PATIENCE_S:.0f} s: look at {self.stage.place.directory / 'emulator.log'}."
            )
        return sorted(found) if isinstance(found, set) else found

    def _keep(self, promise: str, found: object, wanted: object, told: str = "") -> Told:
        self.kept[promise] = found == wanted
        return Told(promise, told or ("yes" if found == wanted else f"no: {found}"))


def new_deciding(stage: Stage, number: int, began_at_ms: int) -> Deciding:
    """The chapter about people whom no other telling knows, who began with the one of that number."""
    friend, *colleagues = (Person(number + more, began_at_ms) for more in (5_002, 6_001, 6_003))
    return Deciding(stage, friend, (colleagues[0], colleagues[1]))
