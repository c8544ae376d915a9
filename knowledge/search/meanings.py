"""What words mean, shared by all languages: words of like meaning hold the same concepts.

meanings.npz holds 16 concept numbers for each of 90,000 words of nine languages. It was made once, by grouping the
vectors of an open multilingual model (benchmarks/meanings.py), and is read like any other table: no model is run.
"""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

ENDINGS = (0, 1, 2, 3)  # letters dropped from the end of an unknown word, fewest first
STEM = 4  # letters that must be left


@dataclass(frozen=True, slots=True)
class Meanings:
    """hashes: of folded words, sorted (features.py); concepts: a row of numbers for each."""

    hashes: NDArray[np.uint64]
    concepts: NDArray[np.uint16]

    def of(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each hash its row of concepts, or -1."""
        if not len(self.hashes):
            return np.full(len(hashes), -1, np.int64)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[at] == hashes, at, -1)


def no_meanings() -> Meanings:
    """A table without words, for a search from examples alone."""
    return Meanings(np.empty(0, np.uint64), np.empty((0, 0), np.uint16))


def packaged() -> Meanings:
    """The table that comes with the package."""
    with files("knowledge.search").joinpath("meanings.npz").open("rb") as stream, np.load(stream) as held:
        return Meanings(held["hashes"], held["concepts"])
