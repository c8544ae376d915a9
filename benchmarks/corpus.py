"""Reads the example messages of a pack and labelled messages of a TSV file."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

PACK = Path(__file__).parent.parent / "knowledge" / "packs" / "common"
BLOCK = 5  # neighbouring lines of a file were written in one breath, so they stay in one fold


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message; also: other concerns that careful readers accept."""

    text: str
    lang: str
    concern: str
    also: tuple[str, ...] = ()
    audience: str | None = None


def examples(pack: Path = PACK) -> list[Message]:
    """All example messages in the order of the files; German first, because terms count as German."""
    paths = sorted((pack / "examples").glob("*/*.yaml"), key=lambda path: (path.parent.name != "de", path))
    return [Message(str(text), path.parent.name, path.stem) for path in paths for text in _yaml(path) or ()]


def terms(pack: Path = PACK) -> dict[str, list[str]]:
    """Key terms of each concern: label, synonyms, and the questions of short answers."""
    found: dict[str, list[str]] = {}
    for concern in _entries(pack / "concerns.yaml"):
        found[str(concern["id"])] = [str(concern["label"]), *map(str, concern.get("synonyms", []))]
    for answer in _entries(pack / "answers.yaml"):
        asked = [str(answer["question"]), *map(str, answer.get("phrases", []))]
        found.setdefault(str(answer["concern"]), []).extend(asked)
    return found


def labelled(path: Path) -> list[Message]:
    """Messages of a TSV file with the columns id, lang, audience, text, concern, also."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Message(
                row["text"], row["lang"], row["concern"], tuple(filter(None, row["also"].split(","))), row["audience"]
            )
            for row in csv.DictReader(lines, delimiter="\t")
        ]


def fold(messages: Sequence[Message], out: int, of: int = 5) -> tuple[list[Message], list[Message]]:
    """Fold *out* of *of*: messages to fit on, messages to test on. Blocks of neighbours are not split."""
    place: dict[tuple[str, str], int] = {}
    fit_on: list[Message] = []
    test_on: list[Message] = []
    for message in messages:
        at = place[message.lang, message.concern] = place.get((message.lang, message.concern), -1) + 1
        (test_on if at // BLOCK % of == out else fit_on).append(message)
    return fit_on, test_on


def nested(messages: Iterable[Message]) -> dict[str, dict[str, list[str]]]:
    """language -> concern -> messages, as fit() wants them."""
    tree: dict[str, dict[str, list[str]]] = {}
    for message in messages:
        tree.setdefault(message.lang, {}).setdefault(message.concern, []).append(message.text)
    return tree


def _entries(path: Path) -> list[dict[str, list[str] | str]]:
    return list(_yaml(path) or ()) if path.exists() else []


def _yaml(path: Path):  # type: ignore[no-untyped-def]  # whatever the file holds
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
