"""Asterisk: who is outside, which legs are one call, and that two bridges on one PBX say one thing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.asterisk import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped

FIRST = {"Event": "Newchannel", "Uniqueid": "1795338000.17", "Linkedid": "1795338000.17"}


def mapped(*events: dict[str, Any], spool: str = "a", source: str = "ami", **settings: Any) -> Mapped:
    heard = [{"id": f"{spool}-{n}", "at": "2026-11-22T09:00:00.500Z", "event": one} for n, one in enumerate(events)]
    body = json.dumps({"bridge": 1, "source": source, "events": heard}).encode()
    delivery = Delivery("c" * 26, "asterisk", "telephony", "2026-11-22T10:00:00.000Z", body)
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "asterisk", settings=settings))


def began(caller: str, called: str, channel: str = "PJSIP/x-00000001", context: str = "", **settings: Any) -> Event:
    sides = {"CallerIDNum": caller, "Exten": called, "Channel": channel, "Context": context}
    (event,) = mapped({**FIRST, **sides}, default_region="GB", **settings).events
    return event


def customer(event: Event) -> list[str]:
    return [one["value"] for one in event.data.get("customer", {}).get("identifiers", [])]


@pytest.mark.parametrize(
    ("event", "direction", "phones"),
    [
        (began("02079460100", "1001"), "inbound", ["+442079460100"]),
        (began("1001", "02079460100"), "outbound", ["+442079460100"]),
        (began("1001", "902079460100", outside_prefix="9"), "outbound", ["+442079460100"]),
        (began("+442079460155", "+442079460100", own_numbers=["020 7946 0155"]), "outbound", ["+442079460100"]),
        (began("+442079460155", "1001", context="from-internal"), "internal", []),
        (began("123456", "1001", extension_digits=6), "internal", []),
        (began("1001", "1002", channel="PJSIP/trunk-00000001", trunks=["PJSIP/trunk"]), "inbound", []),
        (began("<unknown>", "1001"), "unknown", []),
        (began("<unknown>", "1001", context="from-trunk"), "inbound", []),
        (began("1001", "s"), "unknown", []),
    ],
)
def test_trunk_then_context_then_number_tell_who_is_outside(event: Event, direction: str, phones: list[str]) -> None:
    assert (event.data.get("direction", "unknown"), customer(event)) == (direction, phones)


def test_two_bridges_that_hear_one_pbx_say_one_thing() -> None:
    held = {**FIRST, "Event": "Hold", "Timestamp": "1795338020.5"}
    ids = [{event.id for event in mapped(FIRST, held, spool=spool).events} for spool in ("a", "b")]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def test_two_holds_are_two_facts() -> None:
    holds = [{**FIRST, "Event": "Hold", "Timestamp": f"1795338020.{part}"} for part in (1, 2)]
    assert len(mapped(*holds).events) == 2
    assert len(mapped(*[{**FIRST, "Event": "Hold"}] * 2).events) == 2


@pytest.mark.parametrize(
    ("state", "cause", "outcome"),
    [("Up", "17", "answered"), ("Ring", "17", "busy"), ("Ring", "16", "canceled"), ("Ring", "34", "failed")],
)
def test_a_channel_that_was_up_was_answered_whatever_ended_it(state: str, cause: str, outcome: str) -> None:
    (event,) = mapped({**FIRST, "Event": "Hangup", "ChannelStateDesc": state, "Cause": cause}).events
    assert event.data["outcome"] == outcome


@pytest.mark.parametrize(
    ("stamp", "time"), [("1795338000.25", "2026-11-22T09:00:00.250Z"), ("soon", None), ("1e99", None)]
)
def test_a_time_that_is_none_is_the_bridges(stamp: str, time: str | None) -> None:
    (event,) = mapped({**FIRST, "Timestamp": stamp}).events
    assert event.time == (time or "2026-11-22T09:00:00.500Z")


def test_aris_legs_are_joined_by_the_linked_id_and_without_it_by_the_dial() -> None:
    def channel(name: str, linked: str | None = None) -> dict[str, Any]:
        return {"id": name, "channelvars": {"CHANNEL(linkedid)": linked} if linked else {}}

    dial = {"type": "Dial", "dialstatus": "ANSWER"}
    linked = {**dial, "caller": channel("2", "1"), "peer": channel("3", "1")}
    alone = {**dial, "caller": channel("2"), "peer": channel("3")}
    found = [event.data for event in mapped(linked, alone, source="ari").events]
    assert [(data["call_id"], data["leg_id"], data["parent_leg_id"]) for data in found] == [
        ("1", "3", "2"),
        ("2", "3", "2"),
    ]
