"""cdk-nag over the whole stack; a finding fails synth unless it is acknowledged here with its reason."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks


def check(app: cdk.App, stack: cdk.Stack) -> None:
    """Adds the rule packs and what we answer them."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    for rule, reason in ACKNOWLEDGED.items():
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))


ACKNOWLEDGED: dict[str, str] = {}
