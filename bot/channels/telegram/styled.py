"""Text with bold words and links, cut into messages that Telegram takes: 4,096 UTF-16 units, no markup language."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from telegram.constants import MessageEntityType, MessageLimit

LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)  # 4,096 UTF-16 units after entities; Telegram Bot API, sendMessage
ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)  # 100; Telegram ignores what is above
BOLD, ITALIC, LINK = (
    str(kind.value) for kind in (MessageEntityType.BOLD, MessageEntityType.ITALIC, MessageEntityType.TEXT_LINK)
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff\0]")  # cannot be sent as UTF-8; NUL ends a text for many a program
_BREAKS = tuple(map(re.compile, (r"\n\s*\n", r"\n", r"[.!?…][\"“”»)]*\s", r"\s")))  # best first


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters *start* to *end* are of this *kind*: a type of MessageEntity."""

    start: int
    end: int
    kind: str
    url: str = ""

    def moved(self, by: int) -> "Mark":
        return Mark(self.start + by, self.end + by, self.kind, self.url)


@dataclass(frozen=True, slots=True)
class Styled:
    """A text and its marks, which do not overlap."""

    text: str
    marks: tuple[Mark, ...] = ()

    def __add__(self, other: "Styled") -> "Styled":
        return joined((self, other), "")

    def entities(self) -> list[dict[str, Any]]:
        """The marks as Telegram wants them, their places counted in UTF-16 units."""
        return [
            {
                "type": mark.kind,
                "offset": units(self.text[: mark.start]),
                "length": units(self.text[mark.start : mark.end]),
                **({"url": mark.url} if mark.url else {}),
            }
            for mark in self.marks[:ENTITIES]
        ]


def styled(text: str, kind: str = "", url: str = "") -> Styled:
    """*text*, all of one kind; letters that cannot be sent become a replacement sign."""
    clean = _SURROGATE.sub("\ufffd", text)
    return Styled(clean, (Mark(0, len(clean), kind, url),) if kind and clean else ())


def joined(parts: Iterable[Styled], between: str) -> Styled:
    """The parts that are not empty, with *between* between them."""
    text, marks = "", list[Mark]()
    for part in parts:
        if part.text:
            text += between if text else ""
            marks += [mark.moved(len(text)) for mark in part.marks]
            text += part.text
    return Styled(text, tuple(marks))


def units(text: str) -> int:
    """How long Telegram finds *text*: in UTF-16 units, two for an emoji."""
    return len(text) + len(_ASTRAL.findall(text))


def split(whole: Styled, limit: int = LIMIT) -> Iterator[Styled]:
    """*whole* in pieces of at most *limit* units, each cut after a paragraph, line, sentence or word if there is one.

    Only white space at the ends of the pieces is lost; there is no empty piece.
    """
    start = 0
    while start < len(whole.text):
        end = _cut(whole.text, start, limit)
        if piece := _trimmed(whole, start, end):
            yield piece
        start = end


def _cut(text: str, start: int, limit: int) -> int:
    """Where the piece that begins at *start* ends: the best break in its second half, else as far as it may go."""
    end = min(start + limit, len(text))
    while units(text[start:end]) > limit:
        end -= max(1, (units(text[start:end]) - limit) // 2)
    if end == len(text):
        return end
    for pattern in _BREAKS:
        places = [match.end() for match in pattern.finditer(text, start, end)]
        if places and places[-1] - start >= (end - start) // 2:
            return places[-1]
    return end


def _trimmed(whole: Styled, start: int, end: int) -> Styled | None:
    piece = whole.text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    moved = (mark.moved(-start) for mark in whole.marks)
    inside = (Mark(max(mark.start, 0), min(mark.end, len(piece)), mark.kind, mark.url) for mark in moved)
    return Styled(piece, tuple(mark for mark in inside if mark.start < mark.end)) if piece else None
