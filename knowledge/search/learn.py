"""Fits the model to example messages: logistic regression by stochastic descent in small batches.

Everything is in a fixed order and drawn from a fixed seed, so equal examples give equal bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.search.clean import clean
from knowledge.search.decision import Search
from knowledge.search.features import LONGEST, extract, powers
from knowledge.search.meanings import Meanings, packaged
from knowledge.search.model import BITS, LONGEST_TEXT, Floats, Model, buckets, distinct
from knowledge.search.tokens import WORDS, split_all
from knowledge.search.typos import vocabulary

Ints = NDArray[np.int64]
Lines = NDArray[np.void]
PART = 20_000  # words whose features are extracted in one go: a compromise of memory and calls
BATCH = 16  # messages a step: fewer cost more calls, more learn less in an epoch
EPOCHS = 3  # two do as well for other people's words, but do not learn every example
RATE = 4.0  # of the first epoch; by cross-validation
FADE = 0.6  # of the rate from epoch to epoch
SEEN = (4, 2, 2, 2, 2)  # messages a feature must occur in, by kind as below; n-grams are most of all features
RARITY = 1.3  # power of the inverse frequency of a feature
WEIGHT = (1.0, 1.5, 1.5, 1.5, 1.0)  # weight of n-grams, words, neighbours, one word between, concepts
LEVELLED = 0.5  # power of its number of examples that a concern is not favoured by: we wrote most for danger and none
BIAS_RATE = 0.1  # share of the rate for the bias, which sees every message
SEED = 2022  # any number


@dataclass(frozen=True, slots=True)
class Corpus:
    """Messages as feature rows: message i holds rows[ends[i]:ends[i + 1]], each once, row 0 for none.

    target: for each message its concern column and its language column.
    """

    rows: Ints
    ends: Ints
    norm: Floats
    target: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """Some messages: their targets, the distinct rows they hold, and the features in (message, distinct row).

    place: where a feature stands in that table, read line by line; value: its scale, the length of a message being 1.
    """

    target: Ints
    rows: Ints
    place: Ints
    value: Floats


def fit(examples: Mapping[str, Mapping[str, Sequence[str]]], terms: Mapping[str, Sequence[str]]) -> Search:
    """The search fitted to *examples* (language -> concern -> messages) and *terms* (concern -> key terms).

    Terms count as messages of the first language. ValueError if there are fewer than two concerns or no language.
    """
    languages = tuple(examples)
    concerns = tuple(sorted({concern for of in examples.values() for concern in of} | set(terms)))
    if not languages or len(concerns) < 2:
        raise ValueError(f"{len(languages)} languages and {len(concerns)} concerns; at least 1 and 2 are needed")
    labelled = [(text, of, lang) for lang, said in examples.items() for of, texts in said.items() for text in texts]
    labelled += [(text, of, languages[0]) for of, texts in terms.items() for text in texts]
    docs = split_all([clean(text) for text, _, _ in labelled])
    target = np.array([(concerns.index(of), len(concerns) + languages.index(lang)) for _, of, lang in labelled])
    meanings = packaged()
    keys, kinds = _features(docs, meanings)
    rows, scale = _vocabulary(keys, kinds, len(docs))
    held = rows[keys & ((1 << BITS) - 1)]
    known = np.flatnonzero(held)
    doc, held = keys[known] >> BITS, held[known].astype(np.int64)
    ends = np.searchsorted(doc, np.arange(len(docs) + 1))
    norm = np.sqrt(np.bincount(doc, scale[held] ** 2, len(docs))).astype(np.float32)
    corpus = Corpus(held, ends, np.maximum(norm, 1e-6), target)
    weights, bias = _descend(corpus, scale, len(concerns), len(languages))
    written = np.bincount(target[:, 0], minlength=len(concerns))
    bias[: len(concerns)] -= LEVELLED * np.log(written / np.median(written))
    step = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127  # the largest int8
    small = np.rint(weights / step).astype(np.int8)
    table = powers(LONGEST_TEXT)
    return Search(
        Model(concerns, languages, rows, scale, small, step.astype(np.float32), bias, table, meanings, vocabulary(docs))
    )


def _features(docs: Sequence[Sequence[str]], meanings: Meanings) -> tuple[Ints, NDArray[np.int8]]:
    """Each distinct pair of message and bucket as one number, sorted; and the kind of each bucket."""
    kinds = np.zeros(1 << BITS, np.int8)
    found: list[Ints] = []
    table = powers(PART * (LONGEST + 1) + WORDS * (LONGEST + 1))
    for start, end in _parts(docs):
        features = extract(docs[start:end], table, meanings)
        bucket = buckets(features.hashes)
        kinds[bucket] = features.kind
        found.append(distinct(((features.doc + start) << BITS) | bucket))
    return np.concatenate(found) if found else np.empty(0, np.int64), kinds


def _parts(docs: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    start, words = 0, 0
    for i, doc in enumerate(docs):
        words += len(doc)
        if words >= PART or i == len(docs) - 1:
            yield start, i + 1
            start, words = i + 1, 0


def _vocabulary(keys: Ints, kinds: NDArray[np.int8], count: int) -> tuple[NDArray[np.int32], Floats]:
    """Bucket -> row for features of SEEN messages, and the scale of each row: rare is telling."""
    seen = np.bincount(keys & ((1 << BITS) - 1), minlength=1 << BITS)
    used = np.flatnonzero(seen >= np.array(SEEN)[kinds])
    rows = np.zeros(1 << BITS, np.int32)
    rows[used] = np.arange(1, len(used) + 1, dtype=np.int32)
    rarity = np.log1p(count / seen[used]) ** RARITY * np.array(WEIGHT)[kinds[used]]
    return rows, np.concatenate(([0.0], rarity)).astype(np.float32)


def _descend(corpus: Corpus, scale: Floats, concerns: int, languages: int) -> tuple[Floats, Floats]:
    """Weights (rows, concerns + languages) of features already scaled, and the bias.

    Meanwhile frequent rows lie side by side: fetching rows from memory is most of the time.
    """
    order = np.argsort(-np.bincount(corpus.rows, minlength=len(scale)), kind="stable")
    place = np.argsort(order)
    corpus, scale = replace(corpus, rows=place[corpus.rows]), scale[order]
    chance = np.random.default_rng(SEED)
    batches = list(_batches(corpus, scale, chance))
    weights = np.zeros((len(scale), concerns + languages), np.float32)
    lines = weights.view(np.dtype((np.void, weights[0].nbytes))).ravel()  # whole rows move faster than cells
    bias = np.zeros(concerns + languages, np.float32)
    for epoch in range(EPOCHS):
        rate = RATE * FADE**epoch
        for at in chance.permutation(len(batches)).tolist():
            _step(lines, bias, batches[at], concerns, rate)
    return weights[place], bias


def _step(lines: Lines, bias: Floats, batch: Batch, concerns: int, rate: float) -> None:
    """Moves the weights, given as *lines*, and *bias* against what they get wrong in *batch*."""
    held = np.zeros((len(batch.target), len(batch.rows)), np.float32)
    held.ravel()[batch.place] = batch.value
    here = lines[batch.rows].view(np.float32).reshape(-1, len(bias))
    wrong = held @ here + bias
    _softmax(wrong[:, :concerns])
    _softmax(wrong[:, concerns:])
    wrong[np.arange(len(wrong))[:, None], batch.target] -= 1.0
    wrong *= rate
    here -= held.T @ wrong
    lines[batch.rows] = here.view(lines.dtype).ravel()
    bias -= BIAS_RATE * wrong.mean(axis=0)


def _batches(corpus: Corpus, scale: Floats, chance: np.random.Generator) -> Iterator[Batch]:
    """All messages, by chance, but a batch is of one language where possible: it has fewer distinct rows then."""
    order = chance.permutation(len(corpus.target))
    order = order[np.argsort(corpus.target[order, 1], kind="stable")]
    column_of = np.empty(len(scale), np.int64)  # row -> place among the rows of the batch at hand
    for start in range(0, len(order), BATCH):
        messages = order[start : start + BATCH]
        held = [corpus.rows[corpus.ends[i] : corpus.ends[i + 1]] for i in messages.tolist()]
        every = np.concatenate(held)
        rows = distinct(every)
        column_of[rows] = np.arange(len(rows))
        line = np.repeat(np.arange(len(held)), [len(one) for one in held])
        yield Batch(
            corpus.target[messages],
            rows,
            line * len(rows) + column_of[every],
            scale[every] / corpus.norm[messages[line]],
        )


def _softmax(logits: Floats) -> None:
    """Turns rows of logits into shares, in place."""
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
