"""The local AWS emulator: started, waited for, made ready for the CDK CLI."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import boto3
import httpx

from infra.local.place import ACCOUNT, BUILD, REGION, Place, Stop
from infra.local.processes import Started

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

START_TIMEOUT_S = 30.0
ASSETS_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_VERSION = "30"
NOT_INHERITED = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "VIRTUAL_ENV")


def aws_environment(place: Place) -> dict[str, str]:
    """An environment in which every AWS client speaks to the emulator and knows no other credentials."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return kept | {
        "AWS_ENDPOINT_URL": place.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
    }


def start(place: Place, started: Started) -> None:
    """Runs the emulator with nothing remembered from before; Stop where it does not come up."""
    command = BUILD / "emulator" / "bin" / "ministack"
    if not command.exists():
        raise Stop("the emulator is not installed: run `make setup`.")
    scratch = place.directory / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    settings = {
        "GATEWAY_PORT": str(place.emulator_port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(scratch),
        "PYTHONUNBUFFERED": "1",
    }
    started.start("ministack", [str(command)], aws_environment(place) | settings, place.directory / "emulator.log")
    _wait(place, started)


def _wait(place: Place, started: Started) -> None:
    log = place.directory / "emulator.log"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and started.died() is None:
        try:
            if httpx.get(f"{place.endpoint}/_ministack/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise Stop(f"the emulator did not start: look at the end of {log}.")


def bootstrap(place: Place) -> None:
    """What `cdk bootstrap` would leave behind and the CLI looks for: a bucket and a version number (1 s, not 20)."""
    aws = session()
    aws.client("s3", endpoint_url=place.endpoint).create_bucket(Bucket=ASSETS_BUCKET)
    ssm = aws.client("ssm", endpoint_url=place.endpoint)
    ssm.put_parameter(Name=BOOTSTRAP_PARAMETER, Value=BOOTSTRAP_VERSION, Type="String")


def events(place: Place) -> EventBridgeClient:
    """EventBridge in the emulator."""
    return session().client("events", endpoint_url=place.endpoint)


def session() -> boto3.Session:
    """A session whose keys mean nothing outside the emulator."""
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION)
