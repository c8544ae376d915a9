"""Words that answer a question before it is asked, and whole messages that are a command."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.model import Question

LIMIT = 2_000  # characters of a message that count; cut before normalising, whose cost grows with the text
SHORTEST = 2  # letters before a *; shorter beginnings would fit anything
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"[.,;!?\n]|[^\s.,;!?]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that choose *option* as the answer to *question*; a last word with * has any ending."""

    question: str
    option: str
    words: tuple[str, ...]


def words(text: str) -> tuple[str, ...]:
    """The words and numbers of *text*, lower case, umlauts written out; text of any kind and length."""
    same = unicodedata.normalize("NFC", text[:LIMIT].encode("utf-8", "ignore").decode("utf-8"))
    return tuple(_WORD.findall(same.casefold().translate(_UMLAUTS)))


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of some questions, by their first word; those of one open-ended word (grundschul*) by that beginning."""

    exact: Mapping[str, tuple[Cue, ...]]
    opening: Mapping[str, tuple[Cue, ...]]

    def read(self, text: str) -> dict[str, str]:
        """Question id → option id for every question that *text* already answers.

        Longer cues win over shorter ones; a question whose best cues disagree stays open.
        """
        message = words(text)
        best: dict[str, dict[str, int]] = {}
        for start, word in enumerate(message):
            beginnings = (word[:size] for size in range(SHORTEST, len(word) + 1)) if self.opening else ()
            found = [*self.exact.get(word, ()), *(cue for begin in beginnings for cue in self.opening.get(begin, ()))]
            for cue in found:
                if _continues(cue.words, message[start : start + len(cue.words)]):
                    options = best.setdefault(cue.question, {})
                    options[cue.option] = max(options.get(cue.option, 0), len(cue.words))
        longest = {question: max(options.values()) for question, options in best.items()}
        winners = {
            question: [option for option, size in options.items() if size == longest[question]]
            for question, options in best.items()
        }
        return {question: options[0] for question, options in winners.items() if len(options) == 1}


def prepare(questions: Iterable[Question]) -> Cues:
    """The cues of *questions*, ready for reading."""
    exact: dict[str, list[Cue]] = {}
    opening: dict[str, list[Cue]] = {}
    for question in questions:
        for option in question.options:
            for text in option.cues:
                parts = _cue(text)
                if not parts:
                    continue
                first = parts[0].removesuffix("*")
                place = opening if parts[0].endswith("*") else exact
                place.setdefault(first, []).append(Cue(question.id, option.id, parts))
    return Cues(
        {key: tuple(found) for key, found in exact.items()}, {key: tuple(found) for key, found in opening.items()}
    )


def _cue(cue: str) -> tuple[str, ...]:
    parts = words(cue)
    return (*parts[:-1], parts[-1] + "*") if cue.rstrip().endswith("*") and parts else parts


def _continues(cue: Sequence[str], message: Sequence[str]) -> bool:
    return len(cue) == len(message) and all(_same(part, word) for part, word in zip(cue, message, strict=True))


def _same(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


def whole(text: str, phrases: Mapping[tuple[str, ...], str]) -> str | None:
    """What *text* means if it is, as a whole, one of *phrases* (words → meaning)."""
    return phrases.get(words(text))


def clauses(text: str, joints: frozenset[str]) -> list[str]:
    """*text* cut at full stops, commas and the joining words ("und", "außerdem")."""
    parts: list[list[str]] = [[]]
    for piece in _PIECE.findall(text[:LIMIT]):
        bare = words(piece)
        if piece in ".,;!?\n" or (len(bare) == 1 and bare[0] in joints):
            parts.append([])
        else:
            parts[-1].append(piece)
    return [" ".join(part) for part in parts if part]
