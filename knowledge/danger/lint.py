"""Method words must never appear in what the bot says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from knowledge.danger.fold import tokenise


def lint_reply(texts: Iterable[str], rules_by_language: Mapping[str, Any]) -> list[str]:
    """One line for each method word in *texts*: the word as listed, and the text; [] = clean.

    The words are the section ``methods`` of the danger rules; ``*`` = any ending, several words = in a row."""
    listed = [
        (str(word), tokenise(str(word).rstrip("*")), str(word).endswith("*"))
        for data in rules_by_language.values()
        for word in data.get("methods") or ()
    ]
    return [
        f"method word {word!r} in {text!r}"
        for text in texts
        for said in (tokenise(text),)
        for word, parts, open_end in listed
        if any(_same(said[at : at + len(parts)], parts, open_end=open_end) for at in range(len(said)))
    ]


def _same(said: tuple[str, ...], parts: tuple[str, ...], *, open_end: bool) -> bool:
    if len(said) < len(parts) or said[:-1] != parts[:-1]:
        return False
    return said[-1].startswith(parts[-1]) if open_end else said[-1] == parts[-1]
