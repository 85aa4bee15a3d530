"""One event: file what the customer is called, suggest whom else it may be, list what contradicts itself."""

from __future__ import annotations

from hub.customer import Customer
from hub.directory import Directory
from hub.domain.events import CustomerLinkedData, CustomerNamedData, Event, instant
from hub.ports import Clock, Item, Store
from match_customers.contradictions import Contradictions
from match_customers.entries import entries_of
from match_customers.filing import Filing
from match_customers.likely import Likely


class Matcher:
    """Reacts to `customer.linked` and `customer.named`; joins nobody, and running an event again changes nothing."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._filing = Filing(store, directory)
        self._likely = Likely(store, directory)
        self._contradictions = Contradictions(store, directory)

    def consume(self, event: Event) -> None:
        """Brings index, suggestions and conflicts up to date; raises Retry when another worker is at it."""
        said = (CustomerNamedData if event.type == "customer.named" else CustomerLinkedData).model_validate(event.data)
        persona = said.persona
        customer = self._directory.customer(persona)
        if customer is None:
            return
        # A name is one persona's; new evidence may concern all of them.
        only = {persona} if event.type == "customer.named" else {one.id for one in customer.personas}
        notes = self._differing(customer, only)
        if notes:
            # Once more, now that the notes are known: whoever files something newer meanwhile is met at them.
            customer = self._directory.customer(persona) or customer
        elif event.type == "customer.named":
            return
        opened = [
            self._filing.begin(notes[one.id], entries_of(customer, one)) for one in customer.personas if one.id in notes
        ]
        self._look(customer)
        self._filing.finish(opened)

    def _look(self, customer: Customer) -> None:
        now = instant(round(self._clock.now() * 1000))
        self._likely.refresh(customer, now)
        self._contradictions.refresh(customer, now)

    def _differing(self, customer: Customer, only: set[str]) -> dict[str, Item]:
        personas = [one for one in customer.personas if one.id in only and not one.passing]
        found = {one.id: self._filing.differing(one.id, entries_of(customer, one)) for one in personas}
        return {persona: note for persona, note in found.items() if note}
