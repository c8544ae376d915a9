"""Splits a cleaned message into words, each with its folded form."""

import re
from dataclasses import dataclass

from knowledge.search.clean import fold

# Letters and digits make words; every symbol that is no punctuation (an emoji, §, €) is a word of its own.
_WORD = re.compile(r"(?:[^\W_]|['’ʼ`´‘\u0300-\u036f\u064b-\u065f](?=\w))+|[^\w\s!-/:-@\[-`{-~«»„“”‚‘’–—…·•،؟؛¿¡]")
WORDS = 400  # words of a message that count; 2,000 characters rarely hold more


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
