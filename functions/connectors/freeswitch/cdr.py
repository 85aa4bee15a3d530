"""Call records: mod_json_cdr posts one per leg at its end, with all its times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from connectors.freeswitch.reading import came_from_outside, outcome_of, sides_of, time_of
from hub.delivery import Connection
from hub.domain.events import CallData, Event, Mapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, id_at, whole

Fields = Mapping[str, str]
# Variables hold whatever the dial plan put there, credentials too: only these are passed on.
KEPT = (
    "hangup_cause_q850",
    "sip_term_status",
    "sip_hangup_disposition",
    "endpoint_disposition",
    "last_app",
    "read_codec",
)


def map_cdr(value: Any, maker: EventMaker) -> Mapped:
    """Start, answer and end of the leg; raises Quarantine where the record names no channel."""
    variables, profile = _decoded(dict_at(value, "variables"), maker.connection), _profile(value, maker.connection)
    uuid = variables.get("uuid") or profile.get("uuid")
    if uuid is None or not variables:
        raise Quarantine("not a call record: no variables, or no uuid")
    about, answered = _about(value, uuid, variables, profile, maker), _time(variables, "answer")
    end = {
        "outcome": outcome_of(variables.get("hangup_cause"), answered is not None),
        "duration_s": whole(variables.get("duration")),
        "talk_s": whole(variables.get("billsec")) if answered else None,
        "hold_s": whole(variables.get("hold_accum_seconds")),
        "native_cause": variables.get("hangup_cause"),
    }
    steps: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
        ("call.started", _time(variables, "start"), {}),
        ("call.answered", answered, {}),
    )
    events = [_step(maker, about, *step) for step in steps if step[1]]
    return Mapped(events=(*events, _step(maker, about, "call.ended", _time(variables, "end"), end)))


def _step(maker: EventMaker, about: dict[str, Any], event_type: str, time: str | None, more: dict[str, Any]) -> Event:
    data = CallData.model_validate({**about, **more})
    return maker.event(event_type, data, subject=data.call_id, time=time, key=(data.leg_id, "cdr"))


def _about(value: Any, uuid: str, variables: Fields, profile: Fields, maker: EventMaker) -> dict[str, Any]:
    parent = variables.get("originating_leg_uuid") or _originator(value)
    call = variables.get("call_uuid") or parent or uuid
    connection, profile_name = maker.connection, variables.get("sofia_profile_name")
    outside = came_from_outside(profile.get("context"), profile_name, connection)
    caller, name = profile.get("caller_id_number"), profile.get("caller_id_name")
    first_leg = call == uuid and not (parent and parent != uuid)
    return {
        **sides_of(first_leg, caller, name, profile.get("destination_number"), outside, connection).fields(),
        "call_id": call,
        "leg_id": uuid,
        "parent_leg_id": None if first_leg else parent or call,
        "native": {name: variables[name] for name in KEPT if name in variables}
        | ({"switchname": switch} if (switch := id_at(value, "switchname")) else {}),
    }


def _profile(value: Any, connection: Connection) -> Fields:
    """The caller profile with which the leg began: the last of the call flow, which lists the newest first."""
    flow = at(value, "callflow")
    first = flow[-1] if isinstance(flow, list) and flow else flow  # older builds: one object
    return _decoded(dict_at(first, "caller_profile"), connection)


def _originator(value: Any) -> str | None:
    """The leg that made this one; a list since the module writes cJSON, before that one object."""
    flow = at(value, "callflow")
    found = dict_at(flow[-1] if isinstance(flow, list) and flow else flow, "caller_profile", "originator")
    return id_at(found, "originator_caller_profiles", 0, "uuid") or id_at(found, "originator_caller_profile", "uuid")


def _decoded(raw: dict[str, Any], connection: Connection) -> Fields:
    """The values as text; `encode-values` is on unless it was switched off, and then they are percent-encoded."""
    plain = connection.settings.get("encode_values") is False
    found = {name: text for name in raw if (text := id_at(raw, name))}
    return found if plain else {name: unquote(text) for name, text in found.items() if unquote(text)}


def _time(variables: Fields, name: str) -> str | None:
    micro = time_of(variables.get(f"{name}_uepoch"))
    seconds = whole(variables.get(f"{name}_epoch"))
    return micro or (time_of(str(seconds * 1_000_000)) if seconds else None)
