"""What keeps a delivery from being lost between two functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from hub.batch import LONGEST_BACKOFF_S, PATIENCE_S
from hub.domain.events import EVENT_TYPES
from hub.domain.routing import ONLY, consumers
from hub.ports import MAX_POSTPONE_S
from tests.infra.assembly import Assembly, texts

DAY_S = 86_400
JOBS = {"import_records": 1, "reconcile_records": 1}  # an invocation works on one job
ANNOUNCED = {
    "record.touched": {"sync-crm", "reconcile-records"},
    "account.notice": {"sync-customers", "reconcile-records"},
    "timeline.changed": {"sync-crm"},
    "customer.linked": {"sync-crm", "match-customers"},
    "customer.named": {"match-customers"},
    "customer.changed": {"sync-crm"},
    "privacy.deletion_requested": {"sync-crm", "sync-customers"},
}


def _sources(aws: Assembly) -> dict[str, Mapping[str, Any]]:
    """Queues that have a dead-letter queue."""
    return {name: queue for name, queue in aws.properties("AWS::SQS::Queue").items() if "RedrivePolicy" in queue}


def _queue_mappings(aws: Assembly) -> dict[str, Mapping[str, Any]]:
    """SQS event sources by the function they feed."""
    mappings = aws.properties("AWS::Lambda::EventSourceMapping").values()
    return {
        aws.function_of(aws.target(mapping["FunctionName"])): mapping
        for mapping in mappings
        if aws.target(mapping["EventSourceArn"]) in aws.of("AWS::SQS::Queue")
    }


def test_every_queue_that_a_function_reads_gives_up_into_a_dead_letter_queue_after_more_than_a_day(
    aws: Assembly,
) -> None:
    read = {aws.target(mapping["EventSourceArn"]) for mapping in _queue_mappings(aws).values()}
    assert len(read) == 8
    assert read == set(_sources(aws))
    receives = {queue["RedrivePolicy"]["maxReceiveCount"] for queue in _sources(aws).values()}
    assert receives == {250}
    assert min(receives) * LONGEST_BACKOFF_S / 2 > 1.25 * DAY_S


def test_a_message_of_which_its_function_dies_each_time_is_given_up_before_the_queue_drops_it(aws: Assembly) -> None:
    for name, queue in _sources(aws).items():
        dies_s = queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"]
        assert dies_s < queue["MessageRetentionPeriod"] / 2, name


def test_what_is_put_off_for_as_long_as_can_be_is_given_up_before_the_queue_drops_it(aws: Assembly) -> None:
    for queue in _sources(aws).values():
        assert queue["MessageRetentionPeriod"] > PATIENCE_S + MAX_POSTPONE_S


def test_each_consumer_may_hide_messages_of_its_own_queue_and_of_no_other(aws: Assembly) -> None:
    for function, mapping in _queue_mappings(aws).items():
        hiding = [
            statement
            for statement in aws.grants(function)
            if "sqs:ChangeMessageVisibility" in texts(statement["Action"])
        ]
        own = aws.target(mapping["EventSourceArn"])
        assert [aws.target(statement["Resource"]) for statement in hiding] == [own], function


def test_a_message_stays_hidden_for_at_least_six_times_the_timeout_of_its_function(aws: Assembly) -> None:
    for function, mapping in _queue_mappings(aws).items():
        queue = _sources(aws)[aws.target(mapping["EventSourceArn"])]
        window_s = mapping.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= 6 * aws.functions()[function]["Timeout"] + window_s, function


def test_dead_letters_are_kept_for_fourteen_days_and_outlive_their_source(aws: Assembly) -> None:
    queues = aws.properties("AWS::SQS::Queue")
    dead = {name: queue for name, queue in queues.items() if "RedrivePolicy" not in queue}
    assert {queue["MessageRetentionPeriod"] for queue in dead.values()} == {14 * DAY_S}
    assert all(queue["MessageRetentionPeriod"] < 14 * DAY_S for queue in _sources(aws).values())
    assert {aws.target(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in _sources(aws).values()} < set(dead)


def test_each_queue_is_encrypted_with_our_key_and_refuses_plain_http(aws: Assembly) -> None:
    guarded = {
        aws.target(queue)
        for policy in aws.properties("AWS::SQS::QueuePolicy").values()
        for queue in policy["Queues"]
        if any(
            statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy["PolicyDocument"]["Statement"]
        )
    }
    queues = aws.properties("AWS::SQS::Queue")
    assert guarded == set(queues)
    assert all(aws.target(queue["KmsMasterKeyId"]) in aws.of("AWS::KMS::Key") for queue in queues.values())


def test_names_are_those_that_the_functions_are_told(aws: Assembly) -> None:
    names = {queue["QueueName"] for queue in aws.properties("AWS::SQS::Queue").values()}
    read = ["inbound-crm", "inbound-whatsapp", "inbound-telephony", "sync-customers", "sync-crm", "match-customers"]
    read += ["import-records", "reconcile-records"]
    expected = {f"renkei-{name}" for name in read} | {f"renkei-{name}-dead" for name in read}
    assert names == expected | {"renkei-bus-dead", "renkei-publish-changes-dead"}


def test_one_bad_message_never_brings_back_its_neighbours(aws: Assembly) -> None:
    mappings = aws.properties("AWS::Lambda::EventSourceMapping").values()
    assert len(mappings) == 9
    assert all(mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for mapping in mappings)


def test_no_queue_is_filtered_for_a_filter_would_delete_what_does_not_match(aws: Assembly) -> None:
    assert [name for name, mapping in _queue_mappings(aws).items() if "FilterCriteria" in mapping] == []


def test_consumers_are_held_back_at_the_source_so_that_throttling_does_not_count_as_receives(aws: Assembly) -> None:
    limits = {name: mapping["ScalingConfig"]["MaximumConcurrency"] for name, mapping in _queue_mappings(aws).items()}
    assert all(2 <= limit <= 50 for limit in limits.values())
    assert set(limits) == set(_queue_mappings(aws))
    assert {name: mapping["BatchSize"] for name, mapping in _queue_mappings(aws).items() if name in JOBS} == JOBS


def test_the_stream_is_retried_split_and_given_up_into_a_queue_before_it_blocks(aws: Assembly) -> None:
    [stream] = [
        mapping
        for mapping in aws.properties("AWS::Lambda::EventSourceMapping").values()
        if aws.target(mapping["EventSourceArn"]) in aws.of("AWS::DynamoDB::Table")
    ]
    assert aws.function_of(aws.target(stream["FunctionName"])) == "publish_changes"
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["MaximumRetryAttempts"] == 10_000  # the age decides
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRecordAgeInSeconds"] <= 12 * 3600  # half of what the stream keeps
    given_up = aws.target(stream["DestinationConfig"]["OnFailure"]["Destination"])
    assert aws.properties("AWS::SQS::Queue")[given_up]["QueueName"] == "renkei-publish-changes-dead"


def test_expiry_and_deletion_are_no_news(aws: Assembly) -> None:
    filters = [
        json.loads(one["Pattern"])
        for mapping in aws.properties("AWS::Lambda::EventSourceMapping").values()
        for one in mapping.get("FilterCriteria", {}).get("Filters", ())
    ]
    assert filters == [{"eventName": ["INSERT", "MODIFY"]}]


def _targets(aws: Assembly) -> list[Mapping[str, Any]]:
    return [target for rule in aws.properties("AWS::Events::Rule").values() for target in rule["Targets"]]


def _event_bus_may(aws: Assembly, queue: str) -> bool:
    """Whether EventBridge may send to the queue and use the queue's key."""
    statements = [
        statement
        for policy in aws.properties("AWS::SQS::QueuePolicy").values()
        if queue in [aws.target(one) for one in policy["Queues"]]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    key = aws.target(aws.properties("AWS::SQS::Queue")[queue]["KmsMasterKeyId"])
    key_statements = aws.properties("AWS::KMS::Key")[key]["KeyPolicy"]["Statement"]
    return _allows(statements, {"sqs:SendMessage"}) and _allows(key_statements, {"kms:Decrypt", "kms:GenerateDataKey"})


def _allows(statements: list[Mapping[str, Any]], actions: set[str]) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": "events.amazonaws.com"}
        and actions <= set(texts(statement["Action"]))
        and statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        for statement in statements
    )


