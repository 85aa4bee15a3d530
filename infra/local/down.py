"""`make down`: stops what an interrupted `make up` left running, and nothing else."""

from __future__ import annotations

import sys

from infra.local.place import from_arguments
from infra.local.running import take_down


def main() -> int:
    """Always 0."""
    stopped = take_down(from_arguments())
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
