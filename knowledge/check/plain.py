"""Plain German: sentences that tired people stumble over. The word lists and limits are in the packs' plain.yaml.

A hint where one thing is hard to read, a warning where a sentence is hard in three ways or far too long. What is not
reported is not therefore easy: only what is clearly hard is named, because nobody reads a list of false alarms.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from knowledge import schema
from knowledge.check.prose import Passage, passages
from knowledge.folders import Folder, chain
from knowledge.model import Pack
from knowledge.resolve import Resolver
from knowledge.schema import typed
from knowledge.source import Problem

SHOWN = 60  # letters of a sentence that a message repeats
_END = re.compile(r"(?<=[.!?:;])(?<!\s\w\.)[\"“”)]*\s+(?=[\"„“(]?[A-ZÄÖÜ0-9])|\n+")
_WORD = re.compile(r"[A-Za-zÄÖÜäöüß]+(?:[-'’/][A-Za-zÄÖÜäöüß]+)*")
_PART = re.compile(r"[,;:–()]|\b(?:und|oder|sowie)\b")
_NOUN = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]+(?:ung|keit|heit|ion)(?:en|s)?\b")
_SHORT = re.compile(r"(?<![\w-])[A-ZÄÖÜ][A-Za-zÄÖÜäöü]{0,4}[A-ZÄÖÜ](?![\w+-])")
_ROMAN = re.compile(r"[IVX]+")
_PASSIVE = re.compile(
    r"\b(?:wird|werden|wurden?|worden)\b[^,;:–]*\b(?:\w*ge\w{2,}(?:t|en)|\w{3,}iert|(?:be|ver|er|ent|zer)\w{2,}t)\b"
    r"|\b(?:\w*ge\w{2,}(?:t|en)|\w{3,}iert|(?:be|ver|er|ent|zer)\w{2,}t) (?:wird|werden|wurden?|worden)\b"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What makes one sentence hard to read, in words."""

    sentence: str
    reasons: tuple[str, ...]
    warning: bool


@dataclass(frozen=True)
class Plain:
    """The lists and limits of one region. *names* are words that need no explanation, such as those of its offices."""

    limits: Mapping[str, int]
    better: Mapping[str, str]
    known: frozenset[str]
    usual: tuple[str, ...]
    names: frozenset[str] = field(default_factory=frozenset)

    def look(self, text: str, kind: str = "") -> Iterator[Found]:
        """Every sentence of *text* that is hard to read; *kind* chooses the limit of words."""
        for sentence in _END.split(text):
            reasons = tuple(self._reasons(sentence, text, kind))
            if reasons:
                long = len(_WORD.findall(sentence)) > self.limits["warnung"]
                yield Found(sentence, reasons, long or len(reasons) > 2)

    def _reasons(self, sentence: str, text: str, kind: str) -> Iterator[str]:
        words = _WORD.findall(sentence)
        limit = self.limits.get(kind, self.limits["satz"])
        if len(words) > limit:
            yield f"has {len(words)} words; at most {limit} read well: make two sentences"
        for word in words:
            if any(len(part) >= self.limits["wort"] for part in word.split("-")) and word not in self.names:
                yield f"has the long word '{word}'; take it apart"
        for word in self._offices.findall(sentence):
            yield f"says '{word}'; better: {self._instead(word)}"
        for part in _PART.split(sentence):
            nouns = [noun for noun in _NOUN.findall(part) if not self._plain.fullmatch(noun)]
            if len(nouns) >= self.limits["nomen"]:
                yield f"piles up nouns ({', '.join(nouns)}); say who does what"
        if any(len(_WORD.findall(part)) >= self.limits["passiv"] for part in _passive(sentence)):
            yield "is long and passive; say who does it"
        for short in dict.fromkeys(_SHORT.findall(sentence)):
            if not self._explained(short, text):
                yield f"has the abbreviation '{short}'; say once what it means"

    @cached_property
    def _offices(self) -> re.Pattern[str]:
        """Words of offices for which there is a better one."""
        said = "|".join(_any_ending(word) for word in sorted(self.better, key=len, reverse=True))
        return re.compile(rf"(?<!\w)(?:{said or '(?!)'})(?!\w)", re.IGNORECASE)

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        """Nouns that everybody uses."""
        ends = "|".join(re.escape(word.lstrip("*")) for word in self.usual)
        return re.compile(rf"\w*(?:{ends or '(?!)'})(?:en|s)?", re.IGNORECASE)

    def _instead(self, said: str) -> str:
        return next(
            better for word, better in self.better.items() if re.fullmatch(_any_ending(word), said, re.IGNORECASE)
        )

    def _explained(self, short: str, text: str) -> bool:
        """Whether everybody knows *short*, or the text says what it means: „Bildung und Teilhabe (BuT)“."""
        if short in self.known or short in self.names or _ROMAN.fullmatch(short):
            return True
        told = rf"\({re.escape(short)}\)|\b{re.escape(short)} ?\(|§[^;]*\b{re.escape(short)}\b"
        return re.search(told, text) is not None


def _passive(sentence: str) -> Iterator[str]:
    """The clauses of *sentence* that are passive."""
    return (part for part in _PART.split(sentence) if _PASSIVE.search(part))


def _any_ending(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")


def plain_hints(found: Mapping[str, Folder], regions: Mapping[str, Pack]) -> list[Problem]:
    """Every sentence of *regions* that is hard to read, each where it stands."""
    result: set[Problem] = set()
    for region in regions:
        resolver = Resolver(chain(found, region)[0])
        rules = lists(resolver.line, resolver.pack())
        for passage in passages(resolver):
            result.update(_told(passage, one) for one in rules.look(passage.text, passage.kind))
    return sorted(result)


def lists(line: Sequence[Folder], pack: Pack) -> Plain:
    """What the plain.yaml of a chain of packs say together; names of offices and places are known."""
    files = [typed(schema.PlainFile, one.tree, one)[0] for pack in line if (one := pack.documents.get("plain.yaml"))]
    read = [one for one in files if one is not None]
    told = [text for actor in pack.actors.values() for text in (actor.name, actor.short, *actor.aliases)]
    return Plain(
        limits={key: value for one in read for key, value in one.limits.items()},
        better={key: value for one in read for key, value in one.better.items()},
        known=frozenset(word for one in read for word in one.known),
        usual=tuple(word for one in read for word in one.usual),
        names=frozenset(word for text in (*told, pack.name) for word in _WORD.findall(text)),
    )


def _told(passage: Passage, found: Found) -> Problem:
    said = found.sentence if len(found.sentence) <= SHOWN else f"{found.sentence[:SHOWN].rstrip()}…"
    text = f"'{said}' {'; it '.join(found.reasons)}"
    return Problem(passage.file, passage.line, text, warning=found.warning, hint=not found.warning)
