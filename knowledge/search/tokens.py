"""Splits a cleaned message into words, each with its folded form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from knowledge.search.clean import fold

# Letters and digits make words; every symbol that is no punctuation (an emoji, §, €) is a word of its own.
_WORD = re.compile(r"(?:[^\W_]|['’ʼ`´‘\u0300-\u036f\u064b-\u065f](?=\w))+|[^\w\s!-/:-@\[-`{-~«»„“”‚‘’–—…·•،؟؛¿¡]")
WORDS = 400  # words of a message that count; 2,000 characters rarely hold more

TOGETHER = 100  # texts folded in one call; one odd text sends the others through split() one by one


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a message as written, and folded; both tuples have the same length."""

    written: tuple[str, ...]
    folded: tuple[str, ...]

    def without(self, gone: frozenset[str]) -> "Words":
        """The words whose folded form is not in *gone*, in order."""
        keep = [i for i, word in enumerate(self.folded) if word not in gone]
        return Words(tuple(self.written[i] for i in keep), tuple(self.folded[i] for i in keep))


def split(text: str) -> Words:
    """At most 400 words of a cleaned *text*. A word that folds to nothing is left out."""
    written = _WORD.findall(text)[:WORDS]
    folded = fold(" ".join(written)).split(" ")
    if len(folded) != len(written):  # compatibility forms that hold a space, such as U+FDFA
        folded = [fold(word).replace(" ", "") for word in written]
    pairs = [(word, same) for word, same in zip(written, folded, strict=True) if same]
    return Words(tuple(word for word, _ in pairs), tuple(same for _, same in pairs))


def split_all(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The folded words of each cleaned text, as split() would give them, but folding is one call for many."""
    found: list[tuple[str, ...]] = []
    for start in range(0, len(texts), TOGETHER):
        some = texts[start : start + TOGETHER]
        written = [_WORD.findall(text)[:WORDS] for text in some]
        folded = fold(" ".join(word for words in written for word in words)).split(" ")
        if len(folded) == sum(map(len, written)):
            rest = iter(folded)
            found += [tuple(filter(None, islice(rest, len(words)))) for words in written]
        else:
            found += [split(text).folded for text in some]
    return found
