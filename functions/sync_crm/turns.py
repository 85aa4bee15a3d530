"""Every connection has its turn: what one platform refuses or puts off is no reason to leave out another."""

from __future__ import annotations

from collections.abc import Callable

from hub.errors import Conflict, Reject, Retry


class Turns:
    """Does pieces of work one by one and says at the end what failed; repeating what was done must change nothing."""

    def __init__(self) -> None:
        self._later: dict[str, Retry | Conflict] = {}
        self._never: list[Reject] = []

    def take(self, connection_id: str, work: Callable[[], object]) -> None:
        """Does the work, unless its connection has put off another piece already."""
        if connection_id in self._later:
            return
        try:
            work()
        except (Retry, Conflict) as error:
            self._later[connection_id] = error
        except Reject as error:
            self._never.append(error)

    def settle(self) -> None:
        """Raises the longest wait, else the first refusal: that will be met again once nothing waits any more."""
        if self._later:
            raise max(self._later.values(), key=lambda error: getattr(error, "after_s", 0))
        if self._never:
            raise self._never[0]
