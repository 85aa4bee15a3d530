"""What a platform calls our own change though the ledger knows of none: counted, and heard like anybody's.

The ledger decides what is an echo (hub.domain.told); the author that a platform names is a hint. Where such misses grow,
somebody else works under our user, or the platform writes our values in a way of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.customers import fold_claims
from hub.domain.events import RecordChangedData
from hub.domain.told import told


def near_misses(fields: Mapping[str, Any], data: RecordChangedData) -> int:
    """How many of the changed fields are said to be ours and are not; `fields` are the record's registers before.

    Records that we created, and history, say nothing.
    """
    if not data.ours or data.change != "changed" or data.origin == "import":
        return 0
    claims = [one.model_dump() for one in data.claims if one.field in data.changed]
    folded = fold_claims({one["field"]: fields.get(one["field"], {}) for one in claims}, claims)
    known = [(claim["at"], told(folded[claim["field"]])) for claim in claims]
    return sum(1 for at, one in known if one.ours is None and one.held is not None and one.held.at == at)
