"""Reads and checks packs in a process of its own, and leaves what it made in the cache: python -m bot.prepare.

Arguments: its nice value, the cache folder, then the folders with packs. Exit 1: standard output has the places of all
problems.
"""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from knowledge.load import PackError, load

PATIENT = 10  # nice value while a bot runs: those who are waiting for an answer come first


def command(cache: Path, roots: Iterable[Path], *, nice: int = 0) -> tuple[str, ...]:
    """What starts such a process."""
    return (sys.executable, "-m", "bot.prepare", str(nice), str(cache), *map(str, roots))


def main(nice: str, cache: str, *roots: str) -> int:
    os.nice(int(nice))
    try:
        load([Path(root) for root in roots], cache=Path(cache))
    except PackError as error:
        sys.stdout.write(json.dumps([(problem.file, problem.line) for problem in error.problems]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
