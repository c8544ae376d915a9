"""The fitted linear model: hashed features of messages in, scores of concerns and languages out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.search.features import LONGEST, Features, Hashes, Powers, extract
from knowledge.search.meanings import Meanings
from knowledge.search.spelling import Spelling
from knowledge.search.tokens import WORDS

BITS = 21  # buckets of features: 2 million, a tenth of which are used, so few features share one
TOGETHER = 12  # longest messages read in one go
LONGEST_TEXT = TOGETHER * WORDS * (LONGEST + 1) + 1  # folded characters of the longest of them
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """Columns of weights are the concerns, then the languages. Row 0 is for what was never seen and weighs nothing."""

    concerns: tuple[str, ...]
    languages: tuple[str, ...]
    rows: NDArray[np.int32]  # bucket -> row
    scale: Floats  # row -> how telling the feature is
    weights: NDArray[np.int8]
    step: Floats  # column -> size of one unit of its weights
    bias: Floats
    powers: Powers
    meanings: Meanings
    spelling: Spelling


@dataclass(frozen=True, slots=True)
class Scores:
    """Of n messages: logits of concerns (n, concerns) and languages (n, languages); share of features ever seen (n)."""

    concerns: Floats
    languages: Floats
    known: Floats


def buckets(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The bucket of each feature."""
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


def distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sorted, each once; what np.unique promises, without its hash table, which is slow for many."""
    numbers = np.sort(numbers)
    fresh = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
    return numbers[fresh]


def read(model: Model, docs: Sequence[Sequence[str]]) -> Features:
    """What score() and lean() look at, of messages given as folded words, together at most LONGEST_TEXT."""
    return extract(docs, model.powers, model.meanings)


def score(model: Model, features: Hashes) -> Scores:
    """Scores of the messages that were read. One without a known feature gets the bias alone."""
    keys = distinct((features.doc << BITS) | buckets(features.hashes))
    doc, row = keys >> BITS, model.rows[keys & ((1 << BITS) - 1)]
    every = np.bincount(doc, minlength=features.count)
    doc, row = doc[row > 0], row[row > 0]
    seen = np.bincount(doc, minlength=features.count)
    ends = np.concatenate(([0], np.cumsum(seen)))
    scale, weights = model.scale[row], model.weights[row].astype(np.float32)
    logits = np.zeros((features.count, len(model.bias)), np.float32)
    for i in range(features.count):
        part = slice(ends[i], ends[i + 1])
        if seen[i]:
            logits[i] = (scale[part] @ weights[part]) / np.sqrt(scale[part] @ scale[part])
    logits = logits * model.step + model.bias
    count = len(model.concerns)
    return Scores(logits[:, :count], logits[:, count:], (seen / np.maximum(1, every)).astype(np.float32))


def lean(model: Model, features: Features, wanted: int, other: int) -> Floats:
    """How much each word of a message speaks for concern *wanted* rather than *other*, pairs shared by their words.

    A rare word counts for more: "Bußgeld" explains a decision better than "ich", should both speak for it.
    """
    row = model.rows[buckets(features.hashes)]
    step = model.step
    speaks = model.scale[row] * (model.weights[row, wanted] * step[wanted] - model.weights[row, other] * step[other])
    of_words = row[features.kind == 1]
    shared: Floats = np.zeros(len(of_words), np.float32)
    for reach in (0, 1, 2):
        part = features.kind == reach + 1 if reach else (features.kind <= 1) | (features.kind == 4)
        np.add.at(shared, features.word[part], speaks[part] / (2 if reach else 1))
        if reach:
            np.add.at(shared, features.word[part] + reach, speaks[part] / 2)
    rarity = np.where(of_words > 0, model.scale[of_words], model.scale.max())
    telling: Floats = np.where(shared > 0, shared * rarity, shared / rarity)
    return telling
