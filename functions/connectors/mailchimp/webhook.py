"""One form of Mailchimp's to events. Names are `data[merges][FNAME]`: read as they stand, nothing is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.mailchimp.members import map_of, member_hash, merge_row, record, whole_name
from hub.calling import MAX_ID, Part, gather, named, word
from hub.delivery import Connection, Delivery
from hub.domain.events import ActivityData, ConsentData, Event, Identifier, Mapped, Party, RecordRef, Unmapped, event_id
from hub.emails import email_identifier
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.names_written import full_name
from hub.parsing import parse_form
from hub.phones import phone_identifier
from hub.rows import Change, Changed, changed_record, deleted_record
from hub.times import from_iso

MERGES = "data[merges]["


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
    """Consent by e-mail, and the member as it is since then; a member who was archived or deleted is gone."""
    member = _record(news, "email")
    if member is None:
        return
    state = "granted" if news.kind == "subscribe" else "denied"
    yield _consent(news, member, state, news.kind, news.get("reason") or news.get("action"))
    if news.kind == "unsubscribe" and news.get("action") == "delete":
        yield deleted_record(news.maker, _change(news, member, "deleted"))
    else:
        yield _member(news, member, {"consent_email": state})


def _consent(news: News, member: RecordRef, state: str, status: str, source: str | None) -> Event:
    data = ConsentData.model_validate(
        {
            "subject": news.audience,
            "customer": _party(news, member),
            "contacts": (member,),
            "channel": "email",
            "purpose": news.audience,
            "state": state,
            "status": status,
            "source": source,
            "native": named({name: news.get(name) for name in ("action", "reason", "campaign_id", "ip_opt")}),
        }
    )
    return _event(news, "consent.changed", data, member.id)


def _member(news: News, member: RecordRef, consent: Mapping[str, str | None] | None = None) -> Event:
    change = _change(news, member, "created" if news.kind == "subscribe" else "changed")
    return changed_record(news.maker, change, {**_fields(news), **(consent or {})})


def _change(news: News, member: RecordRef, what: Changed) -> Change:
    native = named({**_native(news), "status": STATUSES.get(news.kind), "email_type": news.get("email_type")})
    return Change(member, what, news.at, (news.kind, news.audience, member.id, news.at), native=native)


def _fields(news: News) -> dict[str, str | None]:
    """The fields that have a value: an empty merge field says nothing here, for forms leave fields out."""
    merges = {name[len(MERGES) : -1]: value for name, value in news.fields.items() if name.startswith(MERGES)}
    row = merge_row(merges, news.maker.connection) | {"email_address": news.get("email")}
    present = {our: value for our, value in map_of(news.maker.connection).ours(row).items() if value}
    whole = whole_name(merges, news.maker.connection) or full_name(present.get("first_name"), present.get("last_name"))
    return {**({"name": whole} if whole else {}), **present}


def _profile(news: News) -> Iterator[Part]:
    member = _record(news, "email")
    if member is not None:
        yield _member(news, member)


def _new_address(news: News) -> Iterator[Part]:
    """The member has another address from now on, and another id: the one of the old address is gone."""
    member, old = _record(news, "new_email"), _record(news, "old_email")
    if member is None:
        return
    # Two addresses of one person, by Mailchimp's own word: both are the member's identifiers.
    change, email = _change(news, member, "changed"), news.get("new_email")
    emails = [news.get("old_email")] if old else []
    yield changed_record(news.maker, change, {"email": email}, {"email"}, emails=emails)
    if old is not None and old.id != member.id:
        yield deleted_record(news.maker, _change(news, old, "deleted"))


def _cleaned(news: News) -> Iterator[Part]:
    """Mailchimp gave the address up: it bounced (`hard`), or the receiver called it abuse."""
    member, reason = _record(news, "email"), news.get("reason")
    if member is None:
        return
    if reason == "abuse":
        yield _consent(news, member, "denied", "cleaned", reason)
    yield changed_record(news.maker, _change(news, member, "changed"), {**_fields(news), "consent_email": "denied"})
    email = email_identifier(news.get("email"))
    data = ActivityData(
        activity_id=event_id(news.maker.connection.id, "cleaned", news.audience, member.id, news.get("fired_at")),
        kind="campaign",
        action="complained" if reason == "abuse" else "bounced",
        native_status=reason,
        native_type="cleaned",
        campaign=news.id("campaign_id"),
        customer=Party(identifiers=(email,) if email else ()),
        native=_native(news),
    )
    yield _event(news, "activity.logged", data, member.id)


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


def _record(news: News, name: str) -> RecordRef | None:
    """The member with the address in that field, by the id that the API gives them."""
    email = news.get(name)
    if news.audience is None or email_identifier(email) is None:
        return None
    return record(news.audience, member_hash(email or ""))


def _party(news: News, member: RecordRef) -> Party:
    connection = news.maker.connection
    found: list[Identifier | None] = [member.identifier(connection.id), email_identifier(news.get("email"))]
    found += [phone_identifier(news.get("merges", tag), connection.default_region) for tag in ("PHONE", "SMSPHONE")]
    return Party(
        identifiers=tuple(dict.fromkeys(one for one in found if one)),
        name=full_name(news.get("merges", "FNAME"), news.get("merges", "LNAME")),
    )


STATUSES: Mapping[str, str] = {"subscribe": "subscribed", "unsubscribe": "unsubscribed"}
READERS: Mapping[str, Callable[[News], Iterator[Part]]] = {
    "subscribe": _subscription,
    "unsubscribe": _subscription,
    "profile": _profile,
    "upemail": _new_address,
    "cleaned": _cleaned,
    "campaign": _campaign,
}
