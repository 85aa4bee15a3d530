"""Events into state: who it was (directory) and what happened (timeline); running an event again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import cast

from hub.directory import Directory
from hub.domain.events import (
    ActivityData,
    AgentStatusData,
    BusinessRecordData,
    CallFields,
    Concerning,
    Event,
    FormData,
    Identifier,
    MessageChangeData,
    MessageData,
    NoticeData,
    Party,
    RecordChangedData,
)
from hub.domain.identity import RANK, in_order
from hub.domain.timeline import Kind
from hub.phones import E164
from hub.ports import Connections, Item, Telemetry
from hub.records import RecordStore
from hub.timeline_store import Entry, Filing, TimelineStore
from sync_customers.conversations import Talks
from sync_customers.entries import Happening, fact_of, of_contact, of_version, when
from sync_customers.holding import Holding, became_another, domains_of, written_by_us
from sync_customers.near_misses import near_misses

BUSINESS_KINDS: Mapping[str, Kind] = {"deal": "record", "ticket": "ticket", "order": "order"}


class Consumer:
    """Files events; holds no state of its own."""

    def __init__(
        self,
        directory: Directory,
        records: RecordStore,
        timeline: TimelineStore,
        connections: Connections,
        telemetry: Telemetry,
    ) -> None:
        self._telemetry = telemetry
        self._directory = directory
        self._holding = Holding(directory, connections)
        self._records = records
        self._timeline = timeline
        self._talks = Talks(directory)

    def consume(self, event: Event) -> None:
        """Files one event; raises Retry when another writer is in the way, pydantic.ValidationError on bad data."""
        stage = event.type.partition(".")[0]
        handle = _HANDLERS.get(event.type) or _HANDLERS.get(stage)
        if handle is not None:
            handle(self, event)

    def _message(self, event: Event) -> None:
        data = MessageData.model_validate(event.data)
        self._own(data.business)
        talk = self._talks.of(event, data)
        # The entry comes after the customer: it is announced, and whoever hears of it must find the name.
        filing = talk.filing if talk and talk.knows else self._meet(event, data.customer)
        entry = self._add(event, Happening("message", data.message_id), filing, fresh=data.origin == "live")
        if talk:
            self._talks.said(event, data, talk, entry)

    def _meet(self, event: Event, party: Party) -> Filing | None:
        """All that a message tells of who wrote it."""
        filing = self._file(event, party)
        self._profile(event, party)
        return filing

    def _message_change(self, event: Event) -> None:
        data = MessageChangeData.model_validate(event.data)
        # In a group every participant reports; none of them is *the* customer of the message.
        party = Party() if data.group_id else data.customer
        filing = self._file(event, party)
        entry = self._add(event, Happening("message", data.message_id), filing)
        self._talks.changed(event, data, filing, entry)

    def _call(self, event: Event) -> None:
        data = cast(CallFields, event.body())
        self._own(getattr(data, "business", None))
        self._add(event, Happening("call", data.call_id), self._file(event, data.customer))

    def _own(self, business: str | None) -> None:
        """Our own number is nobody's, whoever writes it into a CRM."""
        if business and E164.match(business):
            self._directory.own(Identifier(kind="phone", value=business))

    def _identity(self, event: Event) -> None:
        """What took the place of what: the old identifier's past stays the customer's, its future is its next holder's."""
        data = NoticeData.model_validate(event.data)
        gone = [Identifier.model_validate(one) for one in data.native.get("previous", [])]
        held = tuple(one for one in data.customer.identifiers if one not in gone)
        filing = self._file(event, Party(identifiers=held or tuple(gone)))
        for old, new in product(gone, held):
            if (old.kind, old.scope) == (new.kind, new.scope):
                self._directory.move(old, new, at=when(event)[0])
        self._add(event, Happening("notice", event.id), filing)

    def _notice(self, event: Event) -> None:
        data = cast(NoticeData, event.body())
        self._add(event, Happening("notice", event.id), self._file(event, data.customer), fresh=True)

    def _privacy(self, event: Event) -> None:
        """For the people who run the hub, and to be seen after the customer is gone: never on a timeline."""
        event.body()
        self._add(event, Happening("notice", event.id), None, fresh=True)

    def _agent(self, event: Event) -> None:
        """One notice per agent, with the state that the agent is in now."""
        data = AgentStatusData.model_validate(event.data)
        self._add(event, Happening("notice", f"agent:{data.agent_id}"), None)

    def _contact(self, event: Event) -> None:
        data = RecordChangedData.model_validate(event.data)
        filing = self._record(event, data, data.identifiers)
        for happening in of_contact(event, data):
            self._add(event, happening, filing)

    def _company(self, event: Event) -> None:
        data = RecordChangedData.model_validate(event.data)
        self._record(event, data, domains_of(data))

    def _record(self, event: Event, data: RecordChangedData, named: Sequence[Identifier]) -> Filing | None:
        """Files a record under itself, with the identifiers that it vouches for, and folds what it claims."""
        record = data.record.identifier(event.connection)
        known = self._records.stored(record, event.connection, data.record.object)
        ours = written_by_us(data.record.object, known.body.get("fields", {}), data.claims)
        vouched = self._holding.without(event.connection, data, named, ours)
        filing = self._file(event, Party(identifiers=(record, *vouched)))
        if missed := near_misses(known.body.get("fields", {}), data):
            self._telemetry.count("sync.echo_near_miss", missed, platform=event.platform)
        self._fold(event, record, data, ours, known)
        return filing

    def _business(self, event: Event) -> None:
        data = cast(BusinessRecordData, event.body())
        kind = BUSINESS_KINDS[event.type.partition(".")[0]]
        self._concern(event, data, of_version(event, kind, data))

    def _activity(self, event: Event) -> None:
        data = ActivityData.model_validate(event.data)
        self._concern(event, data, Happening("activity", f"{data.kind}:{data.activity_id}"))

    def _form(self, event: Event) -> None:
        data = FormData.model_validate(event.data)
        self._concern(event, data, Happening("form", f"{data.form_id}:{data.submission_id}"))

    def _consent(self, event: Event) -> None:
        self._concern(event, cast(Concerning, event.body()), Happening("consent", event.id))

    def _concern(self, event: Event, data: Concerning, happening: Happening) -> None:
        """Files under the person named, else under the first contact; several contacts are not one person."""
        first = tuple(one.identifier(event.connection) for one in data.contacts[:1])
        filing = self._file(event, data.customer) or self._file(event, Party(identifiers=first))
        self._profile(event, data.customer)
        self._add(event, happening, filing)

    def _fold(
        self,
        event: Event,
        record: Identifier,
        data: RecordChangedData,
        ours: frozenset[str],
        known: Item,
    ) -> None:
        # A clock that runs ahead must not outweigh whatever is said until then.
        claims = [claim.model_copy(update={"at": when(event, claim.at)[0]}) for claim in data.claims]
        body = {
            "object": data.record.object,
            "id": data.record.id,
            "change": data.change,
            "at": when(event)[0],
            "claims": [claim.model_dump() | _marked(data) for claim in claims],
            "version": data.version,
            "version_at": event.received,
            "kept": data.change == "deleted" and self._holding.keeps(event.connection),
            "erased": data.erased,
            "merged": data.change == "deleted" and became_another(event.connection, data),
            "holds": self._holding.of(event.connection, data.record.object, claims, ours),
        }
        self._records.fold(record, event.connection, event.platform, body, known=known)

    def _profile(self, event: Event, party: Party) -> None:
        """A name that came along, as of the day: it fills a gap where no record names the customer."""
        identifiers = in_order(party.identifiers)
        if not identifiers or not party.name:
            return
        at = when(event)[0]
        claim = {"field": "name", "value": party.name, "at": at[:10] + "T00:00:00.000Z", "precision": "row"}
        body = {"object": "profile", "id": "", "at": at, "claims": [claim]}
        self._records.fold(identifiers[0], event.connection, event.platform, body)

    def _file(self, event: Event, party: Party) -> Filing | None:
        identifiers = in_order(party.identifiers)
        persona = self._directory.attach(
            identifiers, reason=event.type, event=event.id, at=when(event)[0], connection=event.connection
        )
        return Filing(persona, RANK[identifiers[0].kind]) if persona else None

    def _add(self, event: Event, happening: Happening, filing: Filing | None, *, fresh: bool = False) -> Entry:
        entry = self._directory.hashed(f"entry\n{event.connection}\n{happening.kind}\n{happening.native_id}")
        envelope = {"id": happening.fact_id or event.id, "connection": event.connection, "platform": event.platform}
        return self._timeline.record(entry, happening.kind, envelope, fact_of(event, happening), filing, fresh=fresh)


def _marked(data: RecordChangedData) -> dict[str, bool]:
    """What was fetched as history moves nobody to tell others."""
    return {"imported": True} if data.origin == "import" else {}


_HANDLERS: Mapping[str, Callable[[Consumer, Event], None]] = {
    "message": Consumer._message_change,
    "message.received": Consumer._message,
    "message.echoed": Consumer._message,
    "call": Consumer._call,
    "contact": Consumer._contact,
    "company": Consumer._company,
    **dict.fromkeys(BUSINESS_KINDS, Consumer._business),
    "activity": Consumer._activity,
    "form": Consumer._form,
    "consent": Consumer._consent,
    "identity": Consumer._identity,
    "template": Consumer._notice,
    "account": Consumer._notice,
    "privacy": Consumer._privacy,
    "agent": Consumer._agent,
}
