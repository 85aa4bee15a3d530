"""Which of our own numbers, channels and apps belong to a connection."""

from __future__ import annotations

from hub.delivery import Connection


def owns(connection: Connection, setting: str, value: str) -> bool:
    """Whether the setting (a list, or one text with commas) names the value; without the setting all is ours."""
    owned = connection.settings.get(setting)
    if owned is None:
        return True
    return value in {str(one).strip() for one in (owned if isinstance(owned, list | tuple) else str(owned).split(","))}
