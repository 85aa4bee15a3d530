"""Our fields -> members: each member by itself, so that no status is repeated by accident.

Mailchimp's batch form (POST /lists/{id}) wants the status of every member in it: somebody may unsubscribe between
reading and writing, and the batch would undo it. So it is used for those alone who are unsubscribed by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.mailchimp.api import COMPLIANCE, EXISTS, FORGOTTEN, Api, Refusal
from connectors.mailchimp.bodies import Body, body_of, our_names
from connectors.mailchimp.consent import GIVEN_UP, for_member, for_newcomer
from connectors.mailchimp.members import GONE, member_hash, parts, record
from hub.delivery import Connection
from hub.domain.sync import Change, NewRecord, Outcome
from hub.parsing import list_at, text_at
from hub.times import from_iso

MOST_IN_BATCH = 500
NO_EMAIL = "Mailchimp has no members without an e-mail address"
HALF_ADDRESS = "Mailchimp takes an address only with street, city, region and postal code"
ARCHIVED = "somebody archived this member in Mailchimp: bring them back there first"
NOT_TAKEN = "Mailchimp does not take the value: the audience lacks the merge field, or it wants another form"
_TITLES: Mapping[str, tuple[str, str]] = {
    EXISTS: ("another member of the audience has this e-mail address", "email"),
    COMPLIANCE: (GIVEN_UP, "consent_email"),
    FORGOTTEN: ("the address was deleted for good in Mailchimp: only the person can subscribe again", "email"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change of a member comes to; `outcome` where nothing is to be sent."""

    change: Change
    current: Mapping[str, Any] = field(default_factory=dict)
    body: Body = field(default_factory=Body)
    status: str = ""
    outcome: Outcome | None = None

    @property
    def path(self) -> str:
        """The member's."""
        audience, member = parts(self.change.id) or ("", "")
        return f"/lists/{audience}/members/{member}"

    @property
    def request(self) -> dict[str, Any]:
        """The request's body: the status only where it changes."""
        return self.body.request | ({"status": self.status} if self.status else {})


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the members of one account."""

    connection: Connection
    api: Api

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome for each change, in order."""
        plans = [self._plan(change) for change in changes]
        leaving = [plan for plan in plans if plan.status == "unsubscribed"]
        done = dict(self._batches(leaving)) if len(leaving) > 1 else {}
        return [plan.outcome or self._tagged(plan, done.get(plan.change.id) or self._send(plan)) for plan in plans]

    def create(self, audience: str, new: NewRecord) -> Outcome:
        """Puts the member under the hash of their address, which makes it class A; one who is there is changed."""
        email = new.fields.get("email")
        if not email:
            return Outcome(state="refused", reason=NO_EMAIL, fields=("email",))
        found = record(audience, member_hash(email)).id
        current = self._shown(found)
        if current is not None and current.get("status") == GONE:
            return Outcome(state="refused", id=found, reason=ARCHIVED, fields=("email",))
        given = {name: value for name, value in new.fields.items() if value}
        change = Change(id=found, fields=given)
        return self._put(change, email) if current is None else self.write([change])[0]

    def _put(self, change: Change, email: str) -> Outcome:
        plan = Plan(change, body=body_of(change.fields, {}, self.connection))
        if plan.body.half:
            return _refused(change.id, HALF_ADDRESS, plan.body.half)
        status = for_newcomer(change.fields.get("consent_email"), self.connection.settings)
        request = {**plan.request, "email_address": email, "status_if_new": status}
        return self._tagged(plan, self._sent(plan, lambda: self.api.put(plan.path, request)))

    def _plan(self, change: Change) -> Plan:
        current = self._shown(change.id)
        if current is None or current.get("status") == GONE:
            return Plan(change, outcome=Outcome(state="gone", id=change.id))
        version = from_iso(current.get("last_changed"))
        if change.version and change.version != version:
            return Plan(change, outcome=Outcome(state="stale", id=change.id, version=version))
        body, status = body_of(change.fields, current, self.connection), str(current.get("status"))
        wish = for_member(status, change.fields.get("consent_email"), self.connection.settings)
        plan = Plan(change, current, body, wish.status)
        if wish.refused or body.half:
            fields = ("consent_email",) if wish.refused else body.half
            return Plan(change, outcome=_refused(change.id, wish.refused or HALF_ADDRESS, fields))
        if not plan.request and not body.tags:
            return Plan(change, outcome=Outcome(state="written", id=change.id, version=version))
        return plan

    def _shown(self, found: str) -> dict[str, Any] | None:
        where = parts(found)
        return self.api.find(f"/lists/{where[0]}/members/{where[1]}") if where else None

    def _send(self, plan: Plan) -> Outcome:
        if not plan.request:
            return Outcome(state="written", id=plan.change.id)
        return self._sent(plan, lambda: self.api.change(plan.path, plan.request))

    def _sent(self, plan: Plan, send: Any) -> Outcome:
        try:
            shown = send()
        except Refusal as refusal:
            return self._told(plan.change.id, refusal)
        return Outcome(state="written", id=plan.change.id, version=from_iso(shown.get("last_changed")))

    def _tagged(self, plan: Plan, outcome: Outcome) -> Outcome:
        """Adds the tags that the member lacks: they have a request of their own."""
        if outcome.state != "written" or not plan.body.tags:
            return outcome
        self.api.repeat(f"{plan.path}/tags", {"tags": [{"name": tag, "status": "active"} for tag in plan.body.tags]})
        return Outcome(state="written", id=outcome.id)

    def _batches(self, plans: Sequence[Plan]) -> Iterator[tuple[str, Outcome]]:
        for audience in dict.fromkeys(plan.change.id.partition("/")[0] for plan in plans):
            mine = [plan for plan in plans if plan.change.id.startswith(f"{audience}/")]
            for start in range(0, len(mine), MOST_IN_BATCH):
                yield from self._batch(audience, mine[start : start + MOST_IN_BATCH])

    def _batch(self, audience: str, plans: Sequence[Plan]) -> Iterator[tuple[str, Outcome]]:
        members = [{"email_address": plan.current["email_address"], **plan.request} for plan in plans]
        answer = self.api.repeat(f"/lists/{audience}", {"members": members, "update_existing": True})
        failed = {member_hash(text_at(one, "email_address") or ""): one for one in list_at(answer, "errors")}
        for plan in plans:
            error = failed.get((parts(plan.change.id) or ("", ""))[1])
            names = frozenset({text_at(error, "field") or ""})
            refused = _refused(plan.change.id, NOT_TAKEN, our_names(names, self.connection)) if error else None
            yield plan.change.id, refused or Outcome(state="written", id=plan.change.id)

    def _told(self, found: str, refusal: Refusal) -> Outcome:
        """What a refusal of one member means; raised again where it is not about the member."""
        if refusal.status == 404:
            return Outcome(state="gone", id=found)
        if refusal.status != 400:
            raise refusal
        if refusal.title in _TITLES:
            reason, name = _TITLES[refusal.title]
            return _refused(found, reason, (name,))
        return _refused(found, NOT_TAKEN, our_names(refusal.names, self.connection))


def _refused(found: str, reason: str, fields: tuple[str, ...]) -> Outcome:
    return Outcome(state="refused", id=found, reason=reason, fields=fields)
