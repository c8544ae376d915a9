"""Words with a fixed meaning: whole messages that are a command, words that join thoughts, words around a name."""

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge import cues, schema
from knowledge.schema import nearest, typed
from knowledge.source import Document, Problem

COMMANDS = frozenset(
    {
        "start", "help", "restart", "back", "language", "privacy", "forget", "human", "stop", "why", "review",
        "continue", "menu", "vague", "yes", "no", "dates",
    }
)  # fmt: skip
LISTS = frozenset({"joints", "contact"})


@dataclass(frozen=True, slots=True)
class Words:
    """*spoken*: the words of a whole message → command. *joints*: words between two thoughts. *contact*: words of
    somebody who only asks how to reach an office."""

    spoken: dict[tuple[str, ...], str]
    joints: frozenset[str]
    contact: frozenset[str]


def read(documents: Iterable[Document]) -> tuple[Words, list[Problem]]:
    """The words of all words.yaml files together; an unknown meaning, or one message with two, is a problem."""
    spoken: dict[tuple[str, ...], str] = {}
    lists: dict[str, set[str]] = {name: set() for name in LISTS}
    problems: list[Problem] = []
    for document in documents:
        found, wrong = typed(schema.WordsFile, document.tree, document)  # type: ignore[type-abstract]
        problems += wrong
        for meaning, languages in (found or {}).items():
            known = COMMANDS | LISTS
            if meaning not in known:
                text = f"'{meaning}' is not a command{nearest(meaning, known)} (all: {', '.join(sorted(known))})"
                problems.append(Problem(document.file, document.line((meaning,)), text))
            for language, phrases in languages.items():
                for index, phrase in enumerate(phrases):
                    key = cues.words(phrase) or (phrase,)
                    if meaning in LISTS:
                        lists[meaning].update(cues.words(phrase))
                    elif spoken.setdefault(key, meaning) != meaning:
                        line = document.line((meaning, language, index))
                        text = f"'{phrase}' means '{spoken[key]}' already; one message cannot be two commands"
                        problems.append(Problem(document.file, line, text))
    return Words(spoken, frozenset(lists["joints"]), frozenset(lists["contact"])), problems
