"""One form of Mailchimp's to events. Names are `data[merges][FNAME]`: read as they stand, nothing is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.calling import MAX_ID, Part, gather, named, word
from hub.delivery import Connection, Delivery
from hub.domain.events import ActivityData, ConsentData, Event, Identifier, Mapped, Party, RecordRef, Unmapped, event_id
from hub.emails import email_identifier
from hub.errors import Quarantine
from hub.fields import full_name
from hub.mapping import EventMaker
from hub.parsing import parse_form
from hub.phones import phone_identifier
from hub.rows import Change, changed_record
from hub.times import from_iso

# Merge tags of a new audience -> our fields; `settings.merge_fields` names others ({"MMERGE6": "mobile"}).
MERGES: Mapping[str, str] = {
    "FNAME": "first_name",
    "LNAME": "last_name",
    "PHONE": "phone",
    "SMSPHONE": "mobile",
    "COMPANY": "company",
}
OURS = frozenset({"first_name", "last_name", "name", "phone", "mobile", "company", "title", "lifecycle"})
MAX_VALUE = 2_000


@dataclass(frozen=True, slots=True)
class News:
    """One delivery: its type, when it was fired, and its fields that have a value."""

    maker: EventMaker
    kind: str
    at: str | None
    fields: Mapping[str, str]

    def get(self, *path: str) -> str | None:
        """`get("merges", "FNAME")` is the field `data[merges][FNAME]`."""
        return self.fields.get("data" + "".join(f"[{step}]" for step in path))

    def id(self, *path: str) -> str | None:
        """As `get`, of a length that an id can have."""
        found = self.get(*path)
        return found if found and len(found) <= MAX_ID else None

    @property
    def audience(self) -> str | None:
        """The audience's id."""
        return self.id("list_id")


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where it is none of Mailchimp's, or of another audience."""
    form = parse_form(delivery.body)
    kind = form.get("type")
    if not kind:
        raise Quarantine("not a delivery of Mailchimp")
    fields = {name: value for name, value in form.items() if value}
    news = News(EventMaker(delivery, connection), kind, from_iso(form.get("fired_at")), fields)
    ours = connection.settings.get("list_ids")
    if news.audience and isinstance(ours, (list, tuple)) and news.audience not in ours:
        raise Quarantine("a delivery about another audience")
    reader = READERS.get(kind)
    mapped = gather(lambda: reader(news), f"unreadable/{kind}") if reader else Mapped()
    if mapped.events or mapped.unmapped:
        return mapped
    return Mapped(unmapped=(Unmapped(type=f"unreadable/{kind}" if reader else word(kind), native=dict(fields)),))


def _subscription(news: News) -> Iterator[Part]:
    """Consent by e-mail, and the member as it is since then."""
    record = _record(news, news.id("id"))
    if record is None or _email(news, "email") is None:
        return
    state = "granted" if news.kind == "subscribe" else "denied"
    yield _consent(news, record, state, news.kind, news.get("reason") or news.get("action"))
    yield _member(news, record)


def _consent(news: News, record: RecordRef | None, state: str, status: str, source: str | None) -> Event:
    party = _party(news, record, "email")
    data = ConsentData.model_validate(
        {
            "subject": news.audience,
            "customer": party,
            "contacts": (record,) if record else (),
            "channel": "email",
            "purpose": news.audience,
            "state": state,
            "status": status,
            "source": source,
            "native": named({name: news.get(name) for name in ("action", "reason", "campaign_id", "ip_opt")}),
        }
    )
    return _event(news, "consent.changed", data, record.id if record else news.get("email"))


def _member(news: News, record: RecordRef) -> Event:
    change: Any = "created" if news.kind == "subscribe" else "changed"
    fields = _fields(news)
    native = named({"list_id": news.audience, "status": STATUSES.get(news.kind), "email_type": news.get("email_type")})
    what = Change(record, change, news.at, (news.kind, news.audience, record.id, news.at), native=native)
    return changed_record(news.maker, what, fields)


