"""Desks for the client suite: at the end each is asked whether the platform took every request and no text told a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contracts.clients_desk import Desk


@pytest.fixture
def desk_of() -> Iterator[Callable[[str], Desk]]:
    """`desk_of(connector)`: an account on its stand-in, judged when the test is over."""
    opened: list[Desk] = []

    def of(connector: str) -> Desk:
        opened.append(Desk.of(connector))
        return opened[-1]

    yield of
    for desk in opened:
        assert desk.refused() == [], "requests that the platform did not take"
        assert desk.personal() == [], "texts that tell a value"
