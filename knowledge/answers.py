"""Which short answer fits a message: by the rare words they share. No answer is better than a wrong one."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge import cues
from knowledge.model import Answer, Audience

STEM = 6  # leading letters of a word that are compared; German inflects at the end
ENOUGH = 0.5  # share of the message's weight that must be found in one phrasing
MINIMUM = 2  # content words that must be shared


@dataclass(frozen=True, slots=True)
class ShortAnswers:
    """The short answers of one region, prepared for comparing. Immutable."""

    answers: tuple[Answer, ...]
    phrasings: tuple[tuple[frozenset[str], ...], ...]
    rarity: Mapping[str, float]

    def find(self, text: str, concern: str, audience: Audience | None) -> str | None:
        """The id of the answer on *concern* that *text* asks for; None if none clearly does. Ties by order."""
        asked = stems(cues.words(text))
        weight = sum(self.rarity.get(stem, 1.0) for stem in asked)
        best, best_score = None, 0.0
        for answer, phrasings in zip(self.answers, self.phrasings, strict=True):
            if answer.concern != concern or (audience and audience not in answer.audiences):
                continue
            for phrasing in phrasings:
                shared = asked & phrasing
                found = sum(self.rarity[stem] for stem in shared)
                score = 2 * found / (weight + sum(self.rarity[stem] for stem in phrasing) or 1.0)
                if len(shared) >= min(MINIMUM, len(phrasing)) and score > best_score:
                    best, best_score = answer.id, score
        return best if best_score >= ENOUGH else None


def stems(words: Sequence[str]) -> frozenset[str]:
    """The beginnings of the words that carry meaning (four letters or more)."""
    return frozenset(word[:STEM] for word in words if len(word) >= 4)


def prepare(answers: Sequence[Answer]) -> ShortAnswers:
    """Rarity is the inverse frequency over all phrasings."""
    phrasings = tuple(
        tuple(stems(cues.words(phrase)) for phrase in (answer.question, *answer.phrases)) for answer in answers
    )
    every = [phrasing for group in phrasings for phrasing in group]
    counts = Counter(stem for phrasing in every for stem in phrasing)
    return ShortAnswers(
        tuple(answers), phrasings, {stem: math.log(1 + len(every) / count) for stem, count in counts.items()}
    )
