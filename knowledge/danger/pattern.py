"""Patterns over words: compiled from text, matched bit-parallel, so the time is linear in the message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations, product

_GAP, _AROUND = 3, 4  # words a plain "~" and a "& a b" may skip
_MOST = 2000  # forms one line may expand to; more is a mistake in the data


@dataclass(frozen=True, slots=True)
class Step:
    """One element: a class of words, a gap, or the edge of a sentence."""

    word: int = -1  # class id, or -1
    gap: int = 0  # words that may be skipped; -1 = any number, across sentences
    edge: str = ""  # "^" or "$"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Steps in order; *needs* are the class ids without which it cannot match."""

    steps: tuple[Step, ...]
    needs: frozenset[int]


@dataclass(slots=True)
class Scene:
    """Where the classes occur in one message; bit i = word i. Built and used by one call only."""

    size: int
    singles: dict[int, int] = field(default_factory=dict)
    phrases: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # class -> (first bit, length)
    stops: int = 0

    def blank(self, mask: int) -> None:
        """Take the words in *mask* out of every class."""
        for word, where in list(self.singles.items()):
            self.singles[word] = where & ~mask
        for word, spans in self.phrases.items():
            self.phrases[word] = [(bit, size) for bit, size in spans if not mask & (((1 << size) - 1) * bit)]

    def has(self, word: int) -> bool:
        return bool(self.singles.get(word) or self.phrases.get(word))


def run(pattern: Pattern, scene: Scene, states: int) -> int:
    """Bits of the positions behind a match that starts at one of *states*; 0 = none."""
    full = (2 << scene.size) - 1
    for step in pattern.steps:
        before = states
        if step.word >= 0:
            states = (before & scene.singles.get(step.word, 0)) << 1
            for bit, size in scene.phrases.get(step.word, ()):
                if before & bit:
                    states |= bit << size
            if step.optional:
                states |= before
        elif step.gap < 0:
            states = full & -(before & -before)
        elif step.gap:
            for _ in range(step.gap):
                states |= (states & ~scene.stops) << 1
            states &= full
        elif step.edge == "^":
            states &= 1 | scene.stops << 1
        else:
            states &= scene.stops | 1 << scene.size
        if not states:
            return 0
    return states


def spans(pattern: Pattern, scene: Scene) -> list[tuple[int, int]]:
    """Start and end of the shortest match at each start, in order."""
    if not run(pattern, scene, (1 << scene.size) - 1):
        return []
    found = []
    for start in range(scene.size):
        ends = run(pattern, scene, 1 << start)
        if ends:
            found.append((start, (ends & -ends).bit_length() - 1))
    return found


def compile_patterns(line: str, parts: Mapping[str, Sequence[str]], number: Callable[[str], int]) -> list[Pattern]:
    """All patterns *line* stands for. *number* gives the id of a class or of ``a|b``; ValueError for a bad line.

    Syntax: words, ``begin*``, ``@class``, ``a|@b``, ``x?`` optional, ``~``/``~5`` gap inside a sentence, ``~~`` gap
    across sentences, ``^`` ``$`` sentence edges, ``{part}``, ``& a b`` / ``&6 a b`` = in any order, close together."""
    expanded = _expand(line, parts)
    if len(expanded) > _MOST:
        raise ValueError(f"{line!r} stands for more than {_MOST} patterns")
    return [_compile(words, number) for words in expanded]


def _expand(line: str, parts: Mapping[str, Sequence[str]], depth: int = 0) -> list[list[str]]:
    if depth > 4:
        raise ValueError(f"{line!r}: parts within parts, more than 4 deep")
    words = line.split()
    if words and words[0].startswith("&"):
        near = f"~{words[0][1:] or _AROUND}"
        if not 2 <= len(words) - 1 <= 4:
            raise ValueError(f"{line!r}: '&' takes two to four elements")
        orders = [f" {near} ".join(order) for order in permutations(words[1:])]
        return [form for order in orders for form in _expand(order, parts, depth + 1)]
    choices: list[list[list[str]]] = []
    for word in words:
        if word.startswith("{") and word.endswith("}"):
            if word[1:-1] not in parts:
                raise ValueError(f"{line!r} names the unknown part {word}")
            choices.append([form for part in parts[word[1:-1]] for form in _expand(part, parts, depth + 1)])
        else:
            choices.append([[word]])
    return [[word for piece in combo for word in piece] for combo in product(*choices)]


def _compile(words: list[str], number: Callable[[str], int]) -> Pattern:
    steps = tuple(_step(word, number) for word in words)
    needs = frozenset(step.word for step in steps if step.word >= 0 and not step.optional)
    if not needs:
        raise ValueError(f"{' '.join(words)!r} has no word that must occur")
    return Pattern(steps, needs)


def _step(word: str, number: Callable[[str], int]) -> Step:
    if word in ("^", "$"):
        return Step(edge=word)
    if word == "~~":
        return Step(gap=-1)
    if word.startswith("~"):
        return Step(gap=_distance(word[1:]))
    optional = word.endswith("?")
    return Step(word=number(word.removesuffix("?")), optional=optional)


def _distance(number: str) -> int:
    if not number:
        return _GAP
    if not number.isdecimal() or not 0 < int(number) < 30:
        raise ValueError(f"'~{number}' must be '~', '~~' or '~1' to '~29'")
    return int(number)
