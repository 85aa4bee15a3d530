"""The functions with one line of theirs written wrong: what a mistake in the code itself would do.

The module with the mistake, and all that import it, are loaded once more beside the right ones; nothing stays behind.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

import hub
from tests.harness.world import Handler

ROOT = Path(hub.__file__).parent.parent
FUNCTIONS = ("map_crm", "sync_customers", "sync_crm", "reconcile_records", "import_records", "publish_changes")


@dataclass(frozen=True, slots=True)
class Slip:
    """In the module named so, `wrong` stands where `right` should."""

    module: str
    right: str
    wrong: str

    @property
    def source(self) -> str:
        """The module's text with the mistake; AssertionError where `right` is not there exactly once."""
        text = _path(self.module).read_text("utf-8")
        assert text.count(self.right) == 1, f"{self.module} does not have once: {self.right}"
        return text.replace(self.right, self.wrong)


def handlers_with(slip: Slip) -> dict[str, Handler]:
    """The handlers of the functions that the mistake concerns."""
    concerned = _importers(slip.module)
    with _reloading(slip, concerned):
        return {
            function: importlib.import_module(f"{function}.handler").handler
            for function in FUNCTIONS
            if f"{function}.handler" in concerned
        }


class _Finder(MetaPathFinder, Loader):
    def __init__(self, slip: Slip) -> None:
        self._slip = slip

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Only the module with the mistake."""
        return spec_from_loader(name, self) if name == self._slip.module else None

    def exec_module(self, module: ModuleType) -> None:
        """Runs the text with the mistake."""
        exec(compile(self._slip.source, f"{self._slip.module} with a mistake", "exec"), module.__dict__)


@contextmanager
def _reloading(slip: Slip, concerned: frozenset[str]) -> Iterator[None]:
    right = {name: sys.modules.pop(name) for name in sorted(concerned) if name in sys.modules}
    _attach(concerned, {})
    finder = _Finder(slip)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in concerned:
            sys.modules.pop(name, None)
        sys.modules.update(right)
        _attach(concerned, right)


def _attach(names: frozenset[str], modules: Mapping[str, ModuleType]) -> None:
    """Packages have exactly these modules of `names` as attributes."""
    for name in names:
        package, _, child = name.rpartition(".")
        parent = sys.modules.get(package)
        if parent is None:
            continue
        if name in modules:
            setattr(parent, child, modules[name])
        elif child in parent.__dict__:
            delattr(parent, child)


@cache
def _importers(module: str) -> frozenset[str]:
    """The module and whatever imports it, at first or second hand."""
    found, imports = {module}, _imports()
    while more := {name for name, known in imports.items() if name not in found and known & found}:
        found |= more
    return frozenset(found)


@cache
def _imports() -> dict[str, frozenset[str]]:
    return {_name(path): frozenset(_imported(path)) for path in ROOT.rglob("*.py") if "connectors" not in path.parts}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _name(path: Path) -> str:
    parts: Sequence[str] = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _path(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")
