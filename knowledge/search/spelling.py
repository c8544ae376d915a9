"""Finds the words of a vocabulary that are at most two typing mistakes away from a given one.

Two words at distance d meet after at most d letters are deleted from each (SymSpell). The hashes of all deletions of
the first eight letters are sorted in one array; what is found there is verified with rapidfuzz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

HEAD = 8  # letters of a word that are deleted from; mistakes further on only need verifying
_BASE = 0x9E3779B97F4A7C15
_KEEPS = tuple(keep for gone in (0, 1, 2) for keep in combinations(range(HEAD), HEAD - gone))
_ONE = 1 + HEAD  # the first entries of _KEEPS: nothing or one letter gone
_FACTORS = tuple(
    tuple(pow(_BASE, keep.index(letter), 1 << 64) if letter in keep else 0 for keep in _KEEPS) for letter in range(HEAD)
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """Immutable index over *words*; owner[i] is the place in *words* of the deletion with hash hashes[i], sorted."""

    words: tuple[str, ...]
    hashes: NDArray[np.uint64]
    owner: NDArray[np.int32]

    @classmethod
    def build(cls, words: Sequence[str]) -> "Spelling":
        """Index of *words*, which are distinct and folded."""
        table = _deletions(words)
        distinct, owner = _without_repeats(table)
        order = np.argsort(distinct, kind="stable")
        return cls(tuple(words), distinct[order], owner[order])

    def near(self, asked: Sequence[str]) -> list[list[tuple[int, float]]]:
        """For each word asked, the places of similar words with likeness below 1, best first, at most 8.

        Words of up to 3 letters are like none, up to 6 letters one mistake is allowed, then two.
        """
        table = _deletions(asked)
        left = np.searchsorted(self.hashes, table.ravel(), "left")
        hit = np.flatnonzero(self.hashes[np.minimum(left, len(self.hashes) - 1)] == table.ravel())
        right = np.searchsorted(self.hashes, table.ravel()[hit], "right")
        places: list[set[int]] = [set() for _ in asked]
        for at, lo, hi in zip(hit.tolist(), left[hit].tolist(), right.tolist(), strict=True):
            row, way = divmod(at, len(_KEEPS))
            if way < _ONE or len(asked[row]) > 6:
                places[row].update(self.owner[lo:hi].tolist())
        return [self._verified(word, places[row]) for row, word in enumerate(asked)]

    def _verified(self, word: str, places: set[int]) -> list[tuple[int, float]]:
        allowed = 0 if len(word) <= 3 else 1 if len(word) <= 6 else 2
        like: list[tuple[int, float]] = []
        for place in places if allowed else ():
            other = self.words[place]
            if -allowed <= len(other) - len(word) <= allowed:
                mistakes = OSA.distance(word, other, score_cutoff=allowed)
                if 0 < mistakes <= allowed:
                    like.append((place, 1.0 - mistakes / min(len(word), len(other))))
        like.sort(key=lambda one: (-one[1], one[0]))
        return like[:8]


def _deletions(words: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes of the head of each word without up to two of its letters; shape (words, ways to delete)."""
    heads = "".join(word[:HEAD].ljust(HEAD, "\0") for word in words)
    codes = np.frombuffer(heads.encode("utf-32-le", "surrogatepass"), np.uint32).reshape(len(words), HEAD)
    return codes.astype(np.uint64) @ _weights()


def _weights() -> NDArray[np.uint64]:
    """Column k holds, for each letter that way k keeps, the factor of the place it moves to; others weigh nothing.

    The zeros that fill up a short head add nothing either.
    """
    return np.array(_FACTORS, np.uint64)


def _without_repeats(table: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The hashes of each row once, and the row they belong to."""
    rows = np.sort(table, axis=1)
    fresh = np.ones(rows.shape, np.bool_)
    fresh[:, 1:] = rows[:, 1:] != rows[:, :-1]
    return rows[fresh], np.repeat(np.arange(len(table), dtype=np.int32), fresh.sum(axis=1))
