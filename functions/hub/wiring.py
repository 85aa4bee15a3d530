"""Puts the adapters together: `Hub` is what handlers receive, `aws_hub` is what they use in Lambda."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from hub.ports import Blobs, Bus, Clock, Connections, Http, Queue, Secrets, Store, Telemetry
from hub.refusals import RefusalTally
from hub.settings import Settings


@dataclass(frozen=True)
class Hub:
    """Everything a handler may use; tests pass one of memory adapters."""

    settings: Settings
    store: Store
    connection_items: Store
    connections: Connections
    secrets: Secrets
    blobs: Blobs
    queue: Queue
    bus: Bus
    http: Http
    clock: Clock
    telemetry: Telemetry
    refusals: RefusalTally = field(default_factory=RefusalTally)
    jitter: Callable[[], float] = random.random  # from 0 to below 1


@cache
def aws_hub() -> Hub:
    """The adapters on AWS, built once per container from the environment."""
    from hub import aws

    return aws.build(Settings.from_environment())


@cache
def edge_hub() -> Hub:
    """The same for ingest: adapters over the thin signed client, so that no SDK is imported on a cold start."""
    from hub import aws

    return aws.build_edge(Settings.from_environment())


@cache
def api_hub() -> Hub:
    """As `edge_hub`, for the API: people wait for longer than platforms do."""
    from hub import aws

    return aws.build_edge(Settings.from_environment(), read_s=aws.READ_S)
