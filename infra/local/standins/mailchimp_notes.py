"""Notes on the members of a Mailchimp audience."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from infra.local.standins.mailchimp_members import Members
from infra.local.standins.mailchimp_rules import Row, error, invalid
from infra.local.standins.server import Answer, Call, Refused

LONGEST = 1000
NOT_FOUND = error(404, "Resource Not Found", "The requested resource could not be found.")


@dataclass(slots=True)
class Notes:
    """The notes by member."""

    members: Members
    by_member: dict[str, list[Row]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(41))

    def routes(self, path: str) -> list[tuple[str, str, Callable[[Call], Answer]]]:
        """The handlers under the path of a member's notes."""
        return [
            ("GET", path, lambda call: Answer(200, {"notes": self._all(call)[::-1]})),
            ("POST", path, self._add),
            ("GET", f"{path}/{{note}}", lambda call: Answer(200, self._one(call))),
            ("PATCH", f"{path}/{{note}}", self._change),
            ("DELETE", f"{path}/{{note}}", self._delete),
        ]

    def _all(self, call: Call) -> list[Row]:
        if self.members.find(call.parts["member"]) is None:
            raise Refused(NOT_FOUND)
        return self.by_member.setdefault(call.parts["member"], [])

    def _one(self, call: Call) -> Row:
        found = [one for one in self._all(call) if str(one["id"]) == call.parts["note"]]
        if not found:
            raise Refused(NOT_FOUND)
        return found[0]

    def _add(self, call: Call) -> Answer:
        self._all(call).append({"id": next(self.numbers), "note": _text(call), "created_at": self.members.stamp()})
        return Answer(200, self._all(call)[-1])

    def _change(self, call: Call) -> Answer:
        found = self._one(call)
        found["note"] = _text(call)
        return Answer(200, found)

    def _delete(self, call: Call) -> Answer:
        self._all(call).remove(self._one(call))
        return Answer(204)


def _text(call: Call) -> str:
    body = call.json()
    if set(body) != {"note"} or not isinstance(body["note"], str) or len(body["note"]) > LONGEST:
        raise invalid("note", "Note length is limited to 1,000 characters.")
    return str(body["note"])
