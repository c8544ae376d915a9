"""Collects problems, each where it stands; with the limits that several checks share."""

import re
from collections.abc import Iterable, Mapping

from knowledge.model import Pack
from knowledge.schema import nearest
from knowledge.source import Document, Problem

LABEL = 40  # characters of a button label; longer ones are cut on a phone
PAYLOAD = 52  # bytes of a button's value; a channel adds its proof within Telegram's 64
LONGEST_ID = PAYLOAD - len("w//address")  # letters of an actor's id: its longest button says that the address is wrong
OPTIONS = 6  # answers to one question; more are not read
QUESTIONS = 8  # questions on the longest way; then people give up
REASON = 160  # characters of the reason for an actor

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DATE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?|unknown")

Places = Mapping[str, tuple[Document, tuple[str | int, ...]]]


class Checker:
    """Collects the problems of one region's pack."""

    def __init__(self, pack: Pack, places: Places) -> None:
        self.pack = pack
        self.places = places
        self.problems: list[Problem] = []

    def at(self, key: str, text: str, *path: str | int) -> None:
        """A problem with *key* ("actor/kub"), at *path* within it."""
        document, start = self.places[key]
        self.problems.append(Problem(document.file, document.line((*start, *path)), text))

    def known(self, key: str, kind: str, name: str, among: Iterable[str], *path: str | int) -> bool:
        """Whether *name* is one of *among*; a problem if not."""
        names = list(among)
        if name not in names:
            self.at(key, f"names the unknown {kind} '{name}'{nearest(name, names)}", *path)
        return name in names

    def slug(self, key: str, value: str, *path: str | int) -> None:
        if not SLUG.fullmatch(value):
            self.at(key, f"'{value}' is not an id; use lower-case letters a-z, digits and single hyphens", *path)

    def label(self, key: str, label: str, *path: str | int) -> None:
        if not 0 < len(label) <= LABEL:
            self.at(key, f"the label '{label}' has {len(label)} characters; 1 to {LABEL} are allowed", *path)
