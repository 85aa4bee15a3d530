"""One response to a form of Typeform's -> form.submitted.

Who answered is told by the answers' types (email, phone_number), by Typeform's contact-info fields, and by what the
settings declare: `{"fields": {"email": "ref or name", "phone": …, "first_name": …, "last_name": …, "name": …}}`, where
a name is that of a question (its ref, else its id) or of a hidden field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.calling import Part, gather, key_at, word
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, FormData, FormField, Identifier, Mapped, Party, Unmapped
from hub.emails import email_identifier
from hub.errors import Quarantine
from hub.fields import full_name
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, list_at, parse_json, text_at, texts
from hub.phones import phone_identifier
from hub.times import from_iso

EVENTS = frozenset({"form_response", "form_response_partial"})
# An answer's type -> which of ours it is, where the settings declare nothing.
BY_TYPE: Mapping[str, str] = {"email": "email", "phone_number": "phone"}
# What Typeform's contact-info group calls its parts.
BY_SUBFIELD: Mapping[str, str] = {"first_name": "first_name", "last_name": "last_name"}
OURS = ("email", "phone", "first_name", "last_name", "name")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the question's id or ref, its title, what Typeform calls the answer's type, and the value as text."""

    name: str
    id: str | None
    label: str | None
    kind: str
    value: str | None
    subfield: str | None = None


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The one response of the delivery; Quarantine where it is none, or of a form of somebody else."""
    body = parse_json(delivery.body)
    kind, response = text_at(body, "event_type"), dict_at(body, "form_response")
    if kind is None:
        raise Quarantine("not a delivery of Typeform")
    if kind not in EVENTS:
        return Mapped(unmapped=(Unmapped(type=word(kind), native=body),))
    form, forms = key_at(response, "form_id"), connection.settings.get("form_ids")
    if form and isinstance(forms, (list, tuple)) and form not in forms:
        raise Quarantine("a response to another form")
    token = key_at(response, "token") or key_at(body, "event_id")
    if form is None or token is None:
        return Mapped(unmapped=(Unmapped(type=f"unreadable/{kind}", native=body),))
    maker = EventMaker(delivery, connection)
    # A partial response grows: each time it is sent it is another one; the last, or the whole, counts.
    stage = key_at(body, "event_id") if kind == "form_response_partial" else None
    return gather(lambda: _submitted(maker, (kind, stage), response, form, token), f"unreadable/{kind}")


def _submitted(
    maker: EventMaker, stage: tuple[str, str | None], response: Mapping[str, Any], form: str, token: str
) -> Iterator[Part]:
    answers = [*_answers(response), *_hidden(response)]
    data = FormData.model_validate(
        {
            "submission_id": token,
            "form_id": form,
            "form_name": text_at(response, "definition", "title"),
            "customer": _party(answers, maker.connection),
            "answers": tuple(FormField(name=one.name, label=one.label, value=one.value) for one in answers),
            "native": _native(stage[0], response),
        }
    )
    yield _event(maker, stage, response, data)


def _event(maker: EventMaker, stage: tuple[str, str | None], response: Mapping[str, Any], data: FormData) -> Event:
    when = from_iso(response.get("submitted_at")) or from_iso(response.get("landed_at"))
    key = (data.submission_id, *stage)
    return maker.event("form.submitted", data, subject=f"form:{data.form_id}", time=when, key=key)


def _native(kind: str, response: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "event_type": kind,
        "landed_at": response.get("landed_at"),
        "score": at(response, "calculated", "score"),
        "ending": at(response, "ending", "ref") or response.get("thankyou_screen_ref"),
    }
    more = {f"variable.{name}": value for name, value in _variables(response)}
    return {
        name: value for name, value in (found | more).items() if isinstance(value, (str, int, float)) and value != ""
    }


def _variables(response: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for one in list_at(response, "variables")[:50]:
        key, value = text_at(one, "key"), at(one, "text")
        if key and len(key) <= 100:
            yield key, value if value is not None else at(one, "number")


def _answers(response: Mapping[str, Any]) -> Iterator[Answer]:
    """In the form's order; what was not answered is not there. Joined to the question by its ref, else by its id."""
    questions = _questions(response)
    for given in list_at(response, "answers"):
        number, ref = key_at(given, "field", "id"), key_at(given, "field", "ref")
        question = questions.get(ref or "") or questions.get(number or "") or {}
        name = ref or key_at(question, "ref") or number
        if name is None:
            continue
        kind = text_at(given, "type") or ""
        subfield = text_at(given, "field", "subfield_key") or text_at(question, "subfield_key")
        yield Answer(name, number, text_at(question, "title"), kind, _value(given, kind), subfield)


def _questions(response: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The questions by ref and by id, also those of a group (contact info)."""
    found: dict[str, Mapping[str, Any]] = {}
    for field in list_at(response, "definition", "fields"):
        for one in (field, *list_at(field, "properties", "fields")):
            for key in (key_at(one, "id"), key_at(one, "ref")):
                if key:
                    found.setdefault(key, one)
    return found


def _value(given: Any, kind: str) -> str | None:
    reader = VALUES.get(kind)
    if reader:
        return reader(given)
    value = at(given, kind) if kind else None
    return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    return value if isinstance(value, str) and value else None


def _joined(*values: str | None) -> str | None:
    return ", ".join(value for value in values if value) or None


# The value of each documented type of answer; the others are the text, number or truth value under the type's name.
VALUES: Mapping[str, Callable[[Any], str | None]] = {
    "choice": lambda given: text_at(given, "choice", "label") or text_at(given, "choice", "other"),
    "choices": lambda given: _joined(*texts(list_at(given, "choices", "labels")), text_at(given, "choices", "other")),
    "payment": lambda given: _joined(text_at(given, "payment", "amount"), text_at(given, "payment", "name")),
    "multi_format": lambda given: (
        text_at(given, "multi_format", "transcript")
        or text_at(given, "multi_format", "text")
        or text_at(given, "multi_format", "video_url")
    ),
}


def _hidden(response: Mapping[str, Any]) -> Iterator[Answer]:
    """Hidden fields are what the link to the form carried."""
    for name, value in dict_at(response, "hidden").items():
        if name and len(name) <= 200 and (text := _text(value)) is not None:
            yield Answer(name, None, None, "hidden", text)


def _party(answers: list[Answer], connection: Connection) -> Party:
    """The person, by the fields that the settings declare, else by the types of the answers."""
    values = {our: _of(our, answers, connection) for our in OURS}
    found: tuple[Identifier | None, ...] = (
        email_identifier(values["email"]),
        phone_identifier(values["phone"], connection.default_region),
    )
    phone, name = values["phone"], values["name"] or full_name(values["first_name"], values["last_name"])
    return Party(
        identifiers=tuple(one for one in found if one),
        name=name[:500] if name else None,
        raw_phone=phone[:100] if phone and found[1] is None else None,
        phone_reason="invalid" if phone and found[1] is None else None,
    )


def _of(our: str, answers: list[Answer], connection: Connection) -> str | None:
    declared = at(connection.settings, "fields", our)
    names = texts(declared if isinstance(declared, (list, tuple)) else [declared])
    if names:
        return next((one.value for name in names for one in answers if name in (one.name, one.id) and one.value), None)
    fitting = (one for one in answers if BY_TYPE.get(one.kind) == our or BY_SUBFIELD.get(one.subfield or "") == our)
    return next((one.value for one in fitting if one.value), None)
