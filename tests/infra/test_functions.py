"""Each function: the house defaults, its own role, and exactly the permissions listed here."""

from __future__ import annotations

from typing import Any

import pytest

from infra.bundling import FUNCTIONS as FOLDER
from infra.function import FUNCTIONS
from infra.keys import OWN_KEYS, SHARED_KEYS
from tests.infra.assembly import Assembly, texts

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
KEYS = {
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
WRITE = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
READ = {"dynamodb:GetItem", "dynamodb:Query"}
INGEST = {
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
    "secretsmanager:GetSecretValue",
    "sqs:SendMessage",
    "s3:PutObject",
}
MAP = CONSUME | READ | WRITE | {"sqs:SendMessage", "s3:PutObject", "s3:GetObject", "s3:ListBucket", "events:PutEvents"}
STATE = CONSUME | READ | WRITE | {"dynamodb:DeleteItem", "secretsmanager:GetSecretValue", "sqs:SendMessage"}
JOBS = STATE | {"events:PutEvents", "secretsmanager:PutSecretValue"}
CONTINUES = {"import_records", "reconcile_records"}
MAY = {
    **dict.fromkeys(["ingest_crm", "ingest_whatsapp", "ingest_telephony"], INGEST),
    **dict.fromkeys(["map_crm", "map_whatsapp", "map_telephony"], MAP),
    "sync_customers": STATE,
    "sync_crm": STATE | {"events:PutEvents", "secretsmanager:PutSecretValue"},
    "match_customers": STATE,
    "import_records": JOBS | {"s3:GetObject", "s3:PutObject", "s3:ListBucket"},
    "reconcile_records": JOBS,
    "publish_changes": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "sqs:SendMessage",
        "events:PutEvents",
    },
    "api": READ
    | WRITE
    | {"dynamodb:DeleteItem", "sqs:SendMessage", "s3:GetObject", "s3:PutObject", "s3:ListBucket"}
    | {f"secretsmanager:{action}" for action in ("GetSecretValue", "CreateSecret", "PutSecretValue")},
}
# The only resources that may end in a wildcard: objects under a prefix, and the secrets of connections.
WILDCARDS = ("/raw/*", "/large/*", "/csv/*", ":secret:renkei/connections/*")


def _last_text(resource: Any) -> str:
    """A resource's literal end, where it has one."""
    if isinstance(resource, str):
        return resource
    parts = resource.get("Fn::Join", ["", [""]])[1]
    return parts[-1] if isinstance(parts[-1], str) else ""


def _resources(statement: Any) -> list[Any]:
    return statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]


def test_every_folder_with_a_handler_is_in_the_template_and_nothing_else(aws: Assembly) -> None:
    folders = {handler.parent.name for handler in FOLDER.glob("*/handler.py")}
    assert set(aws.functions()) == folders == set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_runs_on_the_house_defaults(aws: Assembly, name: str) -> None:
    function = aws.functions()[name]
    assert (function["Architectures"], function["Runtime"]) == (["arm64"], "python3.13")
    assert function["Handler"] == f"{name}.handler.handler"
    assert function["RecursiveLoop"] == ("Allow" if name in CONTINUES else "Terminate")
    assert function["FunctionName"] == f"renkei-{name.replace('_', '-')}"
    assert function["LoggingConfig"]["SystemLogLevel"] == "WARN"
    assert "ReservedConcurrentExecutions" not in function


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_may_do_what_is_listed_and_nothing_else(aws: Assembly, name: str) -> None:
    actions = {action for statement in aws.grants(name) for action in texts(statement["Action"])}
    assert actions - KEYS == MAY[name] | LOGS


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_action_and_no_resource_is_a_wildcard_beyond_the_four_prefixes(aws: Assembly, name: str) -> None:
    for statement in aws.grants(name):
        assert statement["Effect"] == "Allow"
        assert [action for action in texts(statement["Action"]) if "*" in action] == []
        ends = [_last_text(resource) for resource in _resources(statement)]
        assert [end for end in ends if "*" in end and not end.endswith(WILDCARDS)] == []


def test_no_function_shares_its_role_and_no_role_has_a_managed_policy(aws: Assembly) -> None:
    roles = [aws.target(function["Role"]) for function in aws.functions().values()]
    assert len(set(roles)) == len(roles) == len(FUNCTIONS)
    assert [role for role in aws.properties("AWS::IAM::Role").values() if role.get("ManagedPolicyArns")] == []


def test_a_function_uses_a_key_only_through_the_service_that_holds_the_data(aws: Assembly) -> None:
    for name in FUNCTIONS:
        for statement in aws.grants(name):
            if any(action.startswith("kms:") for action in texts(statement["Action"])):
                assert "kms:ViaService" in statement["Condition"]["StringEquals"], name


def _state_statements(aws: Assembly, name: str, table: str) -> list[Any]:
    return [
        statement
        for statement in aws.grants(name)
        if any(action.startswith("dynamodb:") for action in texts(statement["Action"]))
        and any(isinstance(one, dict) and one.get("Fn::GetAtt", [""])[0] == table for one in _resources(statement))
    ]


def _table(aws: Assembly, *, streaming: bool) -> str:
    [name] = [
        name
        for name, table in aws.properties("AWS::DynamoDB::Table").items()
        if ("StreamSpecification" in table) == streaming
    ]
    return name