def _fields(news: News) -> dict[str, str | None]:
    own = news.maker.connection.settings.get("merge_fields")
    merges = {**MERGES, **(own if isinstance(own, dict) else {})}
    found = {our: news.get("merges", tag) for tag, our in merges.items() if our in OURS}
    present = {our: value[:MAX_VALUE] for our, value in found.items() if value}
    name = full_name(present.get("first_name"), present.get("last_name"))
    email = news.get("email")
    return {**({"name": name} if name else {}), **present, "email": email[:MAX_VALUE] if email else None}


def _profile(news: News) -> Iterator[Part]:
    record = _record(news, news.id("id"))
    if record is not None:
        yield _member(news, record)


def _new_address(news: News) -> Iterator[Part]:
    """The member has another address from now on, and another id. The old address says who it was."""
    record = _record(news, news.id("new_id"))
    new, old = _email(news, "new_email"), _email(news, "old_email")
    if record is None or new is None:
        return
    what = Change(record, "changed", news.at, ("upemail", news.audience, record.id, news.at), native=_native(news))
    # Two addresses of one person, by Mailchimp's own word: both are the member's identifiers.
    yield changed_record(news.maker, what, {"email": new.value}, {"email"}, emails=[old.value] if old else [])


def _cleaned(news: News) -> Iterator[Part]:
    """Mailchimp gave the address up: it bounced (`hard`), or the receiver called it abuse."""
    email, reason = _email(news, "email"), news.get("reason")
    if email is None:
        return
    if reason == "abuse":
        yield _consent(news, None, "denied", "cleaned", reason)
    data = ActivityData(
        activity_id=event_id(news.maker.connection.id, "cleaned", news.audience, email.value, news.get("fired_at")),
        kind="campaign",
        action="complained" if reason == "abuse" else "bounced",
        native_status=reason,
        native_type="cleaned",
        campaign=news.id("campaign_id"),
        customer=Party(identifiers=(email,)),
        native=_native(news),
    )
    yield _event(news, "activity.logged", data, email.value)


def _campaign(news: News) -> Iterator[Part]:
    """A campaign was sent or canceled: about nobody in particular."""
    campaign = news.id("id")
    if campaign is None:
        return
    data = ActivityData(
        activity_id=f"campaign/{campaign}",
        kind="campaign",
        action=news.get("status"),
        title=news.get("subject"),
        native_status=news.get("status"),
        native_type="campaign",
        campaign=campaign,
        native=_native(news),
    )
    yield _event(news, "activity.logged", data, campaign)


def _native(news: News) -> dict[str, Any]:
    return named({"list_id": news.audience, "reason": news.get("reason")})


def _event(news: News, event_type: str, data: Any, key: str | None) -> Event:
    subject = f"list:{news.audience}" if news.audience else news.kind
    what = (news.kind, news.audience, key, news.at)
    return news.maker.event(event_type, data, subject=subject, time=news.at, key=what)


def _record(news: News, member: str | None) -> RecordRef | None:
    """A member: of one audience, so both ids name it."""
    if member is None or news.audience is None:
        return None
    return RecordRef(object="contact", id=f"{news.audience}/{member}", native_object="list_member")


def _party(news: News, record: RecordRef | None, name: str) -> Party:
    region = news.maker.connection.default_region
    found: list[Identifier | None] = [
        record.identifier(news.maker.connection.id) if record else None,
        _email(news, name),
    ]
    found += [phone_identifier(news.get("merges", tag), region) for tag in ("PHONE", "SMSPHONE")]
    return Party(
        identifiers=tuple(dict.fromkeys(one for one in found if one)),
        name=full_name(news.get("merges", "FNAME"), news.get("merges", "LNAME")),
    )


def _email(news: News, name: str) -> Identifier | None:
    return email_identifier(news.get(name))


STATUSES: Mapping[str, str] = {"subscribe": "subscribed", "unsubscribe": "unsubscribed"}
READERS: Mapping[str, Callable[[News], Iterator[Part]]] = {
    "subscribe": _subscription,
    "unsubscribe": _subscription,
    "profile": _profile,
    "upemail": _new_address,
    "cleaned": _cleaned,
    "campaign": _campaign,
}