def test_each_rule_reaches_its_queue_and_a_dead_letter_queue_both_with_policy_and_key(aws: Assembly) -> None:
    assert len(_targets(aws)) == 8
    for target in _targets(aws):
        assert _event_bus_may(aws, aws.target(target["Arn"]))
        assert _event_bus_may(aws, aws.target(target["DeadLetterConfig"]["Arn"]))
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": DAY_S, "MaximumRetryAttempts": 185}


def _matches(pattern: list[Any], text: str) -> bool:
    return any(text.startswith(one["prefix"]) if isinstance(one, dict) else text == one for one in pattern)


def _routes(aws: Assembly, event_type: str) -> set[str]:
    """Names of the queues that the hub's own bus sends an event of this type to."""
    queues = aws.properties("AWS::SQS::Queue")
    return {
        queues[aws.target(target["Arn"])]["QueueName"]
        for rule in aws.properties("AWS::Events::Rule").values()
        if "detail-type" in rule.get("EventPattern", ()) and _matches(rule["EventPattern"]["detail-type"], event_type)
        for target in rule["Targets"]
    }


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_every_event_that_exists_goes_to_the_consumers_of_the_table(aws: Assembly, event_type: str) -> None:
    assert _routes(aws, event_type) == {f"renkei-{queue}" for queue in consumers(event_type)}


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_what_platforms_tell_goes_to_the_customers_and_what_we_announce_to_the_others(event_type: str) -> None:
    assert set(consumers(event_type)) == ANNOUNCED.get(event_type, {"sync-customers"})


