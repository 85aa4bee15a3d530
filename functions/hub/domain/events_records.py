"""What happens with records: contacts, companies, deals, tickets, orders, activities and forms.

Money is decimal text beside an ISO 4217 currency; times are RFC 3339 UTC, dates YYYY-MM-DD. A field that a delivery
does not name is left out: several facts about one version of a record add up.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from hub.domain.parties import Identifier, Party, RecordRef
from hub.domain.values import Currency, Line, Model, Money, Tags, Text

MAX_LINES = 100


def _first_lines(found: tuple[Any, ...]) -> tuple[Any, ...]:
    return found[:MAX_LINES]


class Claim(Model):
    """A field's value as one platform holds it since `at` (RFC 3339 UTC).

    `precision` tells how well `at` is known: of the field itself, or only of the whole record.
    Fields of a contact: name, first_name, last_name, email, phone, mobile, title, company, lifecycle; of a company:
    name, phone, website.
    """

    field: str
    value: str | None
    at: str
    precision: Literal["field", "row"] = "field"


class RecordTouchedData(Model):
    """A platform says that a record changed, without saying enough: it must be read.

    `fields` are the platform's property names that changed, where it names them. `carried` says that the change itself
    came along in another event, so that reading is only needed to learn who a record new to us belongs to.
    """

    record: RecordRef
    change: Literal["created", "changed", "deleted", "restored", "merged", "associated", "gap"] = "changed"
    fields: tuple[str, ...] = ()
    merged_ids: tuple[str, ...] = ()
    carried: bool = False
    native: dict[str, Any] = Field(default_factory=dict)


class RecordChangedData(Model):
    """A record's fields as the platform holds them; `changed` are those (of ours) that this change is about.

    `version` is the platform's own version of the record (an ETag, a revision, a time), for optimistic writes.
    `origin` "import" says that it was fetched as history: it is news for nobody, and nothing is sent because of it.
    `ours` says whether the platform names us as the author of the change, null where it does not say: a hint, never a
    proof. `erased` says that it was deleted for the person's privacy.
    """

    record: RecordRef
    change: Literal["created", "changed", "deleted", "restored"] = "changed"
    claims: tuple[Claim, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    changed: tuple[str, ...] = ()
    created_at: str | None = None
    actor: str | None = None
    version: str | None = None
    origin: Literal["live", "import"] = "live"
    ours: bool | None = None
    erased: bool = False
    native: dict[str, Any] = Field(default_factory=dict)


class Concerning(Model):
    """Whom it concerns. `customer` names the one person whose identifiers the platform gives with it; `contacts` are
    the people's records that it names, the main one first: they need not be the same person.

    It is filed under `customer`, else under the first of `contacts`, else it becomes a notice.
    """

    customer: Party = Party()
    contacts: tuple[RecordRef, ...] = ()
    company: RecordRef | None = None


class BusinessRecordData(Concerning):
    """What deals, tickets and orders have in common; `record.object` says which, `record.native_object` the platform's.

    `version` is the platform's own version of the record (a number, an ETag, a time), where it gives one; without it
    the event's time tells versions apart. `event` is the platform's word for what happened to it (its topic).
    `native_status` is its word beside our `status`; `owner` as people see it, else the id.
    """

    record: RecordRef
    change: Literal["created", "changed", "deleted", "restored"] = "changed"
    event: str | None = None
    version: str | None = None
    title: Line | None = None
    native_status: str | None = None
    owner: str | None = None
    tags: Tags = ()
    created_at: str | None = None
    updated_at: str | None = None
    changed: tuple[str, ...] = ()  # the platform's names of the fields that changed, where it names them
    actor: str | None = None
    origin: Literal["live", "import"] = "live"  # as in RecordChangedData
    native: dict[str, Any] = Field(default_factory=dict)


class OrderLine(Model):
    """One position: `price` is that of one piece, `total` of the whole line, both in the order's currency."""

    id: str | None = None
    sku: str | None = None
    title: Line | None = None
    quantity: Money | None = None
    price: Money | None = None
    total: Money | None = None


