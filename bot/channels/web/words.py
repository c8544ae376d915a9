"""What the pages say around the conversation: one YAML file a language, read once; nothing may be missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge import source
from knowledge.model import Strict
from knowledge.schema import typed

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Strict):
    """The furniture of all pages in one language, worded for adults and pupils alike."""

    tagline: str
    start: str
    skip: str
    exit: str
    exit_hint: str
    languages: str
    conversation: str
    mine: str
    choices: str
    message: str
    placeholder: str
    send: str
    waiting: str
    offline: str
    danger: str
    call: str
    print: str
    share: str
    page: str
    calendar: str
    poster: str
    poster_hint: str
    read: str
    quiet: str
    flow: str
    flow_text: str
    flow_picture: str
    flow_again: str
    imprint: str
    privacy: str
    privacy_page: tuple[str, ...]
    responsible: str
    officer: str
    nothing_entered: str
    not_found: str
    not_found_text: str
    not_allowed: str
    not_allowed_text: str
    too_large: str
    too_large_text: str
    too_many: str
    too_many_text: str
    broken: str
    broken_text: str


def read(folder: Path = FOLDER) -> Mapping[str, Words]:
    """Language → its words. ValueError names what is wrong in which file."""
    return {path.stem: _file(path) for path in sorted(folder.glob("*.yaml"))}


def _file(path: Path) -> Words:
    document, problems = source.read(path, path.name)
    words = None
    if document is not None:
        words, found = typed(Words, document.tree, document)
        problems = [*problems, *found]
    if words is None or problems:
        raise ValueError("; ".join(map(str, problems)))
    return words