def test_consumers_receive_the_event_itself_and_only_from_the_hub(aws: Assembly) -> None:
    rules = [
        rule for rule in aws.properties("AWS::Events::Rule").values() if "detail-type" in rule.get("EventPattern", ())
    ]
    assert [rule["EventPattern"]["source"] for rule in rules] == [[{"prefix": "renkei."}]] * 5
    assert [target["InputPath"] for rule in rules for target in rule["Targets"]] == ["$.detail"] * 5


def test_of_some_types_a_queue_gets_only_what_its_work_is_about(aws: Assembly) -> None:
    queues = aws.properties("AWS::SQS::Queue")
    found = {
        (queues[aws.target(target["Arn"])]["QueueName"], event_type): rule["EventPattern"]["detail"]
        for rule in aws.properties("AWS::Events::Rule").values()
        if "detail" in rule.get("EventPattern", ())
        for event_type in rule["EventPattern"]["detail-type"]
        for target in rule["Targets"]
    }
    wanted = {
        (f"renkei-{queue}", event_type): {"data": {name: [value] for name, value in data.items()}}
        for (queue, event_type), data in ONLY.items()
    }
    assert found == wanted


def test_what_takes_longer_than_one_invocation_is_looked_after_every_five_minutes(aws: Assembly) -> None:
    queues = aws.properties("AWS::SQS::Queue")
    swept = {
        queues[aws.target(target["Arn"])]["QueueName"]: (rule["ScheduleExpression"], json.loads(target["Input"]))
        for rule in aws.properties("AWS::Events::Rule").values()
        if "ScheduleExpression" in rule
        for target in rule["Targets"]
    }
    every = ("rate(5 minutes)", {"sweep": True})
    assert swept == {"renkei-import-records": every, "renkei-reconcile-records": every}


def test_a_partners_events_enter_whole_on_the_crm_queue(aws: Assembly) -> None:
    source = "aws.partner/salesforce.com/00D000000000000AAA/0YL000000000000"
    buses = aws.properties("AWS::Events::EventBus")
    partner = {name for name, bus in buses.items() if bus.get("EventSourceName") == source}
    rules = aws.properties("AWS::Events::Rule").values()
    [rule] = [one for one in rules if "EventBusName" in one and aws.target(one["EventBusName"]) in partner]
    [target] = rule["Targets"]
    assert aws.properties("AWS::SQS::Queue")[aws.target(target["Arn"])]["QueueName"] == "renkei-inbound-crm"
    assert "InputPath" not in target
    assert "InputTransformer" not in target
