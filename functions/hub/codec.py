"""What a codec is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


class Unfit(ValueError):
    """A value that cannot be told in the other words; the sentence says why and never holds the value."""


def equal(one: str, other: str) -> bool:
    """Whether two of our values are the same text."""
    return one == other


@dataclass(frozen=True, slots=True)
class Codec:
    """`read` gives our text (None: empty) for a platform's value that is neither None nor "", `write` the platform's
    value for our text; both raise Unfit. `same` says whether two of our texts are the same to the platform.

    `given` is what read and write take beside the value: the account's owners, or (read) and give (write) a currency.
    `plain`: reading is only stripping a text, writing nothing at all. `cleared` is how an empty one is written where
    the map's own way does not do.
    """

    read: Callable[..., str | None]
    write: Callable[..., Any]
    same: Callable[[str, str], bool] = equal
    given: Literal["", "owners", "currency"] = ""
    plain: bool = False
    cleared: Any = None
