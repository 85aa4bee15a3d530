"""The third chapter: HubSpot and Salesforce are kept in agreement, both ways.

It is about one person whom both know, under two titles. What happens on a stand-in is announced as the platform does it:
HubSpot's webhooks signed, Salesforce's change events on their bus; also what comes of the hub's own writing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.place import Stop
from infra.local.story import outcome
from infra.local.story.pair import OBJECTS, Pair
from infra.local.story.person import Person
from infra.local.story.stage import Stage
from infra.local.story.telling import PATIENCE_S, Told

MOST_ROUNDS = 10
SALESFORCE_TITLE = "係長"
WHY = "She said so on the phone."


@dataclass(slots=True)
class Syncing:
    """The chapter on a stage; `kept` holds each promise and whether it was kept, once its step was told.

    `writes` says how often the hub wrote each field on each platform.
    """

    stage: Stage
    person: Person
    kept: dict[str, bool] = field(default_factory=dict)
    writes: dict[str, dict[str, int]] = field(default_factory=dict)
    pair: Pair = field(init=False)

    def __post_init__(self) -> None:
        self.pair = Pair(self.stage)

    def steps(self) -> Iterator[tuple[str, Iterator[Told]]]:
        """Title and lines of each step; a line is done when it is asked for."""
        yield "HubSpot and Salesforce know the same person, and are written to from now on", self._linked()
        yield "Salesforce: somebody types another phone number", self._phone()
        yield "HubSpot: workflows write upon what was written", self._workflows()
        yield "Her two titles: a person says which", self._title()
        yield "When nobody has anything to tell any more", self._rest()

    def _linked(self) -> Iterator[Told]:
        outcome.settle(self.stage.place)
        self.pair.announced()  # by earlier chapters, which have told of it themselves
        self._switch("both")
        yield Told("the setting sync of both connections", "both")
        person, phone = self.person, self._number(0)
        common = {"last_name": person.family, "first_name": person.given, "email": person.email, "phone": phone}
        self.pair.enter("hubspot", {**common, "title": person.old_title}, person.at_ms(0) / 1000)
        self.pair.enter("salesforce", {**common, "title": SALESFORCE_TITLE}, person.at_ms(1) / 1000)
        self._until(self.customer, "both records are one customer's")
        yield Told("a contact is entered in each", "one customer")

    def _phone(self) -> Iterator[Told]:
        started, number = time.monotonic(), self._number(1)
        self.pair.edit("salesforce", "phone", number)
        self._until(lambda: self._agreed("phone", number), "the number is in HubSpot and on the customer")
        source = self._field("phone")["source"]["platform"]
        told = f"{number} everywhere ({time.monotonic() - started:.1f} s)"
        yield self._keep("a number changed in Salesforce is in HubSpot and on the customer", source, "salesforce", told)

    def _workflows(self) -> Iterator[Told]:
        number, other = self._number(2), self._number(3)
        form = f"({number[:3]}) {number[4:]}"
        self.pair.workflow("phone", form)
        self.pair.edit("salesforce", "phone", number)
        self._until(lambda: self.pair.held("phone")[0] == form, "the workflow has put the number in its own form")
        self._until(lambda: self._agreed("phone", number), "it is the customer's")
        yield Told(f"{number} is typed in Salesforce", f"HubSpot makes {form} of it")
        self.pair.workflow("phone", number)
        self.pair.edit("salesforce", "phone", other)
        self._until(lambda: self._agreed("phone", number), "what the workflow put back is everywhere")
        told = f"{other} in Salesforce, then {number} everywhere"
        yield self._keep("a number that a workflow puts back is everybody's", True, True, told)

    def _title(self) -> Iterator[Told]:
        (waits,) = self._until(self._conflicts, "the two titles wait for a person")
        said = {one["source"]["platform"]: one["value"] for one in waits["claims"]}
        both = {"hubspot": self.person.old_title, "salesforce": SALESFORCE_TITLE}
        shown = " or ".join(said.values())
        yield self._keep("titles that differed before anybody knew wait for a person", said, both, shown)
        yield self._keep("and neither is written over", self.pair.written("title"), dict.fromkeys(OBJECTS, 0))
        title = self.person.new_title
        address = f"/v1/customers/{self.customer()}/fields/title/choose"
        self.stage.operator.post(address, {"value": title, "why": WHY}, key=f"choose-{self.person.token('choose')}")
        self._until(lambda: self._agreed("title", title), "what was chosen is in both")
        yield self._keep("what a person chooses is in both", True, True, title)
        yield self._keep("and the matter is settled", self._conflicts(), [])

    def _rest(self) -> Iterator[Told]:
        self._come_to_rest()
        agreed = self._agreed("phone", self._number(2)), self._agreed("title", self.person.new_title)
        yield self._keep("HubSpot, Salesforce and the customer still agree", agreed, (True, True))
        yield self._counted("each number was written once, the one put back in Salesforce alone", "phone", (3, 1))
        yield self._counted("the title was written once on each side", "title", (1, 1))
        paused = [self._sync(one)["paused"] for one in OBJECTS]
        yield self._keep("no writing was paused for a loop", paused, [None, None])
        self._switch(None)
        yield Told("the setting sync of both connections", "in, as before")

    def customer(self) -> str:
        """The customer who has both records, "" where there is none yet; a new number may give her another id."""
        wanted = {f"contact:{one}" for one in self.pair.ids.values()}
        found = self.stage.operator.get("/v1/customers", email=self.person.email)["customers"]
        return next((one["id"] for one in found if wanted <= {known["value"] for known in one["identifiers"]}), "")

    def _number(self, number: int) -> str:
        """Her numbers, one after the other, as people write them in Tokyo."""
        return f"090-{4_321 + number}-{self.person.phone_as_typed[-4:]}"

    def _switch(self, sync: str | None) -> None:
        for platform in OBJECTS:
            address = f"/v1/connections/{self.stage.connections[platform]}"
            self.stage.operator.patch(address, {"settings": {"sync": sync}})

    def _field(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.stage.operator.get(f"/v1/customers/{self.customer()}")["fields"].get(name, {})
        return found

    def _agreed(self, name: str, value: str) -> bool:
        """Whether both platforms and the customer have the value."""
        said = [*self.pair.held(name), self._field(name).get("value")]
        return all(_same(one, value) for one in said)

    def _conflicts(self) -> list[dict[str, Any]]:
        shown = self.stage.operator.get("/v1/field-conflicts", limit="100")["conflicts"]
        who = self.customer()
        return [one for one in shown if (one["customer"], one["field"]) == (who, "title")]

    def _sync(self, platform: str) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self.stage.operator.get(f"/v1/connections/{self.stage.connections[platform]}/sync")
        return shown

    def _come_to_rest(self) -> None:
        """Returns when nobody has anything to announce and every queue is empty; Stop where that never is."""
        for _ in range(MOST_ROUNDS):
            self.pair.deliver()
            outcome.settle(self.stage.place)
            if not self.pair.deliver():
                return
        raise Stop(f"HubSpot and Salesforce do not come to rest: look at {self._log()}.")

    def _until(self, read: Callable[[], Any], meaning: str) -> Any:
        """What `read` gives once it is true, while everything is announced."""

        def look(_operator: object) -> Any:
            self.pair.deliver()
            return read()

        found = self.stage.operator.until(look, bool, PATIENCE_S)
        if not found:
            raise Stop(f"{meaning}: not so after {PATIENCE_S:.0f} s: look at {self._log()}.")
        return found

    def _log(self) -> str:
        return str(self.stage.place.directory / "emulator.log")

    def _counted(self, promise: str, name: str, wanted: tuple[int, int]) -> Told:
        """A promise of how often HubSpot and Salesforce were written to."""
        written = self.writes[name] = self.pair.written(name)
        told = f"writes: HubSpot {written['hubspot']}, Salesforce {written['salesforce']}"
        return self._keep(promise, tuple(written.values()), wanted, told)

    def _keep(self, promise: str, found: object, wanted: object, told: str = "") -> Told:
        self.kept[promise] = found == wanted
        return Told(promise, (told or "yes") if found == wanted else f"no: {found}")


def new_syncing(stage: Stage, number: int, began_at_ms: int) -> Syncing:
    """The chapter about a person whom no other telling knows."""
    return Syncing(stage, Person(number + 7_004, began_at_ms))


def _same(one: str | None, other: str) -> bool:
    """Whether both are one text, or one number in Japan in two forms."""
    return one is not None and _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.replace("+81", "0") if letter not in "()- ")
