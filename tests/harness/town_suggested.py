"""What the hub suggests about a town that was filed: its own matching, told once of every customer."""

from __future__ import annotations

from random import Random

from hub.domain.events import Event
from hub.suggestions import is_suggestion, items_of
from match_customers import handler as match_customers
from tests.harness.shapes import Context
from tests.harness.town_running import BATCH, Progress, Settled, silent

Pair = frozenset[str]


def suggested(settled: Settled, progress: Progress = silent) -> set[Pair]:
    """The pairs of customers (by id) that people would be shown."""
    _match(settled, progress)
    customer_of = {one.id: found.id for found in settled.customers.values() for one in found.personas if one.current}
    pairs = set()
    for customer in settled.customers.values():
        others = [item.sk for item in items_of(settled.hub.store, customer) if is_suggestion(item)]
        pairs |= {frozenset({customer.id, customer_of[one]}) for one in others if one in customer_of}
    return {pair for pair in pairs if len(pair) > 1}


def _match(settled: Settled, progress: Progress) -> None:
    personas = sorted(found.anchor for found in settled.customers.values())
    Random(settled.town.seed).shuffle(personas)
    for start in range(0, len(personas), BATCH):
        bodies = [_linked(one).model_dump_json() for one in personas[start : start + BATCH]]
        records = [{"messageId": str(number), "body": body, "attributes": {}} for number, body in enumerate(bodies)]
        answer = match_customers.handler({"Records": records}, Context(), settled.hub)
        if answer["batchItemFailures"]:
            raise AssertionError(f"{len(answer['batchItemFailures'])} customers were not matched")
        progress("customers", min(start + BATCH, len(personas)), len(personas))


def _linked(persona: str) -> Event:
    said = {"delivery": "", "received": "2026-11-01T00:00:00.000Z", "time": "2026-11-01T00:00:00.000Z"}
    hub = {"connection": "", "platform": "renkei", "source": "/hub", "subject": persona}
    return Event.model_validate({"id": persona, "type": "customer.linked", **said, **hub, "data": {"persona": persona}})
