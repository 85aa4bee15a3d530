"""The adapters put together: over the SDK for the consumers, over the thin signed client where somebody waits.

That is ingest and the API: the SDK's start would be most of a cold start, its parsing most of a timeline's page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.aws_errors import Call, Refused, failure, reasons_of
from hub.aws_json import JsonService, RestBlobs, Sender, sender
from hub.aws_services import EventBus, SecretsManagerSecrets, SqsQueue, SystemClock
from hub.aws_store import DynamoStore
from hub.connections import StoredConnections
from hub.errors import Reject, Retry
from hub.ports import Blobs, Clock, Http, HttpResponse
from hub.settings import Credentials, Settings
from hub.telemetry import EmfTelemetry
from hub.wiring import Hub

CONNECT_S = 1
READ_S = 5
EDGE_READ_S = 1.0
ATTEMPTS = 3
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def build(settings: Settings, client: Callable[[str], Any] | None = None) -> Hub:
    """The Hub over boto3; `client` makes the clients (default: a session with the house's timeouts and retries)."""
    make = client or _clients(settings)
    blobs = S3Blobs(SdkService("s3", make), settings.bucket)
    return _hub(settings, lambda service: SdkService(service, make), blobs, SystemClock())


def build_edge(
    settings: Settings,
    credentials: Credentials | None = None,
    clock: Clock | None = None,
    *,
    read_s: float = EDGE_READ_S,
) -> Hub:
    """The Hub over the thin client; nothing of the SDK is imported, nothing is connected before the first call.

    An answer of AWS is waited for as long as `read_s`, one of S3 twice that.
    """
    own, clock = credentials or Credentials.from_environment(), clock or SystemClock()

    def sender_to(name: str, patience_s: float) -> Sender:
        return sender(name, settings.region, own, clock, endpoint_url=settings.endpoint_url, read_s=patience_s)

    blobs = RestBlobs(settings.bucket, sender_to("s3", 2 * read_s))
    return _hub(settings, lambda name: JsonService(name, sender_to(name, read_s)), blobs, clock)


def _hub(settings: Settings, service: Callable[[str], Call], blobs: Blobs, clock: Clock) -> Hub:
    dynamodb = service("dynamodb")
    connection_items = DynamoStore(dynamodb, settings.connections_table)
    return Hub(
        settings=settings,
        store=DynamoStore(dynamodb, settings.state_table),
        connection_items=connection_items,
        connections=StoredConnections(connection_items, clock),
        secrets=SecretsManagerSecrets(
            service("secretsmanager"),
            clock,
            prefix=settings.secret_prefix,
            hash_key_secret=settings.hash_key_secret,
        ),
        blobs=blobs,
        queue=SqsQueue(service("sqs"), f"{settings.queue_prefix}{settings.stack}-"),
        bus=EventBus(service("events"), settings.bus),
        http=LazyHttp(settings, clock),
        clock=clock,
        telemetry=EmfTelemetry(clock),
    )


class SdkService:
    """One of boto3's low-level clients, made when first needed and called as the thin client is."""

    def __init__(self, service: str, make: Callable[[str], Any]) -> None:
        self._service = service
        self._make = make
        self._client: Any = None

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The operation's answer; raises Retry or Refused."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        name = f"{self._service}.{operation}"
        self._client = self._client or self._make(self._service)
        try:
            answer: Mapping[str, Any] = getattr(self._client, _WORD.sub("_", operation).lower())(**parameters)
        except ClientError as error:
            response: Mapping[str, Any] = error.response
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            raise failure(name, status, response["Error"].get("Code", ""), reasons_of(response)) from None
        except ParamValidationError:  # its text quotes the parameters
            raise Reject(f"{name}: ParamValidationError") from None
        except BotoCoreError as error:  # no connection, no credentials: nothing that is wrong with the work
            raise Retry(f"{name}: {type(error).__name__}") from None
        return answer


class S3Blobs:
    """The Blobs port on S3."""

    def __init__(self, call: Call, bucket: str) -> None:
        self._call = call
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        """Stores, replacing."""
        self._call("PutObject", {"Bucket": self._bucket, "Key": key, "Body": body})

    def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        try:
            found = self._call("GetObject", {"Bucket": self._bucket, "Key": key})
        except Refused as error:
            if error.code == "NoSuchKey":
                return None
            raise
        return bytes(found["Body"].read())


class LazyHttp:
    """The outbound client, imported when first used: most functions never call a platform and ship no client."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http: Http | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        hosts: Sequence[str],
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,
    ) -> HttpResponse:
        """As the port."""
        if self._http is None:
            self._http = _outbound(self._settings, self._clock)
        return self._http.request(
            method, url, hosts=hosts, headers=headers, json=json, form=form, idempotent=idempotent
        )


def _outbound(settings: Settings, clock: Clock) -> Http:
    from hub.http import HttpClient

    return HttpClient(clock, allow_private=settings.allow_private_hosts == "1")


def _clients(settings: Settings) -> Callable[[str], Any]:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
    session = boto3.Session(region_name=settings.region)
    return lambda service: session.client(service, config=config, endpoint_url=settings.endpoint_url or None)  # type: ignore[call-overload]
