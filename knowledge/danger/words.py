"""Words of a message to the words of the vocabulary they stand for: typos, leetspeak, stretched and glued words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

from knowledge.danger.fold import STOP

_ONE, _TWO = 5, 9  # letters from which one, two wrong letters are forgiven
_SHORT = 4  # letters of words that several languages share
_LONGEST = 40  # longer tokens are no words; keeps every step bounded
_GLUED = range(8, 61)  # lengths of a token that may be several words without spaces
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("sz", "ss"))
_LEET = (
    str.maketrans("0134578", "oieastb"),
    str.maketrans("0134578", "oleastb"),
)
_TO_CYRILLIC = str.maketrans("aeopcxyikmtbh", "аеорсхуікмтвн")
_TO_LATIN = str.maketrans("аеорсхуікмтвн", "aeopcxyikmtbh")
_TRANSLITERATED = (  # Cyrillic typed in Latin letters: as Bulgarians do, as Russians do
    "sht щ 6t щ sh ш 6 ш ch ч 4 ч zh ж j ж ts ц c ц ya я ia я q я yu ю iu ю y ъ w в x х h х",
    "sch щ sh ш ch ч zh ж j ж kh х x х h х ts ц c ц ya я ja я yu ю ju ю yo е ye е y ы w в",
)
_ALPHABET = "a а b б v в g г d д e е z з i и k к l л m м n н o о p п r р s с t т u у f ф "
_TABLES = tuple(
    (re.compile("|".join(sorted(table, key=lambda letters: -len(letters)))), table)  # the longest letters first
    for pairs in ((_ALPHABET + t).split() for t in _TRANSLITERATED)
    for table in [dict(zip(pairs[::2], pairs[1::2], strict=True))]
)
_CLITICS = ("وال", "وب", "ول", "وس", "وح", "ال", "و", "ف", "ب", "ه", "ح", "س", "ل")


class Lexicon:
    """The vocabulary: whole words and beginnings (``suizid*``). Immutable."""

    def __init__(self, words: Iterable[str], *, typos: Iterable[str], ordinary: Iterable[str]) -> None:
        """*words* are folded, a trailing ``*`` marks a beginning; *typos*: of which words typing mistakes are forgiven.

        *ordinary* words are never read as a typo."""
        given = frozenset(words)
        self._starts = frozenset(word[:-1] for word in given if word.endswith("*"))
        self._start_lengths = tuple(sorted({len(start) for start in self._starts}))
        self._words = frozenset(word for word in given if not word.endswith("*"))
        self._ordinary = frozenset(ordinary)
        forgiven = frozenset(word for word in typos if len(word) >= _ONE)
        self._squeezed = _grouped((_squeeze(word), word) for word in self._words if len(word) > 2)
        self._shorter = _grouped((cut, word) for word in forgiven for cut in _cuts(word, 2 if len(word) >= _TWO else 1))
        self._longest = max(map(len, self._words), default=0)

    def read(self, tokens: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each token with the words it may stand for, in order; a glued token becomes several."""
        read: list[tuple[str, tuple[str, ...]]] = []
        for token in tokens:
            found = (token,) if token == STOP else self._lookup(token)
            if not found and len(token) in _GLUED and token not in self._ordinary:
                pieces = self._split(token)
                read += [(piece, self._exact(piece)) for piece in pieces]
                if pieces:
                    continue
            read.append((token, found))
        return tuple(read)

    def _lookup(self, token: str) -> tuple[str, ...]:
        found = self._exact(token)
        if (
            found and len(token) <= _SHORT and token.isascii()
        ):  # "se", "da" are words of Latin and of Cyrillic languages
            return (*found, *(form for form in _cyrillic(token) if form in self._words))
        if found or len(token) > _LONGEST:
            return found
        for form in _forms(token):
            if form in self._words or (len(form) > 3 and self._exact(form)):
                return self._exact(form)
        if token in self._ordinary:
            return ()
        if _stretched(token):
            found = self._squeezed.get(_squeeze(token), ())
        return found or self._near(token)

    def _exact(self, token: str) -> tuple[str, ...]:
        found = [token] if token in self._words else []
        for length in self._start_lengths:
            if length > len(token):
                break
            if token[:length] in self._starts:
                found.append(token[:length] + "*")
        return tuple(found)

    def _near(self, token: str) -> tuple[str, ...]:
        size = len(token)
        if not _ONE <= size <= self._longest + 2:
            return ()
        near: set[str] = set()
        for cut in _cuts(token, 2 if size >= _TWO - 1 else 1):
            near.update(self._shorter.get(cut, ()))
        return tuple(sorted({known for word in near if _alike(token, word) for known in self._exact(word)}))

    def _split(self, token: str) -> tuple[str, ...]:
        """*token* as words of the vocabulary, fewest first; empty if a rest remains."""
        best: list[tuple[str, ...] | None] = [(), *([None] * len(token))]
        for end in range(2, len(token) + 1):
            for start in range(max(0, end - self._longest), end - 1):
                head = best[start]
                if head is not None and token[start:end] in self._words:
                    there = best[end]
                    if there is None or len(head) + 1 < len(there):
                        best[end] = (*head, token[start:end])
        found = best[-1] or ()
        return found if len(found) > 1 and len(token) >= 3 * len(found) - 1 else ()


def _forms(token: str) -> Iterable[str]:
    if any(pair in token for pair, _ in _UMLAUTS):
        form = token
        for pair, letter in _UMLAUTS:
            form = form.replace(pair, letter)
        yield form
    if not token.isalpha() and any(letter.isalpha() for letter in token):
        yield from (token.translate(table) for table in _LEET)
    if token.isascii():
        yield from _cyrillic(token)
    if not token.isascii():
        yield token.translate(_TO_CYRILLIC)
        yield token.translate(_TO_LATIN)
        if "\u0600" < token[0] < "\u0700":
            yield from (
                token[len(clitic) :] for clitic in _CLITICS if token.startswith(clitic) and len(token) > len(clitic) + 2
            )


def _cyrillic(token: str) -> Iterable[str]:
    for letters, table in _TABLES:
        form = letters.sub(lambda match, table=table: table[match[0]], token)  # type: ignore[misc]
        yield from (form, form + "ь")


def _alike(token: str, word: str) -> bool:
    allowed = 2 if len(word) >= _TWO else 1
    if token[0] != word[0] and token[:2] != word[1::-1] and len(word) < _TWO - 1:
        return False
    return OSA.distance(token, word, score_cutoff=allowed) <= allowed


def _cuts(word: str, depth: int) -> set[str]:
    """*word* and what remains of it when up to *depth* letters are left out."""
    cuts, layer = {word}, {word}
    for _ in range(depth):
        layer = {left[:at] + left[at + 1 :] for left in layer for at in range(len(left))}
        cuts |= layer
    return cuts


def _squeeze(word: str) -> str:
    return "".join(letter for at, letter in enumerate(word) if not at or word[at - 1] != letter)


def _stretched(token: str) -> bool:
    return token[-1] == token[-2:-1] or any(token[at] == token[at + 1] == token[at + 2] for at in range(len(token) - 2))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key, word in pairs:
        groups.setdefault(key, []).append(word)
    return {key: tuple(words) for key, words in groups.items()}
