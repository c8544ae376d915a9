"""The example messages: enough for every concern and language, none twice, and understood by the search itself.

`examples/_failing.yaml` of a pack lists the known misses (concern → messages). What is missed must be listed, what is
understood again must leave the list: it can only shrink. Between the two lies a margin, because the last digit of a
share differs from one processor to the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge import cues, schema
from knowledge.schema import typed
from knowledge.search import Search
from knowledge.source import Document, Problem, read

ENOUGH = {"de": 40}  # messages a concern needs in the language most people write in …
ENOUGH_ELSEWHERE = 12  # … and in every other one
MARGIN = 0.3  # share by which another concern must lead before a message counts as missed
FAILING = "_failing.yaml"


@dataclass(frozen=True, slots=True)
class Message:
    """One example, and where it stands."""

    text: str
    language: str
    concern: str
    file: str
    line: int


def gather(roots: Sequence[Path]) -> tuple[list[Message], list[Problem]]:
    """All examples below *roots*, in the order of the files."""
    messages: list[Message] = []
    problems: list[Problem] = []
    for root in roots:
        for path in sorted(root.rglob("examples/*/*.yaml")):
            document, more = read(path, _name(path, root))
            problems += more
            if document is None:
                continue
            texts, more = typed(schema.ExamplesFile, document.tree, document)
            problems += more
            for index, text in enumerate(texts or ()):
                messages.append(Message(text, path.parent.name, path.stem, document.file, document.line((index,))))
    return messages, problems


def check_examples(roots: Sequence[Path], search: Search, concerns: Sequence[str]) -> list[Problem]:
    """Everything wrong with the examples below *roots*, for a *search* that was fitted on them."""
    messages, problems = gather(roots)
    problems += _few(messages, concerns)
    problems += _twice(messages)
    listed, more = failing(roots)
    problems += more
    missed = set(misses(messages, search, MARGIN))
    right = set(messages) - set(misses(messages, search, -MARGIN))
    for message in messages:
        known = (message.concern, message.text) in listed
        if message in missed and not known:
            text = (
                f"'{message.text}' is understood as '{_best(search, message)}'; word it better, or list it in {FAILING}"
            )
            problems.append(Problem(message.file, message.line, text))
        elif message in right and known:
            text = f"'{message.text}' is understood now; take it out of {FAILING}"
            problems.append(Problem(message.file, message.line, text))
    present = {(message.concern, message.text) for message in messages}
    for key, (document, line) in listed.items():
        if key not in present:
            text = f"'{key[1]}' is no example of '{key[0]}' any more; delete the line"
            problems.append(Problem(document.file, line, text))
    return problems


def failing(roots: Sequence[Path]) -> tuple[dict[tuple[str, str], tuple[Document, int]], list[Problem]]:
    """(concern, message) → where it is listed as a known miss."""
    listed: dict[tuple[str, str], tuple[Document, int]] = {}
    problems: list[Problem] = []
    for root in roots:
        for path in sorted(root.rglob(f"examples/{FAILING}")):
            document, more = read(path, _name(path, root))
            problems += more
            if document is None:
                continue
            found, more = typed(schema.FailingFile, document.tree, document)  # type: ignore[type-abstract]
            problems += more
            for concern, texts in (found or {}).items():
                for index, text in enumerate(texts):
                    listed[concern, text] = document, document.line((concern, index))
    return listed, problems


def misses(messages: Sequence[Message], search: Search, margin: float) -> Iterator[Message]:
    """The messages for which another concern leads by more than *margin*. A negative margin also names close calls."""
    leads = search.leads([(message.text, message.concern) for message in messages])
    return (message for message, lead in zip(messages, leads, strict=True) if lead < -margin)


def _name(path: Path, root: Path) -> str:
    """The name in messages: it begins with the pack, also where *root* is a single pack."""
    return path.relative_to(root.parent if (root / "pack.yaml").is_file() else root).as_posix()


def _best(search: Search, message: Message) -> str:
    concerns = search.rank(message.text).concerns
    return concerns[0][0] if concerns else ""


def _few(messages: Sequence[Message], concerns: Sequence[str]) -> Iterator[Problem]:
    counts: dict[tuple[str, str], int] = {}
    folders: dict[str, str] = {}
    for message in messages:
        counts[message.language, message.concern] = counts.get((message.language, message.concern), 0) + 1
        folders.setdefault(message.language, message.file.rsplit("/", 1)[0])
    for language, concern in counts:
        if concern not in concerns:
            file = f"{folders[language]}/{concern}.yaml"
            yield Problem(
                file, 1, f"holds examples of the unknown concern '{concern}'{schema.nearest(concern, concerns)}"
            )
    for language, folder in folders.items():
        enough = ENOUGH.get(language, ENOUGH_ELSEWHERE)
        for concern in concerns:
            count = counts.get((language, concern), 0)
            if count < enough:
                text = f"has {count} examples in '{language}'; at least {enough} are needed"
                yield Problem(f"{folder}/{concern}.yaml", 1, text)


def _twice(messages: Sequence[Message]) -> Iterator[Problem]:
    first: dict[tuple[str, object], Message] = {}
    for message in messages:
        key = message.language, cues.words(message.text) or message.text
        seen = first.setdefault(key, message)
        if seen is not message:
            where = f"{seen.file}:{seen.line}"
            yield Problem(message.file, message.line, f"'{message.text}' stands already in {where}; one is enough")
