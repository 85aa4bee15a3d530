"""What an operator may choose at deploy time: `cdk deploy -c name=value`, or the same names in cdk.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from constructs import Node

from hub.connector import KINDS


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
    `partner_event_sources`: names of partner event sources already offered to this account, by the kind of their
    platform: `{"crm": [...], "telephony": [...]}`. `salesforce_event_sources`: the same for Salesforce alone.
    `connect_contact_events`: whether Amazon Connect's events on this account's default bus are mapped.
    `kinesis_streams`: ARNs of streams that Amazon Connect writes to; `kinesis_keys`: ARNs of the keys of those that are
    encrypted with a key of your own.
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
    partner_event_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    salesforce_event_sources: tuple[str, ...] = ()
    connect_contact_events: bool = False
    kinesis_streams: tuple[str, ...] = ()
    kinesis_keys: tuple[str, ...] = ()
    ingest_concurrency: int = 0
    alarm_topic: str = ""
    nag: bool = True
    local: bool = False
    local_endpoint: str = "http://localhost:4566"
    local_event_buses: tuple[str, ...] = ()

    @classmethod
    def from_context(cls, node: Node) -> Parameters:
        """The context's values; ValueError where one cannot be read."""
        given = {one.name: node.try_get_context(one.name) for one in fields(cls)}
        return cls(
            **{
                one.name: _READ[str(one.type)](given[one.name])
                for one in fields(cls)
                if given[one.name] not in (None, "")
            }
        )

    def event_sources(self) -> Iterator[tuple[str, str]]:
        """Each partner event source once, with the kind of its platform; Salesforce's first, as they always were."""
        yield from (("crm", name) for name in self.salesforce_event_sources)
        for kind, names in sorted(self.partner_event_sources.items()):
            yield from ((kind, name) for name in names if name not in self.salesforce_event_sources)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("[") else value.split(",")
    return tuple(str(part).strip() for part in value if str(part).strip())


def _by_kind(value: Any) -> Mapping[str, tuple[str, ...]]:
    table = json.loads(value) if isinstance(value, str) else value
    if not isinstance(table, dict) or not set(table) <= set(KINDS):
        raise ValueError(f"expected names by kind ({', '.join(KINDS)}), got {value!r}")
    return {kind: _texts(names) for kind, names in table.items()}


def _switch(value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise ValueError(f"expected true or false, got {value!r}")
    return text == "true"


_READ: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "int": int,
    "bool": _switch,
    "tuple[str, ...]": _texts,
    "Mapping[str, tuple[str, ...]]": _by_kind,
}
