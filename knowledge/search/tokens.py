"""Splits a cleaned message into words, each with its folded form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from knowledge.search.clean import fold

# Letters and digits make words; every symbol that is no punctuation (an emoji, §, €) is a word of its own.
_WORD = re.compile(r"(?:[^\W_]|['’ʼ`´‘\u0300-\u036f\u064b-\u065f](?=\w))+|[^\w\s!-/:-@\[-`{-~«»„“”‚‘’–—…·•،؟؛¿¡]")
WORDS = 400  # words of a message that count; 2,000 characters rarely hold more

TOGETHER = 100  # texts folded in one call


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a message as written, and folded; both tuples have the same length."""

    written: tuple[str, ...]
    folded: tuple[str, ...]


def split(text: str) -> Words:
    """At most 400 words of a cleaned *text*. A word that folds to nothing is left out."""
    written = _WORD.findall(text)[:WORDS]
    pairs = [(word, same) for word, same in zip(written, _folded(written), strict=True) if same]
    return Words(tuple(word for word, _ in pairs), tuple(same for _, same in pairs))


def split_all(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The folded words of each cleaned text, as split() would give them, but folding is one call for many."""
    found: list[tuple[str, ...]] = []
    for start in range(0, len(texts), TOGETHER):
        written = [_WORD.findall(text)[:WORDS] for text in texts[start : start + TOGETHER]]
        rest = iter(_folded([word for words in written for word in words]))
        found += [tuple(filter(None, islice(rest, len(words)))) for words in written]
    return found


def _folded(words: Sequence[str]) -> list[str]:
    """Each word folded, all in one call; no word holds a line break, some fold to several with a space (U+FDFA)."""
    return fold("\n".join(words)).replace(" ", "").split("\n") if words else []
