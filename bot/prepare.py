"""Reads and checks packs in a process of its own, and leaves what it made in the cache: python -m bot.prepare.

Arguments: the cache folder, then the folders with packs. Exit 1: standard output has the places of all problems.
"""

import json
import os
import sys
from pathlib import Path

from knowledge.load import PackError, load

PATIENT = 10  # nice value: those who are waiting for an answer come first


def main(cache: str, *roots: str) -> int:
    os.nice(PATIENT)
    try:
        load([Path(root) for root in roots], cache=Path(cache))
    except PackError as error:
        sys.stdout.write(json.dumps([(problem.file, problem.line) for problem in error.problems]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
