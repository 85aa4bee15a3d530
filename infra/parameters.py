"""What an operator may choose at deploy time: `cdk deploy -c name=value`, or the same names in cdk.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from constructs import Node


@dataclass(frozen=True, slots=True)
class Parameters:
    """The stack's parameters; a list is written in JSON or separated by commas.

    `stack`: the name of the stack, before every resource name.
    `public_url`: base of the webhook URLs where a domain of your own stands before the API.
    `raw_days`: how long deliveries are kept as received. `log_days`: how long logs are kept (a CloudWatch value).
    `oidc_issuer`, `oidc_audience`: your identity provider; without them a Cognito user pool is made.
    `scope_prefix`: before the scopes `agent` and `admin` in tokens (default: the user pool's, `renkei/`).
    `machine_client`: a user-pool client for programs; AWS may bill a few dollars a month for one that exists.
    `callback_urls`: where people return to after signing in at the user pool.
    `salesforce_event_sources`: names of partner event sources already offered to this account.
    `ingest_concurrency`: Lambda concurrency kept for each ingest function; 0 keeps none, which accounts with
    the starting quota of 10 need.
    `alarm_topic`: ARN of an SNS topic that alarms notify. `nag`: whether synth runs cdk-nag.
    `local`, `local_endpoint`, `local_event_buses`: the local run; never for AWS.
    """

    stack: str = "renkei"
    public_url: str = ""
    raw_days: int = 30
    log_days: int = 30
    oidc_issuer: str = ""
    oidc_audience: tuple[str, ...] = ()
    scope_prefix: str = "renkei/"
    machine_client: bool = True
    callback_urls: tuple[str, ...] = ("http://localhost:8400/callback",)
    salesforce_event_sources: tuple[str, ...] = ()
    ingest_concurrency: int = 0
    alarm_topic: str = ""
    nag: bool = True
    local: bool = False
    local_endpoint: str = "http://localhost:4566"
    local_event_buses: tuple[str, ...] = ()

    @classmethod
    def from_context(cls, node: Node) -> Parameters:
        """The context's values; ValueError where one cannot be read."""
        given = {field.name: node.try_get_context(field.name) for field in fields(cls)}
        return cls(
            **{
                field.name: _READ[str(field.type)](given[field.name])
                for field in fields(cls)
                if given[field.name] not in (None, "")
            }
        )


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("[") else value.split(",")
    return tuple(str(part).strip() for part in value if str(part).strip())


def _switch(value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise ValueError(f"expected true or false, got {value!r}")
    return text == "true"


_READ: dict[str, Callable[[Any], Any]] = {"str": str, "int": int, "bool": _switch, "tuple[str, ...]": _texts}
