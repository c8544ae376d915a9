"""Text to folded tokens: one spelling for case, accents, Arabic variants, look-alike letters and spaced words."""

from __future__ import annotations

import unicodedata

STOP = "|"  # the token of a sentence end; no word ever equals it
LIMIT = 2000  # characters of a message that count; cut before anything is normalised
_EXPANDED = 2 * LIMIT  # NFKC turns one character into up to 18; what is longer is cut again

_ENDS = ".!?;\n\r\u2026\u061b\u061f\u06d4\u3002"
_JOINED = "'\u2019\u2018`\u00b4\u02bc\u02b9\u2032\u0640"  # apostrophes and the Arabic stretch: left out, dont = don't
_LETTERS = {
    "ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ґ": "г", "@": "a", "$": "s", "€": "e",
    "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ہ": "ه", "ک": "ك", "گ": "ك", "ٱ": "ا", "چ": "ج", "پ": "ب", "ڤ": "ف",
}  # fmt: skip


def fold(text: str) -> str:
    """*text* in lower case without accents, with one form for each letter; apostrophes and invisible signs left out."""
    plain = unicodedata.normalize("NFKC", text[:LIMIT])[:_EXPANDED].replace("İ", "i").casefold()
    return unicodedata.normalize("NFD", plain).translate(_TABLE)


def tokenise(text: str) -> tuple[str, ...]:
    """The folded words of *text* in order, STOP between sentences, every emoji a word of its own.

    A run of three or more single letters is one word: s t e r b e n, s.t.e.r.b.e.n."""
    return tuple(_join_letters(fold(text).split()))


class _Table(dict[int, str | None]):
    """Code point to what replaces it; filled on demand, bounded by the number of code points."""

    def __missing__(self, code: int) -> str | None:
        value = self[code] = _replacement(chr(code))
        return value


def _replacement(char: str) -> str | None:
    if char in _LETTERS:
        return _LETTERS[char]
    if char in _ENDS:
        return f" {STOP} "
    category = unicodedata.category(char)
    if char in _JOINED or category in ("Mn", "Me", "Cf", "Sk"):
        return None
    if category[0] in "LN" or char == "*":
        return char
    return f" {char} " if category == "So" else " "


_TABLE = _Table()


def _join_letters(words: list[str]) -> list[str]:
    if not _spaced(words):
        return words
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if (len(word) == 1 and word.isalnum()) or (word == STOP and run):
            run.append(word)
            continue
        letters = [letter for letter in run if letter != STOP]
        joined += ["".join(letters)] if len(letters) > 2 else run
        run = []
        joined += [word] if word else []
    return joined


def _spaced(words: list[str]) -> bool:
    return sum(1 for word in words if len(word) == 1 and word.isalnum()) > 2
