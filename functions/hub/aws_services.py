"""The ports on EventBridge, SQS and Secrets Manager, and the system's clock."""

from __future__ import annotations

import json
import math
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.aws_errors import Call, Refused
from hub.errors import Quarantine
from hub.ports import MAX_POSTPONE_S, Clock
from hub.publishing import check, chunks, encode
from hub.remembered import Remembered

FRESH_S = 300.0
ABSENT_FRESH_S = 5.0
JITTER = 0.2  # so that containers do not all read at the same moment
MAX_REASON = 256
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


class EventBus:
    """The Bus on EventBridge."""

    def __init__(self, call: Call, bus: str) -> None:
        self._call = call
        self._bus = bus

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        """Publishes in requests of at most 10 and 900 KB; returns what was not accepted or could never be.

        Raises Retry or Refused where a whole request failed; what went before it is then published twice.
        """
        entries = {index: self._entry(event) for index, event in enumerate(events) if _can_be_carried(event)}
        failed = [index for index in range(len(events)) if index not in entries]
        for chunk in chunks(list(entries), [len(entry["Detail"].encode()) for entry in entries.values()]):
            answer = self._call("PutEvents", {"Entries": [entries[index] for index in chunk]})
            results = zip(chunk, answer.get("Entries", ()), strict=True)
            failed += [index for index, result in results if result.get("ErrorCode")]
        return sorted(failed)

    def _entry(self, event: Mapping[str, Any]) -> dict[str, str]:
        return {
            "EventBusName": self._bus,
            "Source": f"renkei.{event['platform']}",
            "DetailType": str(event["type"]),
            "Detail": encode(event),
        }


class SqsQueue:
    """The Queue on SQS; `prefix` is what comes before a queue's name in its URL."""

    def __init__(self, call: Call, prefix: str) -> None:
        self._call = call
        self._prefix = prefix

    def send(self, queue: str, body: str, *, reason: str = "") -> None:
        """Sends one message, with the reason as the attribute `reason`."""
        message: dict[str, Any] = {"QueueUrl": f"{self._prefix}{queue}", "MessageBody": body}
        if reason:
            text = _UNPRINTABLE.sub("?", reason)[:MAX_REASON]
            message["MessageAttributes"] = {"reason": {"DataType": "String", "StringValue": text}}
        self._call("SendMessage", message)

    def postpone(self, queue: str, receipt: str, seconds: float) -> None:
        """Changes the message's visibility timeout; raises Refused for a receipt that is no longer good."""
        hidden_s = max(0, min(math.ceil(seconds), MAX_POSTPONE_S))
        received = {"QueueUrl": f"{self._prefix}{queue}", "ReceiptHandle": receipt}
        self._call("ChangeMessageVisibility", {**received, "VisibilityTimeout": hidden_s})


class SecretsManagerSecrets:
    """Secrets in Secrets Manager: five minutes fresh, up to 15 old while it cannot be read; {} where there are none."""

    def __init__(
        self,
        call: Call,
        clock: Clock,
        *,
        prefix: str,
        hash_key_secret: str,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._call = call
        self._prefix = prefix
        self._hash_key_secret = hash_key_secret
        self._jitter = jitter
        self._hash_key = b""
        self._remembered: Remembered[Mapping[str, Any]] = Remembered(clock, self._fresh_s)

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
        """The connection's secrets; raises Retry or Refused where nothing is remembered, or it must be fresh."""
        if fresh:
            self._remembered.set(connection_id, self._read(connection_id))
        return self._remembered.get(connection_id, self._read)

    def write(self, connection_id: str, secrets: Mapping[str, Any]) -> None:
        """Replaces the connection's secrets, creating them."""
        name, text = f"{self._prefix}{connection_id}", json.dumps(secrets)
        try:
            self._call("PutSecretValue", {"SecretId": name, "SecretString": text})
        except Refused as error:
            if error.code != "ResourceNotFoundException":
                raise
            self._call("CreateSecret", {"Name": name, "SecretString": text})
        self._remembered.set(connection_id, json.loads(text))

    def hash_key(self) -> bytes:
        """The deployment's hash key, read once."""
        if not self._hash_key:
            self._hash_key = str(self._value(self._hash_key_secret)).encode()
        return self._hash_key

    def _read(self, connection_id: str) -> Mapping[str, Any]:
        try:
            secrets = json.loads(self._value(f"{self._prefix}{connection_id}"))
        except Refused as error:
            if error.code in ("ResourceNotFoundException", "InvalidRequestException"):  # absent, or being deleted
                return {}
            raise
        except ValueError:  # whatever was written there by hand proves nothing
            return {}
        return secrets if isinstance(secrets, dict) else {}

    def _value(self, name: str) -> str:
        return str(self._call("GetSecretValue", {"SecretId": name})["SecretString"])

    def _fresh_s(self, secrets: Mapping[str, Any]) -> float:
        return FRESH_S * (1 - JITTER * self._jitter()) if secrets else ABSENT_FRESH_S


def _can_be_carried(event: Mapping[str, Any]) -> bool:
    try:
        check(event)
    except Quarantine:
        return False
    return True
