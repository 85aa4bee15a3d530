"""cdk-nag over the whole stack; a finding fails synth unless it is acknowledged here with its reason."""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct

from infra.stack import Renkei


def check(app: cdk.App, stack: Renkei) -> None:
    """Adds the rule packs and what we answer them."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    for rule, reason in {**EVERYWHERE, **_wildcards(stack)}.items():
        _acknowledge(stack, rule, reason)
    for route in _webhook_routes(stack):
        _acknowledge(route, "AwsSolutions-APIG4", "Webhooks are proven by their signature, which the function checks.")
    for route in _browser_routes(stack):
        _acknowledge(
            route, "AwsSolutions-APIG4", "A platform sends a browser here: a random text, good once, is asked for."
        )
    for queue in _dead_letter_queues(stack):
        for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"):
            _acknowledge(queue, rule, "This is a dead-letter queue itself.")


EVERYWHERE = {
    "AwsSolutions-COG8": "Threat protection needs a plan with a price per person; a second factor is required.",
    "AwsSolutions-L1": "Bundles are locked and compiled for Python 3.13; the runtime changes together with them.",
    "AwsSolutions-S1": "Only the hub's roles may read; a second bucket of access logs would need keeping as long.",
    "AwsSolutions-SMG4": "A new hash key would turn every customer into a stranger; it never leaves the functions.",
    "Serverless-LambdaDLQ": "No function is invoked asynchronously: the API waits, queues and streams repeat.",
    "Serverless-LambdaEventSourceMappingDestination": "Queues have dead-letter queues; the stream has a destination.",
    "Serverless-LambdaLatestVersion": "Bundles are locked and compiled for Python 3.13, as AwsSolutions-L1 says.",
    "Serverless-LambdaTracing": "X-Ray costs more than the whole rest of a webhook; events carry their delivery's id.",
}


def _wildcards(stack: Renkei) -> dict[str, str]:
    """The four resources that end in a wildcard, word for word: any other wildcard is a finding."""
    bucket = stack.get_logical_id(stack.state.bucket.node.default_child)  # type: ignore[arg-type]
    secrets = (
        f"arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:{stack.parameters.stack}"
        "/connections/*"
    )
    return {
        f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/raw/*]": "Raw deliveries, one object per batch.",
        f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/large/*]": "Large bodies, one object each.",
        f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/csv/*]": "Files to be imported and their reports, in parts.",
        f"AwsSolutions-IAM5[Resource::{secrets}]": "One secret per connection, made while the hub runs.",
    }


def _webhook_routes(stack: Renkei) -> Iterable[IConstruct]:
    return [child for child in stack.edge.api.node.children if "--webhooks--" in child.node.id]


def _browser_routes(stack: Renkei) -> Iterable[IConstruct]:
    return [child for child in stack.edge.api.node.children if "--oauth--" in child.node.id]


def _dead_letter_queues(stack: Renkei) -> Iterable[IConstruct]:
    return [node for node in stack.node.find_all() if isinstance(node, sqs.Queue) and node.node.id == "Dead"]


def _acknowledge(scope: IConstruct, rule: str, reason: str) -> None:
    pack = "Serverless" if rule.startswith("Serverless") else "AwsSolutions"
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=f"{pack}::{rule}", reason=reason))
