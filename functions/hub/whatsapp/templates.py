"""Message templates: status, quality, category and content, told apart by their keys and not by the field's name.

One of Meta's own examples has a change of quality under the field of the status (read in mirrors, 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hub.domain.events import TemplateData
from hub.parsing import dict_at, id_at, text_at
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.reading import Json, Unreadable, digest, without

FIELDS = frozenset(
    {
        *("message_template_status_update", "message_template_quality_update", "message_template_components_update"),
        *("template_category_update", "template_correct_category_detection"),
    }
)
STATES: Mapping[str, Literal["usable", "paused", "unusable", "pending", "deleted"]] = {
    **dict.fromkeys(("APPROVED", "REINSTATED", "UNARCHIVED"), "usable"),
    **dict.fromkeys(("PAUSED", "LIMIT_EXCEEDED"), "paused"),
    **dict.fromkeys(("REJECTED", "DISABLED", "LOCKED", "ARCHIVED"), "unusable"),
    **dict.fromkeys(("PENDING", "IN_APPEAL"), "pending"),
    **dict.fromkeys(("DELETED", "PENDING_DELETION"), "deleted"),
    "FLAGGED": "usable",
}
_PREFIX = "message_template_"
_OURS = tuple(_PREFIX + name for name in ("id", "name", "language", "category"))


def read_template(context: Context, value: Json) -> Part:
    """What changed about one template; `language` as Meta writes it, with a hyphen or an underscore."""
    template, name = id_at(value, _PREFIX + "id"), text_at(value, _PREFIX + "name")
    subject = template or name
    if not subject:
        raise Unreadable("message_template_id")
    event, quality = id_at(value, "event"), id_at(value, "new_quality_score")
    data = TemplateData(
        subject=subject,
        status=event,
        name=name,
        language=text_at(value, _PREFIX + "language"),
        state=STATES.get(event or "", "unknown"),
        category=id_at(value, "new_category") or id_at(value, _PREFIX + "category"),
        previous_category=id_at(value, "previous_category"),
        quality=quality,
        reason=_reason(value),
        native={"field": context.field, **without(value, *_OURS)},
    )
    return context.event("template.changed", data, value, subject=subject, key=(subject, digest([context.at, value])))


def _reason(value: Json) -> str | None:
    reason = text_at(value, "reason")
    said = text_at(value, "rejection_info", "reason") or text_at(dict_at(value, "other_info"), "description")
    return said if reason in (None, "NONE") else reason
