"""All that differs in the local run, in one place, with the reason; measured on MiniStack 1.5.33, November 2026."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events

# The emulator refuses these at deploy ("Unrecognized resource types"), so the local stack leaves them out.
REFUSED = {
    "AWS::Logs::QueryDefinition": "saved log queries; a person's convenience, nothing depends on them",
}

# The emulator starts each function in a process of its own on this machine and counts the start toward the timeout.
LOCAL_TIMEOUT_S = 30
# So a burst must not start a process for each message: on two cores they only keep each other waiting.
LOCAL_CONCURRENCY = 2


def leave_out(stack: cdk.Stack) -> None:
    """Removes what the emulator refuses."""
    for node in stack.node.find_all():
        if isinstance(node, cdk.CfnResource) and node.cfn_resource_type in REFUSED and node.node.scope:
            node.node.scope.node.try_remove_child(node.node.id)


def timeout_s(on_aws: int, *, local: bool) -> int:
    """The function's timeout."""
    return max(on_aws, LOCAL_TIMEOUT_S) if local else on_aws


def concurrency_of(on_aws: int, *, local: bool) -> int:
    """How many batches of a queue are worked on at once."""
    return min(on_aws, LOCAL_CONCURRENCY) if local else on_aws


def synthesizer(*, local: bool) -> Any:
    """The emulator needs no deployment roles: the caller's own keys deploy."""
    return cdk.CliCredentialsStackSynthesizer() if local else cdk.DefaultStackSynthesizer()


def partner_event() -> events.RuleTargetInput:
    """The event as a partner's: nobody but AWS may send a source `aws.…`, so the stand-in leaves that out."""
    path = events.EventField.from_path
    names = ("version", "id", "detail-type", "account", "time", "region", "resources", "detail")
    parts = {name: path(f"$.{name}") for name in names}
    return events.RuleTargetInput.from_object({**parts, "source": f"aws.{path('$.source')}"})
