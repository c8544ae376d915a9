"""The gate itself: is this a message after which emergency contacts must be shown at once?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from knowledge.danger.fold import STOP, tokenise
from knowledge.danger.pattern import Pattern, Scene, run, spans
from knowledge.danger.rules import KINDS, Level, Rule, compile_rules
from knowledge.danger.words import Lexicon

__all__ = ["KINDS", "Gate", "Hit"]


@dataclass(frozen=True, slots=True)
class Hit:
    """*rule*: language/id of what fired, two joined by "+"; *kind*: one of KINDS; *words*: what matched."""

    rule: str
    kind: str
    words: str


class Gate:
    """The rules of all languages at once, because people mix them. Immutable once built."""

    def __init__(self, rules_by_language: Mapping[str, Any]) -> None:
        """Language → the loaded YAML of that language. ValueError names the entry that is wrong."""
        book = compile_rules(rules_by_language)
        self._rules = book.rules
        self._guards = _indexed(book.guards, book.popularity)
        self._topics = _indexed(book.topics, book.popularity)
        self._entries = _indexed(((rule.patterns, at) for at, rule in enumerate(book.rules)), book.popularity)
        self._single = book.single
        self._phrases = book.phrases
        self._lexicon = Lexicon(book.vocabulary, typos=book.typos, ordinary=book.ordinary)

    def look(self, text: str) -> Hit | None:
        """The first and most certain rule that holds for *text*, or None. Pure; time linear in the text.

        Only the first 2,000 characters count."""
        read = self._lexicon.read(tokenise(text))
        scene = self._scene([words for _, words in read])
        for pattern, _ in _candidates(self._guards, scene):
            for start, end in spans(pattern, scene):
                scene.blank((1 << end) - (1 << start))
        found = self._found(scene)
        if not found:
            return None
        shown = [token for token, _ in read]
        sure = [hit for hit in found if hit[0].level is Level.SURE]
        if sure:
            return _hit(sure[:1], shown)
        if any(run(pattern, scene, (1 << scene.size) - 1) for pattern, _ in _candidates(self._topics, scene)):
            return None
        mentioned = [hit for hit in found if hit[0].level is Level.MENTION]
        if mentioned:
            return _hit(mentioned[:1], shown)
        return _hit(pair, shown) if (pair := _two_hints(found)) else None

    def guarded(self, text: str) -> bool:
        """Whether *text* holds a known idiom or speaks of subject matter, so that a suspicion alone says nothing."""
        scene = self._scene([words for _, words in self._lexicon.read(tokenise(text))])
        if any(True for pattern, _ in _candidates(self._guards, scene) for _ in spans(pattern, scene)):
            return True
        return any(run(pattern, scene, (1 << scene.size) - 1) for pattern, _ in _candidates(self._topics, scene))

    def _scene(self, read: Sequence[tuple[str, ...]]) -> Scene:
        scene = Scene(len(read))
        for at, words in enumerate(read):
            bit = 1 << at
            for word in words:
                if word == STOP:
                    scene.stops |= bit
                for number in self._single.get(word, ()):
                    scene.singles[number] = scene.singles.get(number, 0) | bit
                for rest, numbers in self._phrases.get(word, ()):
                    if at + len(rest) < len(read) and all(
                        word in read[at + 1 + step] for step, word in enumerate(rest)
                    ):
                        for number in numbers:
                            scene.phrases.setdefault(number, []).append((bit, len(rest) + 1))
        return scene

    def _found(self, scene: Scene) -> list[tuple[Rule, int, int]]:
        """Rules that hold, with the first span of each, by certainty, then by where the rule stands in the data."""
        found: dict[int, tuple[int, int]] = {}
        for pattern, at in _candidates(self._entries, scene):
            if at in found:
                continue
            for start, end in spans(pattern, scene):
                if not any(_in_sentence(guard, scene, start, end) for guard in self._rules[at].unless):
                    found[at] = (start, end)
                    break
        return [(self._rules[at], *found[at]) for at in sorted(found)]


_Index: TypeAlias = Mapping[int, tuple[tuple[Pattern, int], ...]]


def _indexed(entries: Iterable[tuple[Sequence[Pattern], int]], popularity: Mapping[int, int]) -> _Index:
    """Each pattern under the class it needs that fewest patterns need, so that few are tried."""
    index: dict[int, list[tuple[Pattern, int]]] = {}
    for patterns, at in entries:
        for pattern in patterns:
            key = min(pattern.needs, key=lambda number: (popularity[number], number))
            index.setdefault(key, []).append((pattern, at))
    return {key: tuple(found) for key, found in index.items()}


def _candidates(index: _Index, scene: Scene) -> Iterable[tuple[Pattern, int]]:
    present = frozenset(number for number in (*scene.singles, *scene.phrases) if scene.has(number))
    for number in sorted(present):
        for pattern, at in index.get(number, ()):
            if pattern.needs <= present:
                yield pattern, at


def _in_sentence(pattern: Pattern, scene: Scene, start: int, end: int) -> bool:
    """Whether *pattern* begins anywhere in the sentences that hold the words *start* to *end*."""
    if not all(scene.has(number) for number in pattern.needs):
        return False
    before = scene.stops & ((1 << start) - 1)
    after = scene.stops >> end << end
    first = before.bit_length()
    last = (after & -after).bit_length() - 1 if after else scene.size
    return bool(run(pattern, scene, (1 << last) - (1 << first)))


def _two_hints(found: Sequence[tuple[Rule, int, int]]) -> Sequence[tuple[Rule, int, int]]:
    """Two hints in different words; empty if there are none: the same words in two languages are one hint."""
    for first in found:
        for second in found:
            if second[0].id != first[0].id and second[1] >= first[2]:
                return first, second
    return ()


def _hit(found: Sequence[tuple[Rule, int, int]], shown: Sequence[str]) -> Hit:
    words = (" ".join(word for word in shown[start:end] if word != STOP) for _, start, end in found)
    return Hit("+".join(rule.id for rule, _, _ in found), found[0][0].kind, " … ".join(words))
