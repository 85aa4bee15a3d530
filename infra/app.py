"""What `cdk` runs: `python -m infra.app`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk

from infra import nag
from infra.parameters import Parameters
from infra.stack import Renkei


def build(context: Mapping[str, Any] | None = None, outdir: str | None = None) -> cdk.App:
    """The app with its one stack; `context` beside what the CDK CLI passes."""
    app = cdk.App(context=dict(context or {}), outdir=outdir)
    parameters = Parameters.from_context(app.node)
    stack = Renkei(app, "Renkei", parameters)
    if parameters.nag and not parameters.local:  # the rules are about AWS; the stack is the same
        nag.check(app, stack)
    return app


if __name__ == "__main__":
    build().synth()
