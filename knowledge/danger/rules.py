"""Danger rules from plain data: checked, then compiled to patterns over numbered word classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from knowledge.danger.fold import fold
from knowledge.danger.pattern import Pattern, compile_patterns

KINDS = ("suicide", "self-harm-means", "farewell", "third-person", "violence", "weapon", "abuse-now", "medical")
_SECTIONS = {"classes", "parts", "guards", "topics", "rules", "typos", "ordinary", "methods"}
_RULE_KEYS = {"id", "kind", "level", "say", "unless", "example", "counter"}


class Level(StrEnum):
    """SURE always counts; MENTION not where the message is about subject matter; HINT only with a second hint."""

    SURE = "sure"
    MENTION = "mention"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the data; *id* begins with its language (``de/will-sterben``)."""

    id: str
    kind: str
    level: Level
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


@dataclass(slots=True)
class Book:
    """Everything compiled; *single* and *phrases* lead from words to class ids."""

    rules: list[Rule] = field(default_factory=list)
    guards: list[tuple[tuple[Pattern, ...], int]] = field(default_factory=list)
    topics: list[tuple[tuple[Pattern, ...], int]] = field(default_factory=list)
    vocabulary: set[str] = field(default_factory=set)
    typos: set[str] = field(default_factory=set)
    ordinary: set[str] = field(default_factory=set)
    single: dict[str, tuple[int, ...]] = field(default_factory=dict)
    phrases: dict[str, tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]] = field(default_factory=dict)
    popularity: dict[int, int] = field(default_factory=dict)


def compile_rules(rules_by_language: Mapping[str, Any]) -> Book:
    """All languages in one book; rules by level, then in the order of the data. ValueError names the bad entry."""
    book, numbers = Book(), _Numbers()
    for language, data in rules_by_language.items():
        _Language(language, data, numbers).into(book)
    order = list(Level)
    book.rules.sort(key=lambda rule: order.index(rule.level))
    numbers.into(book)
    for pattern in _all_patterns(book):
        for number in pattern.needs:
            book.popularity[number] = book.popularity.get(number, 0) + 1
    return book


