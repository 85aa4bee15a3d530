"""Where the author that a platform names and the ledger disagree about who changed a field: counted.

The ledger decides what is an echo (hub.domain.told); the author is a hint. What is said to be ours and is in no note of
the ledger is heard like anybody's; what is in one is an echo, whoever is said to have written it. Where such misses
grow, somebody works under our user, or the platform writes our values in a way or a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.customers import fold_claims
from hub.domain.events import RecordChangedData
from hub.domain.told import told


def near_misses(fields: Mapping[str, Any], data: RecordChangedData) -> int:
    """How many of the changed fields are said to be ours and are not, or are and are said not to be; `fields` are the
    record's registers before.

    Records that we created, history, and platforms that do not name an author say nothing.
    """
    if data.ours is None or data.change != "changed" or data.origin == "import":
        return 0
    claims = [one.model_dump() for one in data.claims if one.field in data.changed]
    folded = fold_claims({one["field"]: fields.get(one["field"], {}) for one in claims}, claims)
    known = [(claim["at"], told(folded[claim["field"]])) for claim in claims]
    return sum(
        1 for at, one in known if one.held is not None and one.held.at == at and (one.ours is not None) is not data.ours
    )
