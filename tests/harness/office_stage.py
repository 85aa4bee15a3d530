"""One person in three CRMs that are written to both ways, and a list of what is not as it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.domain.events import instant
from hub.doubts import doubts_of
from hub.sync_state import SyncState
from infra.local.standins.misbehaving import Hook
from tests.harness.office import IDS, Crm, Office

NAMES = ("hubspot", "salesforce", "pipedrive")
EMAIL, PHONE = "mio@example.com", "+81312340000"
PAUSE_S = 30.0
# More than a scene needs: who has not come to rest by then never will.
MOST_ROUNDS, MOST_INVOCATIONS, PATIENCE_S = 150, 150, 300.0
Mistake = Callable[[Office], None]


class Stage:
    """One person, known to all three CRMs; `wrong` collects what is not as it should be."""

    def __init__(self, mistake: Mistake, title: str | None = "Buyer", **office: Any) -> None:
        self.wrong: list[str] = []
        self.restless, self._rounds = False, 0
        self.office = Office(NAMES, **office)
        mistake(self.office)
        said = {"last_name": "Kato", "email": EMAIL, "phone": PHONE} | ({"title": title} if title else {})
        self.ids = {name: self.office[name].enter(**said) for name in NAMES}
        self.rest()
        self.office.wait(600)
        self.office.writes.clear()

    def rest(self) -> None:
        """Until nobody has anything to say; that there is no end to it is wrong, and then nothing more happens."""
        try:
            while not self.restless and self.announced():
                self.office.wait()
        except AssertionError as error:
            if "does not come to rest" not in str(error):
                raise
            self.restless = True
            self.wrong.append("it never ends")

    def announced(self) -> bool:
        """Everything that there is to announce is, and worked; whether there was something."""
        self._rounds += 1
        if self._rounds > MOST_ROUNDS:
            raise AssertionError("the office does not come to rest")
        sent = self.office.post_out()
        self.office.world.run(MOST_INVOCATIONS, PATIENCE_S)
        return bool(sent)

    def types(self, name: str, **fields: str) -> None:
        """Somebody changes something; it is not announced yet."""
        self.office.wait(PAUSE_S)
        self.office[name].edit(self.ids[name], **fields)

    def edit(self, name: str, **fields: str) -> None:
        """Somebody changes something, and all follows from it."""
        self.types(name, **fields)
        self.rest()

    def held_back(self, name: str) -> list[tuple[Crm, Hook]]:
        """What a CRM has to announce, and does not announce now."""
        crm = self.office[name]
        hooks = [(crm, hook) for hook in crm.standin.hooks]
        crm.standin.hooks.clear()
        return hooks

    def announce(self, hooks: list[tuple[Crm, Hook]]) -> None:
        """Announces it after all."""
        for crm, hook in hooks:
            self.office._deliver(crm, hook)
        self.office.world.run(MOST_INVOCATIONS, PATIENCE_S)

    def held(self, name: str, field: str) -> str | None:
        """What a CRM holds."""
        return self.office[name].held(self.ids[name], field)

    def expect(self, what: str, there: object, wanted: object) -> None:
        """It is wrong where the two differ."""
        self.wrong += [] if there == wanted else [f"{what}: {there}, not {wanted}"]

    def agree(self, field: str, value: str | None, *names: str) -> None:
        """These CRMs hold the value."""
        self.expect(field, {name: self.held(name, field) for name in names}, dict.fromkeys(names, value))

    def written(self, name: str, field: str) -> list[str]:
        """What was written there, whether it changed anything or not."""
        return [one.value for one in self.office.writes if (one.crm, one.field) == (name, field)]

    def doubts(self) -> dict[str, str]:
        """What waits for a person, and why, up to the reason."""
        customer = self.office.customer("salesforce", self.ids["salesforce"])
        return {one.body["field"]: one.body["why"].split(":")[0] for one in doubts_of(customer)} if customer else {}

    def paused(self) -> list[str]:
        """The CRMs to which nothing is written."""
        state = SyncState(self.office.world.plain_hub.store)
        return [name for name in NAMES if state.paused(IDS[name])]

    @property
    def now(self) -> str:
        """RFC 3339 UTC."""
        return instant(round(self.office.world.clock.now() * 1000))

    def broken(self) -> list[str]:
        """Errors that nobody foresaw, as a function that falls over makes them: they prove nothing."""
        counters: dict[str, int] = self.office.world.telemetry.counters  # type: ignore[attr-defined]
        found = [f"{function}: {error!r}" for function, error in self.office.world.raised]
        return found + ([f"{counters['records.failed']} records failed"] if counters["records.failed"] else [])