def examples(rules_by_language: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Every example of the data: entry, text, whether the gate must fire (counters and guards: it must not)."""
    found: list[tuple[str, str, bool]] = []
    for language, data in rules_by_language.items():
        for section, fires in (("rules", True), ("guards", False)):
            for entry in data.get(section) or ():
                name = f"{language}/{entry['id']}"
                alone = entry.get("level") != Level.HINT  # a hint alone must not fire
                found += [(name, text, fires and alone) for text in _texts(entry.get("example"))]
                found += [(name, text, False) for text in _texts(entry.get("counter"))]
    return found


class _Numbers:
    """Ids of word classes: equal content, equal id."""

    def __init__(self) -> None:
        self._ids: dict[frozenset[str], int] = {}

    def of(self, words: Iterable[str]) -> int:
        return self._ids.setdefault(frozenset(words), len(self._ids))

    def into(self, book: Book) -> None:
        single: dict[str, list[int]] = {}
        phrases: dict[str, dict[tuple[str, ...], list[int]]] = {}
        for entries, number in self._ids.items():
            for entry in sorted(entries):
                first, *rest = entry.split()
                book.vocabulary.update((first, *rest))
                if rest:
                    phrases.setdefault(first, {}).setdefault(tuple(rest), []).append(number)
                else:
                    single.setdefault(first, []).append(number)
        book.single = {word: tuple(found) for word, found in single.items()}
        book.phrases = {
            word: tuple((rest, tuple(found)) for rest, found in by_rest.items()) for word, by_rest in phrases.items()
        }


class _Language:
    """One language's data while it is compiled."""

    def __init__(self, language: str, data: Any, numbers: _Numbers) -> None:
        self._language, self._numbers = language, numbers
        if not isinstance(data, Mapping):  # ValueError throughout: what is wrong is the data
            raise ValueError(f"danger/{language}: must be a mapping with {', '.join(sorted(_SECTIONS))}")  # noqa: TRY004
        unknown = set(data) - _SECTIONS
        if unknown:
            raise ValueError(f"danger/{language}: unknown section {min(unknown)!r}; allowed: {sorted(_SECTIONS)}")
        self._data: Mapping[str, Any] = data
        self._raw = {name: self._strings(words, f"class {name}") for name, words in (data.get("classes") or {}).items()}
        self._parts = {name: self._strings(lines, f"part {name}") for name, lines in (data.get("parts") or {}).items()}
        self._classes: dict[str, frozenset[str]] = {}

    def into(self, book: Book) -> None:
        ids: set[str] = set()
        for entry in self._data.get("rules") or ():
            book.rules.append(self._rule(entry, ids))
        for entry in self._data.get("guards") or ():
            where = self._name(entry, ids)
            book.guards.append((self._patterns(entry.get("say"), where), 0))
        topics = self._data.get("topics") or ()
        book.topics.append((self._patterns(topics, f"danger/{self._language}: topics") if topics else (), 0))
        for element in self._data.get("typos") or ():
            members = self._members(element[1:]) if element.startswith("@") else {_folded(element)}
            book.typos.update(word for entry in members for word in entry.split())
        book.ordinary.update(fold(word) for words in self._data.get("ordinary") or () for word in str(words).split())

    def _rule(self, entry: Any, ids: set[str]) -> Rule:
        where = self._name(entry, ids)
        unknown = set(entry) - _RULE_KEYS
        if unknown:
            raise ValueError(f"{where}: unknown key {min(unknown)!r}; allowed: {sorted(_RULE_KEYS)}")
        if entry.get("kind") not in KINDS:
            raise ValueError(f"{where}: kind {entry.get('kind')!r} must be one of {', '.join(KINDS)}")
        level = entry.get("level", "sure")
        if level not in set(Level):
            raise ValueError(f"{where}: level {level!r} must be one of {', '.join(Level)}")
        if not any(_texts(entry.get("example"))):
            raise ValueError(f"{where}: an example is missing")
        say = self._patterns(entry.get("say"), where)
        unless = self._patterns(entry["unless"], where) if entry.get("unless") else ()
        return Rule(f"{self._language}/{entry['id']}", entry["kind"], Level(level), say, unless)

    def _name(self, entry: Any, ids: set[str]) -> str:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
            raise ValueError(f"danger/{self._language}: an entry without id: {entry!r}")  # noqa: TRY004
        where = f"danger/{self._language}: {entry['id']}"
        if entry["id"] in ids:
            raise ValueError(f"{where} occurs twice")
        ids.add(entry["id"])
        return where

    def _patterns(self, lines: Any, where: str) -> tuple[Pattern, ...]:
        found: list[Pattern] = []
        for line in self._strings(lines, where):
            try:
                found += compile_patterns(line, self._parts, self._number)
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from error
        if not found:
            raise ValueError(f"{where}: 'say' needs at least one pattern")
        return tuple(dict.fromkeys(found))

    def _number(self, element: str) -> int:
        """The id of ``a|b|@c``."""
        words: set[str] = set()
        for piece in element.split("|"):
            words |= self._members(piece[1:]) if piece.startswith("@") else {_folded(piece.replace("_", " "))}
        if not all(words):
            raise ValueError(f"{element!r} has an empty alternative")
        return self._numbers.of(words)

    def _members(self, name: str, above: tuple[str, ...] = ()) -> frozenset[str]:
        if name in above or name not in self._raw:
            raise ValueError(f"class @{name} {'contains itself' if name in above else 'is unknown'}")
        if name not in self._classes:
            words: set[str] = set()
            for word in self._raw[name]:
                words |= self._members(word[1:], (*above, name)) if word.startswith("@") else {_folded(word)}
            self._classes[name] = frozenset(words)
        return self._classes[name]

    def _strings(self, value: Any, where: str) -> tuple[str, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError(f"{where}: must be a list")  # noqa: TRY004
        wrong = [item for item in value if not isinstance(item, str) or not item.strip()]
        if wrong:
            raise ValueError(f"{where}: {wrong[0]!r} must be text (put it in quotes)")
        return tuple(value)


def _folded(words: str) -> str:
    return " ".join(fold(words).split())


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _all_patterns(book: Book) -> Iterable[Pattern]:
    for rule in book.rules:
        yield from rule.patterns
    for patterns, _ in (*book.guards, *book.topics):
        yield from patterns
