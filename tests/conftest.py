"""How the tests are shared out to workers (`-n 2 --dist loadgroup`): file by file, and all that need a stack to one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


@pytest.hookimpl(tryfirst=True)  # before the workers name the groups
def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Tests of one file stay together, so that what they share is made once; there is one stack."""
    for item in items:
        stack = item.get_closest_marker("e2e") is not None
        item.add_marker(pytest.mark.xdist_group("a stack" if stack else item.location[0]))