@pytest.mark.parametrize("kind", ["crm", "whatsapp", "telephony"])
def test_ingest_cannot_touch_state_and_writes_only_its_tally_of_refusals(aws: Assembly, kind: str) -> None:
    name = f"ingest_{kind}"
    assert _state_statements(aws, name, _table(aws, streaming=True)) == []
    reads, writes = _state_statements(aws, name, _table(aws, streaming=False))
    assert reads["Action"] == "dynamodb:GetItem"
    assert writes["Action"] == "dynamodb:UpdateItem"
    assert writes["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["REFUSED"]}}


@pytest.mark.parametrize("kind", ["crm", "whatsapp", "telephony"])
def test_mapping_sees_of_the_state_only_what_it_set_aside_and_no_secret(aws: Assembly, kind: str) -> None:
    name = f"map_{kind}"
    [statement] = _state_statements(aws, name, _table(aws, streaming=True))
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["ASIDE#*"]}}
    assert not any("secretsmanager" in action for one in aws.grants(name) for action in texts(one["Action"]))


@pytest.mark.parametrize("name", ["api", "match_customers", "import_records", "reconcile_records"])
def test_a_function_changes_of_the_state_only_what_is_its_own(aws: Assembly, name: str) -> None:
    statements = _state_statements(aws, name, _table(aws, streaming=True))
    writing = [one for one in statements if set(texts(one["Action"])) & (WRITE | {"dynamodb:DeleteItem"})]
    keys = {"dynamodb:LeadingKeys": list(OWN_KEYS[name])}
    assert [one["Condition"] for one in writing] == [{"ForAllValues:StringLike": keys}]


@pytest.mark.parametrize("name", ["sync_crm", "import_records", "reconcile_records"])
def test_who_asks_platforms_writes_of_connections_only_the_use_of_limits_and_who_fetches_tokens(
    aws: Assembly, name: str
) -> None:
    statements = _state_statements(aws, name, _table(aws, streaming=False))
    [writing] = [one for one in statements if set(texts(one["Action"])) & (WRITE | {"dynamodb:DeleteItem"})]
    assert set(texts(writing["Action"])) == WRITE
    assert writing["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(SHARED_KEYS)}}


def test_events_are_published_onto_the_hubs_own_bus_only(aws: Assembly) -> None:
    buses = {
        name: aws.target(_resources(statement)[0])
        for name in FUNCTIONS
        for statement in aws.grants(name)
        if statement["Action"] == "events:PutEvents"
    }
    told = {"map_crm", "map_whatsapp", "map_telephony", "sync_crm", "publish_changes"}
    assert set(buses) == told | CONTINUES
    [bus] = set(buses.values())
    assert aws.properties("AWS::Events::EventBus")[bus]["Name"] == "renkei"


def test_every_log_expires(aws: Assembly) -> None:
    groups = aws.properties("AWS::Logs::LogGroup")
    assert {group["RetentionInDays"] for group in groups.values()} == {30}
    written = {aws.target(function["LoggingConfig"]["LogGroup"]) for function in aws.functions().values()}
    assert len(written) == len(FUNCTIONS)
    assert written < set(groups)


def _alarmed(aws: Assembly, metric: str, dimension: str) -> set[str]:
    return {
        aws.target(one["Value"]) if isinstance(one["Value"], dict) else one["Value"]
        for alarm in aws.properties("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric
        for one in alarm["Dimensions"]
        if one["Name"] == dimension
    }


def test_every_function_is_watched_for_errors_and_throttles(aws: Assembly) -> None:
    functions = set(aws.of("AWS::Lambda::Function"))
    assert _alarmed(aws, "Errors", "FunctionName") == functions
    assert _alarmed(aws, "Throttles", "FunctionName") == functions
    assert {aws.function_of(name) for name in _alarmed(aws, "IteratorAge", "FunctionName")} == {"publish_changes"}


def test_every_dead_letter_queue_is_watched_for_anything_and_every_other_for_age(aws: Assembly) -> None:
    queues = aws.properties("AWS::SQS::Queue")
    dead = {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
    queue_names = {aws.target({"Ref": name}) for name in queues}
    assert _alarmed(aws, "ApproximateNumberOfMessagesVisible", "QueueName") == dead
    assert _alarmed(aws, "ApproximateAgeOfOldestMessage", "QueueName") == queue_names - dead


def test_every_consumer_is_watched_for_work_that_is_put_off_again_and_again(aws: Assembly) -> None:
    consumers = {name for name in aws.functions() if name.startswith(("map_", "sync_", "match_"))} | CONTINUES
    assert _alarmed(aws, "records.retried", "function") == consumers


@pytest.mark.parametrize(
    ("metric", "tellers"),
    [
        ("sync.paused", {"sync_crm"}),
        ("oauth.needs_reauth", {"sync_crm"} | CONTINUES),
        ("oauth.ending", {"sync_crm"} | CONTINUES),
        ("reconcile.over", {"reconcile_records"}),
        ("jobs.left", CONTINUES),
    ],
)
def test_a_connection_or_a_job_that_needs_a_person_is_an_alarm(aws: Assembly, metric: str, tellers: set[str]) -> None:
    assert _alarmed(aws, metric, "function") == tellers


def test_the_api_and_the_bus_are_watched(aws: Assembly) -> None:
    metrics = {alarm["MetricName"] for alarm in aws.properties("AWS::CloudWatch::Alarm").values()}
    assert {"4xx", "5xx", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"} <= metrics


def test_only_what_writes_down_how_far_it_came_may_send_to_the_queue_that_it_reads(aws: Assembly) -> None:
    sources = {
        aws.function_of(aws.target(one["FunctionName"])): aws.target(one["EventSourceArn"])
        for one in aws.properties("AWS::Lambda::EventSourceMapping").values()
    }
    sends = {
        name
        for name, source in sources.items()
        for statement in aws.grants(name)
        if "sqs:SendMessage" in texts(statement["Action"]) and source in map(aws.target, _resources(statement))
    }
    assert sends == CONTINUES
