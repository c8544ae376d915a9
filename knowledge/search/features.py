"""Turns folded words into hashed features, for one message or a whole corpus at once.

Every substring's hash comes from one prefix sum (polynomial hash modulo 2^64), so n-grams, words, word pairs
and compound parts cost a few array operations each, however many messages there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.search.meanings import ENDINGS, STEM, Meanings

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

GRAMS = (3, 4, 5)  # lengths of character n-grams within a word, its edges counted as a character; by cross-validation
LONGEST = 40  # characters of a word that count
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so it has an inverse modulo 2^64
_BASE_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xD6E8FEB86659FD93)
_PAIR = np.uint64(0xA24BAED4963EE407)
_SKIP = np.uint64(0x9FB21C651E98DF25)
_WORD = np.uint64(0x2545F4914F6CDD1D)
_CONCEPT = np.uint64(0xC2B2AE3D27D4EB4F)
KINDS = 5
_SHIFT = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Powers:
    """_BASE^i and its inverse for i < len; made once, because a message needs only a slice."""

    up: U64
    down: U64


@dataclass(frozen=True, slots=True)
class Hashes:
    """Hashes of the features of *count* messages in a row; feature i belongs to message doc[i]."""

    hashes: U64
    doc: I64
    count: int


@dataclass(frozen=True, slots=True)
class Features(Hashes):
    """The same, and where they come from: feature i from word[i] (and the next ones).

    kind: 0 n-gram, 1 word, 2 neighbours, 3 one word between, 4 concept. whole: the hash of each word, not mixed yet.
    """

    word: I64
    kind: NDArray[np.int8]
    whole: U64


def powers(length: int) -> Powers:
    """Tables for texts of up to *length* characters."""
    up = np.full(length, _BASE, np.uint64)
    down = np.full(length, _BASE_INVERSE, np.uint64)
    up[0] = down[0] = np.uint64(1)
    return Powers(np.multiply.accumulate(up), np.multiply.accumulate(down))


def extract(docs: Sequence[Sequence[str]], table: Powers, meanings: Meanings) -> Features:
    """The features of every message in *docs*, a message being its folded words.

    Ordered by kind and place, not by message. An empty message has none.
    """
    words = [word[:LONGEST] for doc in docs for word in doc]
    owner = np.repeat(np.arange(len(docs)), [len(doc) for doc in docs])
    if not words:
        none = np.empty(0, np.uint64)
        return Features(none, owner, len(docs), owner, np.empty(0, np.int8), none)
    text = f" {' '.join(words)} "
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * table.up[: len(codes)], out=sums[1:])
    space = codes == 32
    of_word = np.cumsum(space) - 1  # a space belongs to the word after it
    grams = [_grams(sums, space, n, table) for n in GRAMS]
    edges = np.flatnonzero(space)
    start, end = edges[:-1] + 1, edges[1:]
    whole = (sums[end] - sums[start]) * table.down[start]
    near, apart, pairs = _pairs(whole, owner)
    meant, concepts = _concepts(sums, start, end, table, meanings)
    hashes = [h for _, h in grams]
    words_of = [of_word[at] for at, _ in grams]
    hashes += [whole * _WORD, pairs, concepts]
    words_of += [np.arange(len(whole)), near, apart, meant]
    sizes = (sum(len(at) for at, _ in grams), len(whole), len(near), len(apart), len(meant))
    kinds = np.repeat(np.arange(KINDS, dtype=np.int8), sizes)
    place = np.concatenate(words_of)
    return Features(_mixed(np.concatenate(hashes)), owner[place], len(docs), place, kinds, whole)


def shortened(features: Features, kept: NDArray[np.bool_]) -> Hashes:
    """What extract() finds in shorter forms of the one message of *features*: form i keeps its words where kept[i].

    Only pairs change when a word is taken out, so the letters need not be read again.
    """
    alone = np.flatnonzero((features.kind <= 1) | (features.kind == 4))
    form, which = np.nonzero(kept[:, features.word[alone]])
    owner, word = np.nonzero(kept)
    near, apart, pairs = _pairs(features.whole[word], owner)
    hashes = np.concatenate((features.hashes[alone[which]], _mixed(pairs)))
    return Hashes(hashes, np.concatenate((form, owner[near], owner[apart])), len(kept))


def word_hash(words: Sequence[str], table: Powers) -> U64:
    """The hashes by which Meanings knows folded *words*."""
    text = f" {' '.join(word[:LONGEST] for word in words)} "
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * table.up[: len(codes)], out=sums[1:])
    edges = np.flatnonzero(codes == 32)
    return (sums[edges[1:]] - sums[edges[:-1] + 1]) * table.down[edges[:-1] + 1]


def _pairs(whole: U64, owner: I64) -> tuple[I64, I64, U64]:
    """First words of neighbours, first words of those with one word between, and the hashes of both in this order."""
    near = np.flatnonzero(owner[1:] == owner[:-1])
    apart = np.flatnonzero(owner[2:] == owner[:-2])
    hashes = (whole[near] * _PAIR + whole[near + 1], whole[apart] * _SKIP + whole[apart + 2])
    return near, apart, np.concatenate(hashes)


def _concepts(sums: U64, start: I64, end: I64, table: Powers, meanings: Meanings) -> tuple[I64, U64]:
    """Words and hashes of what they mean; an unknown word means what it means without its last letters."""
    row = np.full(len(start), -1, np.int64)
    for cut in ENDINGS:
        open_ = np.flatnonzero((row < 0) & (end - start >= (STEM + cut if cut else 1)))
        if len(open_):
            first, last = start[open_], end[open_] - cut
            row[open_] = meanings.of((sums[last] - sums[first]) * table.down[first])
    meant = np.flatnonzero(row >= 0)
    concepts = meanings.concepts[row[meant]]
    return np.repeat(meant, concepts.shape[1]), (concepts.ravel().astype(np.uint64) + np.uint64(1)) * _CONCEPT


def _grams(sums: U64, space: NDArray[np.bool_], n: int, table: Powers) -> tuple[I64, U64]:
    """Starts and hashes of the *n* characters long pieces that lie within one word and its edges."""
    last = len(space) - n + 1
    if last <= 0:
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    broken = np.zeros(last, np.bool_)
    for inner in range(1, n - 1):
        broken |= space[inner : inner + last]
    at = np.flatnonzero(~broken)
    return at, (sums[at + n] - sums[at]) * table.down[at]


def _mixed(hashes: U64) -> U64:
    """Spreads the low bits of a polynomial hash over all 64."""
    spread = (hashes ^ (hashes >> _SHIFT)) * _MIX
    return (spread ^ (spread >> _SHIFT)) * _MIX
