"""An event of the manager interface, and where it says which channel of which call, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.domain.events import instant
from hub.parsing import id_at
from hub.pbx import Heard

# Of the many lines of an event, what is passed on beside our own fields.
KEPT = (
    "Channel",
    "ChannelStateDesc",
    "Cause",
    "Cause-txt",
    "DialStatus",
    "Reason",
    "Position",
    "Count",
    "Result",
    "DestType",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One event; `stamp` tells it from another of the same name on the same channel."""

    name: str
    fields: Mapping[str, Any]
    stamp: str
    heard_at: str | None

    @classmethod
    def of(cls, heard: Heard) -> Line:
        """The bridge's event."""
        stamp = id_at(heard.event, "Timestamp") or heard.id
        return cls(id_at(heard.event, "Event") or "", heard.event, stamp, heard.at)

    def get(self, name: str) -> str | None:
        """A line that has a value; AMI writes `<unknown>` and `<null>` where there is none."""
        found = self.fields.get(name)
        text = str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else None
        return None if text in (None, "", "<unknown>", "<null>", "(null)") else text


def legs(line: Line, prefix: str = "") -> dict[str, str | None] | None:
    """Call, channel and parent: Linkedid is the id of the channel that began the call. None where no channel is named."""
    leg = line.get(prefix + "Uniqueid") or line.get(prefix + "UniqueID")
    if leg is None:
        return None
    call = line.get(prefix + "Linkedid") or line.get("Linkedid") or leg
    by = line.get("Uniqueid") if prefix == "Dest" else None
    return {"call_id": call, "leg_id": leg, "parent_leg_id": None if leg == call else by or call}


def moment(line: Line) -> str | None:
    """Asterisk's own time where `timestampevents` is on (Unix seconds with a fraction), else when the bridge heard it."""
    try:
        return instant(int(Decimal(line.get("Timestamp") or "0") * 1000))
    except (InvalidOperation, ValueError, OverflowError):
        return line.heard_at


def rest(line: Line) -> dict[str, str]:
    """Asterisk's own words that have no field of ours."""
    return {name: text for name in KEPT if (text := line.get(name))}