Lines = Annotated[tuple[OrderLine, ...], AfterValidator(_first_lines)]


class DealData(BusinessRecordData):
    """A sale that may come (deal, opportunity); `title` is its name, `close_date` YYYY-MM-DD, `probability` percent.

    `stage` and `pipeline` as people see them, else the ids. `lines` are cut to 100.
    """

    status: Literal["open", "won", "lost", "unknown"] = "unknown"
    stage: str | None = None
    pipeline: str | None = None
    amount: Money | None = None
    currency: Currency | None = None
    close_date: str | None = None
    probability: Money | None = None
    lost_reason: Line | None = None
    lines: Lines = ()


class TicketComment(Model):
    """What somebody wrote on a ticket; `public` tells whether the customer sees it."""

    id: str | None = None
    text: Text
    author: str | None = None
    by: Literal["customer", "agent", "system", "unknown"] = "unknown"
    public: bool | None = None
    at: str | None = None


class TicketData(BusinessRecordData):
    """A request for help (ticket, case, conversation); `title` is its subject. `comment` is what was written now."""

    status: Literal["new", "open", "pending", "on_hold", "solved", "closed", "unknown"] = "unknown"
    priority: str | None = None
    channel: str | None = None
    queue: str | None = None  # group, team or inbox
    description: Text | None = None
    comment: TicketComment | None = None
    rating: str | None = None


class OrderData(BusinessRecordData):
    """A sale (order, invoice, payment, subscription, refund, checkout: `record.object` says which).

    `number` is what the customer knows it by. `total` is what is to be paid, with tax and shipping, after the
    discount; `refunded` what was paid back. `lines` are cut to 100.
    """

    number: str | None = None
    status: Literal["draft", "open", "paid", "fulfilled", "completed", "canceled", "refunded", "failed", "unknown"] = (
        "unknown"
    )
    financial_status: str | None = None  # the platform's words
    fulfillment_status: str | None = None
    currency: Currency | None = None
    total: Money | None = None
    subtotal: Money | None = None
    tax: Money | None = None
    shipping: Money | None = None
    discount: Money | None = None
    refunded: Money | None = None
    placed_at: str | None = None
    canceled_at: str | None = None
    related: tuple[RecordRef, ...] = ()  # the order of an invoice, the subscription of a payment …
    lines: Lines = ()


class ActivityData(Concerning):
    """Something done for or by a customer that is no message or call of ours: what a CRM or a campaign tool logged.

    `activity_id` is the platform's id: facts with the same one are one entry, the latest counts. `action` is the
    platform's word for what happened (opened, clicked, bounced, completed …), `regarding` what it is about.
    """

    activity_id: str
    kind: Literal["note", "task", "meeting", "email", "call", "message", "campaign", "visit", "other"]
    change: Literal["created", "changed", "deleted"] = "created"
    action: str | None = None
    direction: Literal["inbound", "outbound", "internal", "unknown"] = "unknown"
    title: Line | None = None
    text: Text | None = None
    status: Literal["open", "done", "canceled", "unknown"] | None = None
    native_status: str | None = None
    native_type: str | None = None
    due_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration_s: int | None = None
    url: str | None = None
    campaign: str | None = None  # its name, else its id
    owner: str | None = None
    regarding: tuple[RecordRef, ...] = ()
    native: dict[str, Any] = Field(default_factory=dict)


class FormField(Model):
    """One answer: `name` is the field's own id, `label` the question as people saw it; several values are joined."""

    name: Line
    label: Line | None = None
    value: Text | None = None


class FormData(Concerning):
    """A form somebody sent in, field by field in the form's order; cut to 100 fields."""

    submission_id: str
    form_id: str
    form_name: Line | None = None
    page_url: str | None = None
    answers: Annotated[tuple[FormField, ...], AfterValidator(_first_lines)] = ()
    native: dict[str, Any] = Field(default_factory=dict)
