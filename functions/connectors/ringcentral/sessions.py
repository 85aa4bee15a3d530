"""Telephony sessions: the session is the call, each party a leg. A notification lists only the parties that changed.

The parties do not say when the call as a whole is over. It is, when a party is disconnected, unless somebody else took
it (reasons ELSEWHERE), or a member of a queue missed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.ringcentral.reading import Json, News, agent_of, is_own, sides
from hub.calling import Part, key_at, word
from hub.domain.events import CallData, RecordingData, TransferData, Unmapped
from hub.domain.events_calls import Outcome
from hub.parsing import bool_at, int_at, list_at, text_at

# status.code -> ours; the documents spell voicemail in two ways. Parked and Hold are one to the caller.
CODES: Mapping[str, str] = {
    "Setup": "call.started",
    "Proceeding": "call.ringing",
    "Answered": "call.answered",
    "Hold": "call.held",
    "Parked": "call.held",
    "Disconnected": "call.ended",
    "VoiceMail": "call.ended",
    "Voicemail": "call.ended",
    "Gone": "call.transferred",
}
REASONS: Mapping[str, Outcome] = {
    **dict.fromkeys(("CallFinished", "CallDropped"), "answered"),
    **dict.fromkeys(("NoAnswer", "Timeout"), "no_answer"),
    **dict.fromkeys(("TargetBusy",), "busy"),
    **dict.fromkeys(("Rejected", "DestinationBlocked", "InternationalDisabled"), "rejected"),
    **dict.fromkeys(("Cancelled", "AgentAnswered", "Pickup", "CallSwitch", "CallFlip"), "canceled"),
    **dict.fromkeys(("InternalError", "InvalidNumber", "NotEnoughFunds", "NoSuchUser"), "failed"),
}
ELSEWHERE = frozenset(
    {"AgentAnswered", "Pickup", "CallSwitch", "CallFlip", "CallRedirected", "BlindTransfer", "AttendedTransfer"}
)
TRANSFERS = {"BlindTransfer": "blind", "RccTransfer": "blind", "DtmfTransfer": "blind", "AttendedTransfer": "consult"}
ROOTS = frozenset({"Setup", "Answered", "Disconnected"})


def map_session(news: News) -> Iterator[Part]:
    """What the parties of the notification say, each on its own."""
    session = key_at(news.body, "telephonySessionId") or key_at(news.body, "sessionId")
    for party in list_at(news.body, "parties"):
        leg, code = key_at(party, "id"), text_at(party, "status", "code")
        if session is None or leg is None or code is None:
            yield Unmapped(type="unreadable/telephony/sessions", native=party)
            continue
        yield from _party(news, party, session, leg, code)
        yield from _recordings(news, party, session, leg)


def _party(news: News, party: Json, session: str, leg: str, code: str) -> Iterator[Part]:
    event_type = CODES.get(code)
    if event_type is None:
        yield Unmapped(type=f"telephony/sessions/{word(code)}", native=party)
        return
    about = _about(news, party, session) | agent_of(party) | {"leg_id": leg, "parent_leg_id": session}
    if code == "Gone":
        yield _event(news, event_type, _transfer(party, about), session, leg, code)
        return
    end = _ending(party, code) if event_type == "call.ended" else {}
    yield _event(news, event_type, CallData.model_validate(about | end), session, leg, code)
    if _is_of_the_call(party, code, text_at(news.body, "origin", "type"), about["direction"]):
        root = _about(news, party, session) | {"leg_id": session} | (end if _is_sure(end) else {})
        yield _event(news, event_type, CallData.model_validate(root), session, f"{session}/{leg}", code)


def _event(news: News, event_type: str, data: Any, session: str, leg: str, code: str) -> Part:
    return news.make(event_type, data, session, _when(news), session, leg, code, _place(news))


def _place(news: News) -> Any:
    """Account and extension subscriptions tell of the same step with one sequence."""
    sequence = int_at(news.body, "sequence")
    return sequence if sequence is not None else _when(news)


def _when(news: News) -> str | None:
    """`eventTime` is described as the call's start and used as the event's; the setting chooses the other."""
    return news.at if news.connection.settings.get("session_time") == "timestamp" else news.time("eventTime")


def _about(news: News, party: Json, session: str) -> dict[str, Any]:
    origin = text_at(news.body, "origin", "type")
    found = {
        "sessionId": key_at(news.body, "sessionId"),
        "origin": origin,
        "direction": text_at(party, "direction"),
        "reason": text_at(party, "status", "reason"),
        "queueCall": bool_at(party, "queueCall"),
        "missedCall": bool_at(party, "missedCall"),
        "park": key_at(party, "park", "id"),
    }
    return {
        "call_id": session,
        **sides(party, origin, news.connection),
        "sequence": int_at(news.body, "sequence"),
        "native_status": text_at(party, "status", "code"),
        "native": {name: value for name, value in found.items() if value is not None},
    }


def _ending(party: Json, code: str) -> dict[str, Any]:
    reason = text_at(party, "status", "reason")
    outcome = "voicemail" if code != "Disconnected" else REASONS.get(reason or "")
    if outcome is None and bool_at(party, "missedCall"):
        outcome = "no_answer"
    return {"outcome": outcome, "native_cause": reason}


def _is_of_the_call(party: Json, code: str, origin: str | None, direction: str) -> bool:
    """Whether what happened to the party happened to the call.

    A caller who hears a menu is Answered, and so is our own phone before RingOut calls the customer.
    """
    if code == "Answered" and (direction == "inbound" or origin == "RingOut"):
        return is_own(party) != (origin == "RingOut")
    return code in ROOTS and not (code == "Disconnected" and _goes_on(party))


def _goes_on(party: Json) -> bool:
    """Whether the call goes on without that party."""
    reason = text_at(party, "status", "reason")
    missed = bool_at(party, "missedCall") or REASONS.get(reason or "") in ("no_answer", "rejected", "busy")
    return reason in ELSEWHERE or bool(bool_at(party, "queueCall") and missed)


def _is_sure(end: dict[str, Any]) -> bool:
    return end.get("outcome") is not None


def _transfer(party: Json, about: dict[str, Any]) -> TransferData:
    fields = {name: value for name, value in about.items() if name not in ("direction", "business", "sequence")}
    reason = text_at(party, "status", "reason") or ""
    more = {"kind": TRANSFERS.get(reason), "to_leg_id": key_at(party, "status", "peerId", "partyId")}
    return TransferData.model_validate(fields | more)


def _recordings(news: News, party: Json, session: str, leg: str) -> Iterator[Part]:
    """Which recordings run; they can be fetched by the call log afterwards."""
    for recording in list_at(party, "recordings"):
        found = key_at(recording, "id")
        if found is None:
            yield Unmapped(type="unreadable/telephony/sessions/recordings", native=recording)
            continue
        active = bool_at(recording, "active")
        customer = sides(party, text_at(news.body, "origin", "type"), news.connection).get("customer", {})
        data = RecordingData.model_validate(
            {
                "call_id": session,
                "leg_id": leg,
                "parent_leg_id": session,
                "customer": customer,
                **agent_of(party),
                "recording_id": found,
                "status": "paused" if active is False else "started",
            }
        )
        yield news.make("call.recorded", data, session, _when(news), session, found, active, _place(news))
