"""The only place that reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """What the stack tells its functions; every field is one environment variable, upper-cased with RENKEI_ before it.

    `queue_prefix`: URL of a queue without its name, so that `<prefix><stack>-<queue>` is its URL.
    `public_url`: base of the webhook URLs as the platforms call them, without a trailing slash.
    `secret_prefix`: name before the connection id in Secrets Manager.
    `allow_private_hosts`: "1" only in the local stack, where stand-ins listen on this machine.
    """

    stack: str = "renkei"
    state_table: str = ""
    connections_table: str = ""
    bucket: str = ""
    bus: str = ""
    queue_prefix: str = ""
    public_url: str = ""
    secret_prefix: str = "renkei/connections/"  # noqa: S105 - a name, not a secret
    hash_key_secret: str = ""
    scope_prefix: str = "renkei/"
    allow_private_hosts: str = ""
    endpoint_url: str = ""  # the local emulator; empty on AWS
    region: str = ""

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads RENKEI_*; AWS_ENDPOINT_URL and AWS_REGION by their own names."""
        values = {
            name: os.environ[f"RENKEI_{name.upper()}"]
            for name in cls.__slots__
            if f"RENKEI_{name.upper()}" in os.environ
        }
        values.setdefault("endpoint_url", os.environ.get("AWS_ENDPOINT_URL", ""))
        values.setdefault("region", os.environ.get("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION", "us-east-1")))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The function's own AWS credentials; never shown."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls) -> Credentials:
        """Reads the variables that Lambda sets."""
        return cls(
            os.environ.get("AWS_ACCESS_KEY_ID", ""),
            os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
            os.environ.get("AWS_SESSION_TOKEN", ""),
        )


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """Where the command line finds a deployment's API, and the token that it shows there."""

    api_url: str = ""
    token: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls) -> ApiAccess:
        """Reads RENKEI_API_URL and RENKEI_TOKEN."""
        return cls(os.environ.get("RENKEI_API_URL", ""), os.environ.get("RENKEI_TOKEN", ""))
