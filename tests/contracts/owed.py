"""What one connector still owes, in sentences: `python -m tests.contracts.owed FOLDER MODULE`; exit code 1 if anything."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contracts.conformance import CHECKS
from tests.contracts.evidence import Evidence, gather


def owed(evidence: Evidence) -> Iterator[str]:
    """One sentence for each check that fails: the promise, and what is missing or wrong."""
    for check in CHECKS.values():
        try:
            check(evidence)
        except AssertionError as error:
            yield f"{_promise(check.__doc__)} Not yet: {str(error).splitlines()[0] if str(error) else 'it does not hold'}."
        except Exception as error:  # an unfinished connector may break anything
            yield f"{_promise(check.__doc__)} Not yet: it raises {type(error).__name__}."


def _promise(text: str | None) -> str:
    return " ".join((text or "").split())


def main(folder: Path, module: str) -> int:
    """Prints what is owed; 1 where anything is."""
    evidence = gather(importlib.import_module(module).CONNECTOR, folder, module)
    sentences = list(owed(evidence))
    for sentence in sentences or ["Nothing: it keeps every promise of bronze."]:
        print(f"- {sentence}")
    return int(bool(sentences))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
