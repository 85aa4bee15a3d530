"""What an operator chooses, and what comes of it in the template."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from constructs import Node

from infra.parameters import Parameters
from tests.infra.assembly import Assembly, unbuilt


def _node(**context: object) -> Node:
    return cdk.App(context=context).node


def test_parameters_are_read_as_an_operator_types_them() -> None:
    node = _node(local="true", raw_days="7", salesforce_event_sources='["a/b", "c/d"]', oidc_audience="one, two")
    parameters = Parameters.from_context(node)
    assert (parameters.local, parameters.raw_days) == (True, 7)
    assert parameters.salesforce_event_sources == ("a/b", "c/d")
    assert parameters.oidc_audience == ("one", "two")
    assert parameters.stack == "renkei"


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(ValueError, match="true or false"):
        Parameters.from_context(_node(local="yes"))


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stack with everything chosen otherwise."""
    return unbuilt(
        tmp_path_factory.mktemp("chosen"),
        stack="other",
        public_url="https://hooks.example.org/",
        oidc_issuer="https://login.example.org/",
        oidc_audience="hub",
        scope_prefix="https://hub.example.org/",
        raw_days="7",
        log_days="90",
        ingest_concurrency="20",
        alarm_topic="arn:aws:sns:eu-west-1:111122223333:pager",
    )


def test_ones_own_identity_provider_takes_the_place_of_the_user_pool(chosen: Assembly) -> None:
    [authorizer] = chosen.properties("AWS::ApiGatewayV2::Authorizer").values()
    assert authorizer["JwtConfiguration"] == {"Issuer": "https://login.example.org/", "Audience": ["hub"]}
    assert chosen.of("AWS::Cognito::UserPool") == {}
    assert {"UserPoolId", "TokenUrl", "MachineClientId"} & set(chosen.template["Outputs"]) == set()
    variables = chosen.functions()["api"]["Environment"]["Variables"]
    assert variables["RENKEI_SCOPE_PREFIX"] == "https://hub.example.org/"


def test_ones_own_domain_is_what_platforms_call_and_sign(chosen: Assembly) -> None:
    assert chosen.template["Outputs"]["WebhookUrlCrm"]["Value"] == "https://hooks.example.org/webhooks/crm"
    variables = chosen.functions()["ingest_crm"]["Environment"]["Variables"]
    assert variables["RENKEI_PUBLIC_URL"] == "https://hooks.example.org"


def test_another_name_names_everything_so_that_two_stacks_fit_in_one_account(chosen: Assembly) -> None:
    names = [queue["QueueName"] for queue in chosen.properties("AWS::SQS::Queue").values()]
    names += [function["FunctionName"] for function in chosen.functions().values()]
    names += [bus["Name"] for bus in chosen.properties("AWS::Events::EventBus").values()]
    assert [name for name in names if not name.startswith("other")] == []
    variables = chosen.functions()["api"]["Environment"]["Variables"]
    assert variables["RENKEI_SECRET_PREFIX"] == "other/connections/"


def test_days_and_reserved_concurrency_are_as_chosen(chosen: Assembly) -> None:
    [bucket] = chosen.properties("AWS::S3::Bucket").values()
    days = {rule.get("Prefix"): rule.get("ExpirationInDays") for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert days["raw/"] == 7
    retentions = {group["RetentionInDays"] for group in chosen.properties("AWS::Logs::LogGroup").values()}
    assert retentions == {90}
    reserved = {name: one.get("ReservedConcurrentExecutions") for name, one in chosen.functions().items()}
    assert {name for name, number in reserved.items() if number == 20} == {
        "ingest_crm",
        "ingest_whatsapp",
        "ingest_telephony",
    }


def test_every_alarm_notifies_the_topic(chosen: Assembly) -> None:
    alarms = chosen.properties("AWS::CloudWatch::Alarm").values()
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {("arn:aws:sns:eu-west-1:111122223333:pager",)}


def test_a_retention_that_cloudwatch_does_not_know_is_refused_with_those_it_knows(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"log_days must be one of 1, 3, 5, .* not 31"):
        unbuilt(tmp_path, log_days="31")


def test_the_client_for_programs_can_be_left_out(tmp_path: Path) -> None:
    without = unbuilt(tmp_path, machine_client="false")
    grants = [client["AllowedOAuthFlows"] for client in without.properties("AWS::Cognito::UserPoolClient").values()]
    assert grants == [["code"]]
    assert "MachineClientId" not in without.template["Outputs"]
