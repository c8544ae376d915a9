"""Puts right what was mistyped, so that it counts like the word that was meant.

Only a word that neither the examples nor the table of meanings know is taken for mistyped, and only where a word of the
examples is very like it. Each word is judged alone, so taking other words away changes nothing.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from knowledge.search.features import Powers, word_hash
from knowledge.search.meanings import Meanings
from knowledge.search.spelling import Spelling

SHORTEST = 5  # letters; shorter words have too many neighbours
LIKE = 0.8  # one mistake in five letters, two in ten
SAID = 2  # messages a word must occur in: a word said once may be mistyped itself


def vocabulary(docs: Sequence[Sequence[str]]) -> Spelling:
    """The words of example messages (folded) that a mistyped word may have meant."""
    said = Counter(word for doc in docs for word in set(doc))
    return Spelling.build(sorted(word for word, times in said.items() if times >= SAID and _judged(word)))


def corrected(folded: tuple[str, ...], spelling: Spelling, meanings: Meanings, powers: Powers) -> tuple[str, ...]:
    """The folded words with the mistyped ones replaced; as many, in the same order."""
    doubtful = [i for i, word in enumerate(folded) if _judged(word) and not _holds(spelling.words, word)]
    if not doubtful or not spelling.words:
        return folded
    rows = meanings.of(word_hash([folded[i] for i in doubtful], powers))
    unknown = [i for i, row in zip(doubtful, rows.tolist(), strict=True) if row < 0]
    if not unknown:
        return folded
    right = list(folded)
    for i, near in zip(unknown, spelling.near([folded[i] for i in unknown]), strict=True):
        if near and near[0][1] >= LIKE:
            right[i] = spelling.words[near[0][0]]
    return tuple(right)


def _judged(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


def _holds(words: Sequence[str], word: str) -> bool:
    at = bisect_left(words, word)
    return at < len(words) and words[at] == word
