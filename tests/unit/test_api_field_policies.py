"""Policies of fields through the API."""

from __future__ import annotations

from hub.delivery import Connection
from hub.memory import MemoryConnections, memory_hub
from tests.unit.api_client import AGENT, Client

OFFICE = Connection("c" * 26, "hubspot")


def client() -> Client:
    return Client(memory_hub(connections=MemoryConnections([OFFICE])))


def test_the_policies_in_force_are_listed_the_hubs_own_among_them() -> None:
    listed = client().get("/v1/field-policies").json
    assert listed["version"] == 0
    assert {"field": "email", "policy": "union", "order": [], "chosen": False} in listed["policies"]


def test_a_field_has_its_last_writer_until_somebody_chooses() -> None:
    caller = client()
    assert caller.get("/v1/field-policies/title").json["policy"] == "last_writer"
    chosen = {"policy": "owner", "order": [OFFICE.id, "salesforce"], "why": "Sales keeps titles."}
    answer = caller.call("PUT", "/v1/field-policies/title", chosen)
    wanted = {"field": "title", "policy": "owner", "order": [OFFICE.id, "salesforce"], "chosen": True}
    assert (answer.status, answer.json) == (200, wanted)
    assert caller.get("/v1/field-policies/title").json == wanted
    assert wanted in caller.get("/v1/field-policies").json["policies"]


def test_the_hubs_own_policy_is_taken_again_and_every_change_is_told() -> None:
    caller = client()
    caller.call("PUT", "/v1/field-policies/email", {"policy": "last_writer"})
    back = caller.call("PUT", "/v1/field-policies/email", {"policy": None, "why": "It was better."})
    assert (back.json["policy"], back.json["chosen"]) == ("union", False)
    told = caller.get("/v1/field-policy-changes", limit="1").json
    assert [(one["version"], one["field"], one["policy"], one["by"], one["why"]) for one in told["changes"]] == [
        (2, "email", None, "someone", "It was better.")
    ]
    more = caller.get("/v1/field-policy-changes", cursor=told["next"]).json
    assert [one["policy"] for one in more["changes"]] == ["last_writer"]


def test_fields_that_begin_alike_have_a_policy_together() -> None:
    caller = client()
    answer = caller.call("PUT", "/v1/field-policies/x_%2A", {"policy": "fill_empty"})
    assert (answer.status, answer.json["field"]) == (200, "x_*")
    assert caller.get("/v1/field-policies/x_size").json["policy"] == "fill_empty"


def test_a_policy_that_cannot_be_used_is_refused_in_a_sentence() -> None:
    caller = client()
    for wrong, detail in (
        ({"policy": "owner"}, "needs an order"),
        ({"policy": "owner", "order": ["nowhere"]}, "names no connection or platform"),
        ({"policy": None, "order": ["hubspot"]}, "The policy last_writer has no order."),
        ({"policy": "loudest"}, "cannot be used"),
    ):
        answer = caller.call("PUT", "/v1/field-policies/title", wrong)
        assert answer.status == 422
        assert detail in answer.json["detail"]
    assert caller.get("/v1/field-policies").json["version"] == 0


def test_the_same_request_sent_again_is_one_change() -> None:
    caller = client()
    for _ in range(2):
        sent = {"Idempotency-Key": "k1"}
        assert caller.call("PUT", "/v1/field-policies/title", {"policy": "append"}, sent).status == 200
    assert caller.get("/v1/field-policies").json["version"] == 1


def test_agents_choose_no_policies() -> None:
    caller = Client(memory_hub(), (AGENT,))
    assert caller.get("/v1/field-policies").status == 403
    assert caller.call("PUT", "/v1/field-policies/title", {"policy": "append"}).status == 403
