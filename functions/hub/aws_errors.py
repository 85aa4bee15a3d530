"""AWS's error codes as words of ours; the services' own texts are never kept, they quote what was sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.errors import HubError, Reject, Retry

Call = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""One AWS operation: its name and its parameters; raises Retry, or Refused with the service's code."""

# Passing faults that come with a 4xx status (botocore's retry rules, standard mode, and the services' API references).
PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "ExpiredToken",
        "ExpiredTokenException",
        "KmsThrottled",
        "KMSThrottlingException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_CODE = re.compile(r"[A-Za-z0-9_.]{1,80}")


class Refused(Reject):
    """AWS will not do it; `code` is its error code, `reasons` one code per item of a cancelled transaction."""

    def __init__(self, operation: str, code: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(f"{operation}: {code}")
        self.code = code
        self.reasons = tuple(reasons)


def failure(operation: str, status: int, code: str, reasons: Sequence[str] = ()) -> HubError:
    """What an answer other than success means: Retry for throttling and 5xx, else Refused."""
    code = code.rpartition("#")[2].partition(":")[0]
    code = code if _CODE.fullmatch(code) else f"status {status}"
    if status >= 500 or status == 429 or code in PASSING:
        return Retry(f"{operation}: {code}")
    return Refused(operation, code, reasons)


def reasons_of(answer: Mapping[str, Any]) -> list[str]:
    """The codes in a TransactionCanceledException, one per item; "None" where the item was not the cause."""
    return [str(reason.get("Code", "None")) for reason in answer.get("CancellationReasons") or ()]
