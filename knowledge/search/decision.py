"""From scores to a decision: calibrated shares, confidence, language, and the words that decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

import numpy as np

from knowledge.search.clean import clean
from knowledge.search.features import Features, shortened
from knowledge.search.language import recognised
from knowledge.search.model import Floats, Model, lean, read, score
from knowledge.search.tokens import Words, split
from knowledge.search.typos import corrected

PART = 500  # messages scored at once
OUTSIDE = "sonstiges"  # the concern of messages that are none of ours; docs/packs.md
SHOWN = 5  # concerns of a ranking
DEFAULT_LANGUAGE = "de"  # of a message that holds nothing readable
SHARPNESS = 1.15  # factor on logits; by cross-validation, so that shares are frequencies
# Confidence is logistic in the log odds against OUTSIDE and in the share of features ever seen.
CONFIDENCE = (-2.0, 0.92, 2.3)  # by cross-validation
SIZES = (1, 2, 3, 4, 6, 8, 12, 20, 40, 100, 200)  # numbers of words whose removal is tried
OFTEN = 3  # of SIZES, tried first: they are enough for most messages


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a message is about.

    concerns: at most 5 with their calibrated share 0..1, best first, ties by id; empty if there is nothing to read.
    confidence: chance that the message is in scope, 0..1.
    why: words as written that decided; without them the best concern is another (or there is nothing left to read).
    language: recognised, one of the fitted codes.
    """

    concerns: tuple[tuple[str, float], ...]
    confidence: float
    why: tuple[str, ...] = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class Search:
    """Ranks concerns. Immutable; rank() is pure."""

    model: Model

    def rank(self, text: str, *, audience: str | None = None) -> Ranking:
        """The ranking of *text*, of which the first 2,000 characters count.

        *audience* does not count so far: who asks says less than what is asked, and examples are not marked with it.
        """
        del audience
        typed = split(clean(text))
        model = self.model
        words = Words(typed.written, corrected(typed.folded, model.spelling, model.meanings, model.powers))
        if not words.folded:
            return Ranking((), 0.0, (), DEFAULT_LANGUAGE)
        features = read(model, [words.folded])
        scores = score(model, features)
        shares = _shares(scores.concerns)[0]
        best = np.argsort(-shares, kind="stable")[:SHOWN]
        concerns = tuple((self.model.concerns[i], round(float(shares[i]), 4)) for i in best)
        confidence = _confidence(self.model, scores.concerns[0], float(scores.known[0]))
        why = self._why(words, features, int(best[0]), int(best[1])) if len(best) > 1 else ()
        return Ranking(concerns, confidence, why, recognised(scores.languages[0], self.model.languages, words.written))

    def leads(self, messages: Sequence[tuple[str, str]]) -> list[float]:
        """For each (text, concern): the share of that concern less the largest share of another one."""
        found: list[float] = []
        for start in range(0, len(messages), PART):
            part = messages[start : start + PART]
            docs = [split(clean(text)).folded for text, _ in part]
            shares = _shares(score(self.model, read(self.model, docs)).concerns)
            for row, (_, concern) in zip(shares, part, strict=True):
                own = self.model.concerns.index(concern)
                found.append(float(row[own] - np.delete(row, own).max()))
        return found

    def _why(self, words: Words, features: Features, best: int, second: int) -> tuple[str, ...]:
        """The fewest of the most telling words without which *best* is no longer best, in their order."""
        weight: dict[str, float] = {}
        for word, value in zip(words.folded, lean(self.model, features, best, second).tolist(), strict=True):
            weight[word] = weight.get(word, 0.0) + value
        telling = sorted(weight, key=lambda word: (-weight[word], word))
        place = {word: i for i, word in enumerate(telling)}
        places = np.array([place[word] for word in words.folded])
        sizes = _sizes(len(telling))
        for tried in (sizes[:OFTEN], sizes[OFTEN:]):
            left = shortened(features, places >= np.array(tried)[:, None])
            changed = np.argmax(score(self.model, left).concerns, axis=1) != best
            for size, differs in zip(tried, changed.tolist(), strict=True):
                if differs or size == len(telling):
                    gone = set(telling[:size])
                    return tuple(
                        dict.fromkeys(w for w, same in zip(words.written, words.folded, strict=True) if same in gone)
                    )
        return ()


def _sizes(words: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12 … up to *words*, which always is the last: without any word nothing is best."""
    sizes = [size for size in SIZES if size < words]
    return [*sizes, words]


def _shares(logits: Floats) -> Floats:
    powered = np.exp(SHARPNESS * (logits - logits.max(axis=1, keepdims=True)))
    shares: Floats = powered / powered.sum(axis=1, keepdims=True)
    return shares


def _confidence(model: Model, logits: Floats, known: float) -> float:
    """Chance that a message is in scope; without an outside concern only what is known of it counts."""
    base, odds, seen = CONFIDENCE
    against = 0.0
    if OUTSIDE in model.concerns:
        outside = model.concerns.index(OUTSIDE)
        inside = np.concatenate((logits[:outside], logits[outside + 1 :]))
        against = float(np.logaddexp.reduce(inside) - logits[outside])
    return round(1.0 / (1.0 + exp(-max(-30.0, min(30.0, base + odds * against + seen * known)))), 4)
