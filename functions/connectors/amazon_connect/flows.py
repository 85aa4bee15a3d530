"""What a flow's block tells its Lambda function: the first that names the caller, for contact events do not.

https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.amazon_connect.reading import DIRECTIONS, arn_id, is_call, number, party, refuse_foreign, word
from hub.domain.events import CallData, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, text_at

NAMES = frozenset({"ContactFlowEvent", "ContactFlowExecution"})
# Attributes and parameters are the company's own and may hold anything, a PIN among it: the raw delivery has them.
KEPT = ("Channel", "InitiationMethod", "LanguageCode")


def map_flow_call(value: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """The call as the flow sees it, under way; it carries no time."""
    data, name = dict_at(value, "Details", "ContactData"), text_at(value, "Name")
    refuse_foreign(text_at(data, "InstanceARN"), maker.connection)
    contact, channel = text_at(data, "ContactId"), text_at(data, "Channel")
    if name not in NAMES or not is_call(channel):
        named = f"flow/{word(channel).upper()}" if name in NAMES else f"flow/{word(name)}"
        return Mapped(unmapped=(Unmapped(type=named),))
    if contact is None:
        raise Quarantine("a flow's call without a contact")
    call = _call(data, contact, maker)
    # It has no id, and a flow may call several times: what says the same is the same.
    key = (contact, call.model_dump_json())
    return Mapped(events=(maker.event("call.started", call, subject=call.call_id, time=None, key=key),))


def _call(data: Mapping[str, Any], contact: str, maker: EventMaker) -> CallData:
    first = text_at(data, "InitialContactId")
    before = text_at(data, "PreviousContactId") or first
    return CallData.model_validate(
        {
            "call_id": first or contact,
            "leg_id": contact,
            "parent_leg_id": before if before != contact else None,
            "direction": DIRECTIONS.get(text_at(data, "InitiationMethod") or "", "unknown"),
            "customer": party(text_at(data, "CustomerEndpoint", "Address"), maker.connection),
            "business": number(text_at(data, "SystemEndpoint", "Address"), maker.connection),
            "queue": text_at(data, "Queue", "Name") or arn_id(data, "Queue", "ARN"),
            "queue_id": arn_id(data, "Queue", "ARN"),
            "native_status": "in flow",
            "native": {name: data[name] for name in KEPT if data.get(name)},
        }
    )
