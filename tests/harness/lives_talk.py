"""What people do on WhatsApp and on the phone, as Meta and Twilio tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hub.delivery import Delivery
from tests.harness import story
from tests.harness.lives import OUR_NUMBER, PEOPLE, PHONES, Act, Stage, delivered

Teller = Callable[[Stage, Act], Iterator[Delivery]]
STATUSES = ("sent", "delivered", "read", "failed")
ENDED = ("completed", "no-answer", "busy")


def user_id(who: int) -> str:
    """The business-scoped id of somebody, who has a second one after a change."""
    return f"JP.{90_000_000_000 + who}"


def _who(act: Act) -> dict[str, str]:
    """Phone, user id, or both: as the person's settings have it."""
    named = act.n % 3
    phone = {"from": act.phone[1:]} if named != 1 else {}
    return phone | ({"from_user_id": user_id(act.who)} if named != 2 else {})


def _contacts(act: Act, who: Mapping[str, str]) -> list[dict[str, Any]] | None:
    if not act.chosen(2):
        return None
    profile = {"name": f"Name {act.who}", **({"username": f"@name{act.who % 2}"} if act.chosen(3) else {})}
    known = {"wa_id": who.get("from"), "user_id": who.get("from_user_id")}
    return [{"profile": profile, **{name: value for name, value in known.items() if value}}]


def wrote(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A message from a customer."""
    message_id, who = f"wamid.IN{act.key}", _who(act)
    stage.messages.setdefault(act.who, []).append(message_id)
    one = story.message(message_id, act.seconds, "text", {"body": f"words {act.key}"}, **who)
    yield delivered(story.whatsapp("text", contacts=_contacts(act, who), messages=[one]))


def changed_a_message(stage: Stage, act: Act) -> Iterator[Delivery]:
    """The customer edits, takes back, or reacts to a message, one of theirs where there is any."""
    target = (stage.messages.get(act.who) or [f"wamid.OUT{act.who}0"])[-1]
    contents: tuple[tuple[str, dict[str, Any]], ...] = (
        ("reaction", {"message_id": target, "emoji": "👍"}),
        ("reaction", {"message_id": target}),
        ("edit", {"original_message_id": target, "message": {"type": "text", "text": {"body": f"better {act.key}"}}}),
        ("revoke", {"original_message_id": target}),
    )
    kind, content = contents[act.other % len(contents)]
    one = story.message(f"wamid.CH{act.key}", act.seconds, kind, content, from_user_id=user_id(act.who))
    yield delivered(story.whatsapp(kind, messages=[one]))


def was_written_to(_stage: Stage, act: Act) -> Iterator[Delivery]:
    """We wrote from the phone app: an echo. Its statuses are acts of their own."""
    seconds, user = act.who * 10 + (act.n & 1), user_id(act.who) if act.chosen(1) else ""
    name = f"wamid.OUT{act.who}{act.n & 1}"
    yield delivered(story.echo(name, seconds, PHONES[act.who][1:], f"ours to {act.who}", user))


def status_came(_stage: Stage, act: Act) -> Iterator[Delivery]:
    """A status of one of our messages."""
    word = STATUSES[act.other % len(STATUSES)]
    one = story.status(f"wamid.OUT{act.who}{act.n & 1}", word, act.seconds, PHONES[act.who][1:])
    if act.chosen(1):
        one["recipient_user_id"] = user_id(act.who)
    yield delivered(story.whatsapp("status", statuses=[one]))


def moved(_stage: Stage, act: Act) -> Iterator[Delivery]:
    """Somebody has a new number, or a new user id."""
    old = PHONES[act.who]
    system: dict[str, Any] = {"body": "changed"}
    if act.chosen(0):
        after = user_id(act.who + PEOPLE)
        system |= {"type": "user_changed_user_id", "previous_user_id": user_id(act.who), "user_id": after}
        who: dict[str, str] = {"from": old[1:]} if act.chosen(1) else {"from_user_id": user_id(act.who)}
    else:
        system |= {"type": "user_changed_number", "wa_id": act.phone[1:]}
        system |= {"user_id": user_id(act.who)} if act.chosen(1) else {}
        who = {"from": old[1:]}
    one = story.message(f"wamid.SY{act.key}", act.seconds, "system", system, **who)
    yield delivered(story.whatsapp("system", messages=[one]))


def called(_stage: Stage, act: Act) -> Iterator[Delivery]:
    """A call to us, or from us, of which some of the callbacks come."""
    theirs = {"From": act.phone, "To": OUR_NUMBER, "Direction": "inbound"}
    ours = {"From": OUR_NUMBER, "To": act.phone, "Direction": "outbound-api"}
    about = {"CallSid": f"CA{int(act.key):032x}", **(ours if act.chosen(3) else theirs)}
    end = ENDED[act.who % len(ENDED)]
    steps = [
        story.twilio("incoming", CallStatus="ringing", **about),
        story.call_status("ringing", 1, act.seconds + 1, **about),
        story.call_status("in-progress", 2, act.seconds + 5, **about),
        story.call_status(end, 3, act.seconds + 20, CallDuration="15", **about),
    ]
    wanted = [step for number, step in enumerate(steps) if act.n + 1 >> number & 1] + [
        story.recording(about["CallSid"])
    ]
    yield from map(delivered, wanted if end == "completed" else wanted[:-1])


def texted(stage: Stage, act: Act) -> Iterator[Delivery]:
    """An SMS: the same channel of another platform, which tells no time: two of one moment have no order of their own."""
    if stage.fields.setdefault(("sms", act.at), {"key": act.key})["key"] != act.key:
        return
    about = {"MessageSid": f"SM{int(act.key):032x}", "From": act.phone, "To": OUR_NUMBER}
    yield delivered(story.twilio_form("sms", SmsStatus="received", Body=f"sms {act.key}", NumMedia="0", **about))


def nothing(_stage: Stage, _act: Act) -> Iterator[Delivery]:
    """What hypothesis puts in the place of an act that does not matter."""
    yield from ()


TALK_TELLERS: Mapping[str, Teller] = {
    "nothing": nothing,
    "wrote": wrote,
    "changed a message": changed_a_message,
    "was written to": was_written_to,
    "status came": status_came,
    "moved": moved,
    "called": called,
    "texted": texted,
}
