"""Words that answer a question before it is asked, and whole messages that are a command."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from knowledge.model import Question

LIMIT = 2_000  # characters of a message that count; cut before normalising, whose cost grows with the text
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"[.,;!?\n]|[^\s.,;!?]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def words(text: str) -> tuple[str, ...]:
    """The words and numbers of *text*, lower case, umlauts written out; text of any kind and length."""
    same = unicodedata.normalize("NFC", text[:LIMIT].encode("utf-8", "ignore").decode("utf-8"))
    return tuple(_WORD.findall(same.casefold().translate(_UMLAUTS)))


def read(text: str, questions: Iterable[Question]) -> dict[str, str]:
    """Question id → option id for every question that *text* already answers.

    Longer cues win over shorter ones; a question whose best cues disagree stays open.
    """
    message = words(text)
    found: dict[str, str] = {}
    for question in questions:
        best: dict[str, int] = {}
        for option in question.options:
            length = max((len(cue) for cue in map(_cue, option.cues) if _occurs(cue, message)), default=0)
            if length:
                best[option.id] = length
        longest = [option for option, length in best.items() if length == max(best.values())]
        if len(longest) == 1:
            found[question.id] = longest[0]
    return found


def _cue(cue: str) -> tuple[str, ...]:
    parts = words(cue)
    return (*parts[:-1], parts[-1] + "*") if cue.rstrip().endswith("*") and parts else parts


def _occurs(cue: Sequence[str], message: Sequence[str]) -> bool:
    size = len(cue)
    return size > 0 and any(
        all(_same(part, word) for part, word in zip(cue, message[start : start + size], strict=True))
        for start in range(len(message) - size + 1)
    )


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
