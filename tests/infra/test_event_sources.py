"""Event sources and streams that an operator declares; without a declaration nothing of them exists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from infra.parameters import Parameters
from tests.infra.assembly import Assembly, synthesize, texts, unbuilt

GENESYS = "aws.partner/genesys.com/cloud/0a600000-0000-4000-8000-00000000c10d/renkei"
ZENDESK = "aws.partner/zendesk.com/123/default"
SALESFORCE = "aws.partner/salesforce.com/00D000000000000AAA/0YL000000000000"
STREAMS = [f"arn:aws:kinesis:eu-west-2:111122223333:stream/{name}" for name in ("records", "agents")]
KEY = "arn:aws:kms:eu-west-2:111122223333:key/11111111-2222-4333-8444-555555555555"
DECLARED: dict[str, Any] = {
    "partner_event_sources": {"telephony": [GENESYS], "crm": [ZENDESK, SALESFORCE]},
    "salesforce_event_sources": [SALESFORCE],
    "connect_contact_events": "true",
    "kinesis_streams": STREAMS,
    "kinesis_keys": KEY,
}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stack with every source, through cdk-nag, without bundles."""
    return synthesize(tmp_path_factory.mktemp("declared"), **{"aws:cdk:bundling-stacks": [], **DECLARED})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stack as it is without any declaration."""
    return unbuilt(tmp_path_factory.mktemp("plain"))


def _rules(assembly: Assembly) -> list[tuple[Mapping[str, Any], str]]:
    """Each rule that is not of the hub's own bus, with the name of the queue it feeds."""
    queues = assembly.properties("AWS::SQS::Queue")
    rules = [one for one in assembly.properties("AWS::Events::Rule").values() if not _is_own(one)]
    return [(one, queues[assembly.target(one["Targets"][0]["Arn"])]["QueueName"]) for one in rules]


def _is_own(rule: Mapping[str, Any]) -> bool:
    return "ScheduleExpression" in rule or bool(rule["EventPattern"].get("source") == [{"prefix": "renkei."}])


def test_without_a_declaration_there_is_no_source(plain: Assembly) -> None:
    assert _rules(plain) == []
    assert [bus for bus in plain.properties("AWS::Events::EventBus").values() if "EventSourceName" in bus] == []
    assert plain.of("AWS::Pipes::Pipe") == {}
    names = {queue["QueueName"] for queue in plain.properties("AWS::SQS::Queue").values()}
    assert "renkei-streams-dead" not in names
    assert "pipes.amazonaws.com" not in json.dumps(plain.template)


def test_each_partners_events_enter_whole_on_the_queue_of_their_kind(declared: Assembly) -> None:
    buses = declared.properties("AWS::Events::EventBus")
    named = {name: bus["EventSourceName"] for name, bus in buses.items() if "EventSourceName" in bus}
    fed = {
        named[declared.target(rule["EventBusName"])]: (queue, set(rule["Targets"][0]))
        for rule, queue in _rules(declared)
        if isinstance(rule["EventBusName"], dict)
    }
    whole = {"Arn", "DeadLetterConfig", "Id", "RetryPolicy"}
    assert fed == {
        GENESYS: ("renkei-inbound-telephony", whole),
        ZENDESK: ("renkei-inbound-crm", whole),
        SALESFORCE: ("renkei-inbound-crm", whole),
    }
    assert len(named) == 3


def test_connects_events_come_from_the_default_bus_without_those_of_the_audit_log(declared: Assembly) -> None:
    [(rule, queue)] = [(rule, queue) for rule, queue in _rules(declared) if rule["EventBusName"] == "default"]
    assert queue == "renkei-inbound-telephony"
    assert rule["EventPattern"] == {
        "source": ["aws.connect"],
        "detail-type": ["Amazon Connect Contact Event", {"prefix": "Contact Lens "}],
    }
    assert rule["Targets"][0]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
    assert "DeadLetterConfig" in rule["Targets"][0]


def test_each_stream_is_piped_to_the_queue_and_what_cannot_be_sent_is_given_up_alone(declared: Assembly) -> None:
    pipes = list(declared.properties("AWS::Pipes::Pipe").values())
    queues = declared.properties("AWS::SQS::Queue")
    assert [pipe["Source"] for pipe in pipes] == STREAMS
    for pipe in pipes:
        assert queues[declared.target(pipe["Target"])]["QueueName"] == "renkei-inbound-telephony"
        assert "TargetParameters" not in pipe, "mapping reads the record as it is"
        reading = pipe["SourceParameters"]["KinesisStreamParameters"]
        assert reading["StartingPosition"] == "TRIM_HORIZON"
        assert reading["OnPartialBatchItemFailure"] == "AUTOMATIC_BISECT"
        assert reading["BatchSize"] <= 10
        assert 0 < reading["MaximumRetryAttempts"] < 1000
        assert reading["MaximumRecordAgeInSeconds"] <= 12 * 3600, "well before the stream forgets"
        dead = declared.target(reading["DeadLetterConfig"]["Arn"])
        assert queues[dead]["QueueName"] == "renkei-streams-dead"


def test_the_pipes_may_read_those_streams_and_send_to_two_queues_and_nothing_else(declared: Assembly) -> None:
    [role] = [one for name, one in declared.properties("AWS::IAM::Role").items() if name.startswith("SourcesStreams")]
    statements = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    by_service = {texts(one["Action"])[0].split(":")[0]: one for one in statements}
    assert set(by_service) == {"kinesis", "sqs", "kms"}
    assert sorted(by_service["kinesis"]["Resource"]) == sorted(STREAMS)
    assert len(by_service["sqs"]["Resource"]) == 2
    keys = [one for one in statements if any(action.startswith("kms:") for action in texts(one["Action"]))]
    assert all("kms:ViaService" in one["Condition"]["StringEquals"] for one in keys)
    assert KEY in [one["Resource"] for one in keys]
    assert not any("*" in action for one in statements for action in texts(one["Action"]))
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_pipes_and_their_dead_letters_are_watched(declared: Assembly) -> None:
    alarms = declared.properties("AWS::CloudWatch::Alarm").values()
    failed = [one["Dimensions"][0]["Value"] for one in alarms if one["MetricName"] == "ExecutionFailed"]
    assert failed == ["renkei-records", "renkei-agents"]
    visible = [one for one in alarms if one["MetricName"] == "ApproximateNumberOfMessagesVisible"]
    assert any("SourcesStreamsDead" in json.dumps(one["Dimensions"]) for one in visible)


def test_sources_add_no_function(declared: Assembly, plain: Assembly) -> None:
    assert set(declared.functions()) == set(plain.functions())


def test_cdk_nag_finds_nothing_in_the_sources(declared: Assembly) -> None:
    reports = json.loads((Path(declared.folder) / "validation-report.json").read_text())["pluginReports"]
    assert [report["violations"] for report in reports] == [[] for _ in reports]
    assert {report["pluginName"] for report in reports} >= {"AwsSolutions", "Serverless"}


def test_sources_by_kind_are_read_as_an_operator_types_them() -> None:
    node = cdk.App(context={"partner_event_sources": json.dumps({"telephony": f"{GENESYS}", "crm": [ZENDESK]})}).node
    assert list(Parameters.from_context(node).event_sources()) == [("crm", ZENDESK), ("telephony", GENESYS)]


@pytest.mark.parametrize("wrong", ['{"phone": ["a"]}', '["a"]', "a,b"])
def test_sources_without_a_kind_that_exists_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        Parameters.from_context(cdk.App(context={"partner_event_sources": wrong}).node)
