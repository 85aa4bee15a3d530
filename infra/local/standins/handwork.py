"""What people do in a CRM's stand-in, as pages: records typed at its screen, workflows, and what it has to announce."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import cast

from infra.local.standins.misbehaving import CrmStandin, Values
from infra.local.standins.server import Answer, Call, Handler

Routes = tuple[tuple[str, str, Handler], ...]


def by_hand(crm: object) -> Routes:
    """The pages of a CRM's stand-in, which is a `CrmStandin`."""
    # mypy takes a dataclass's callable (`now`) for a method, which cannot be set
    return Handwork(cast(CrmStandin, crm)).routes()


@dataclass(slots=True)
class Workflow:
    """Whenever a property of a record is written, writes a value upon it, `times` times at most; an automation."""

    kind: str
    record: str
    name: str
    value: str
    times: int = 1

    def __call__(self, kind: str, record_id: str, written: Values) -> Values:
        """What it writes, {} for nothing."""
        if (kind, record_id) != (self.kind, self.record) or self.name not in written or not self.times:
            return {}
        self.times -= 1
        return {self.name: self.value}


@dataclass(frozen=True, slots=True)
class Handwork:
    """The pages of one CRM; `at` (Unix seconds) in a body says when it was done, now where it is missing."""

    crm: CrmStandin

    def routes(self) -> Routes:
        """`enter`, `edit`, `held`, `workflows`, and `hooks`, which gives what is to be announced and forgets it."""
        return (
            ("POST", "/_standin/enter", self._enter),
            ("POST", "/_standin/edit", self._edit),
            ("GET", "/_standin/held/{object}/{id}", self._held),
            ("POST", "/_standin/workflows", self._workflow),
            ("POST", "/_standin/hooks", self._hooks),
        )

    def _enter(self, call: Call) -> Answer:
        body = call.json()
        with self._when(body.get("at")):
            return Answer(201, {"id": self.crm.enter(body["object"], body["values"])})

    def _edit(self, call: Call) -> Answer:
        body = call.json()
        with self._when(body.get("at")):
            self.crm.edit(body["object"], body["id"], body["values"])
        return Answer(204)

    def _held(self, call: Call) -> Answer:
        return Answer(200, self.crm.held(call.parts["object"], call.parts["id"]))

    def _workflow(self, call: Call) -> Answer:
        self.crm.misbehaviour.automations.append(Workflow(**call.json()))
        return Answer(201)

    def _hooks(self, _call: Call) -> Answer:
        taken = [{**asdict(hook), "body": hook.body.decode()} for hook in self.crm.hooks]
        self.crm.hooks.clear()
        return Answer(200, taken)

    @contextmanager
    def _when(self, at_s: float | None) -> Iterator[None]:
        """The CRM's clock stands at that time meanwhile."""
        clock = self.crm.now
        self.crm.now = clock if at_s is None else lambda: at_s
        try:
            yield
        finally:
            self.crm.now = clock
