"""What goes into a turn and what comes out: the vocabulary that every channel shares."""

from dataclasses import dataclass, field
from datetime import datetime

from knowledge.model import Audience


@dataclass(frozen=True, slots=True)
class Utterance:
    """Typed text. Left out of repr(), so that no log line can show it. *at* is local time, with its zone."""

    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: the value that was offered with it."""

    value: str
    at: datetime


Message = Utterance | Press


@dataclass(frozen=True, slots=True)
class Button:
    """A choice. *value* has at most 52 bytes, so that a channel can add its own proof within Telegram's 64."""

    label: str
    value: str
    minor: bool = False  # a way out rather than an answer; shown after the answers


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line of a card. *kind* is a FactKind or one of does, step, ready, why, source, plan-b, next-step, …"""

    kind: str
    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A contact card. *actor* is the id; lines are in the order of reading; what a channel adds is in *language*."""

    actor: str
    title: str
    lines: tuple[CardLine, ...]
    language: str = "de"


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over. *media_type* as in HTTP: text/csv, image/png …"""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the user: plain text, perhaps a card, perhaps buttons. Emphasis comes from structure.

    *save* says that the card is wanted as a contact for the address book, where the channel can send one.
    """

    text: str = ""
    card: Card | None = None
    buttons: tuple[Button, ...] = ()
    save: bool = False
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that is remembered of a dialogue: choices from closed lists, never a typed word.

    *answers* maps question to option in the order given; the position in a flow is replayed from it. *found* are
    answers read from the last message, waiting for the concern they belong to. *suggested* are concerns to choose from;
    while a flow is open, its one entry is the concern to switch to. *short* is a short answer that fits the question.
    *offered* are the buttons last shown.
    *counted* bounds how many referrals one dialogue adds to the statistics.
    """

    region: str | None = None
    audience: Audience | None = None
    language: str = "de"
    greeted: bool = False
    concern: str | None = None
    flow: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    suggested: tuple[str, ...] = ()
    offered: tuple[Button, ...] = ()
    short: str | None = None
    misses: int = 0
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Referred:
    """Somebody was referred. *way*: words, flow or menu."""

    concern: str
    actors: tuple[str, ...]
    way: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A message led nowhere."""


@dataclass(frozen=True, slots=True)
class CrisisShown:
    """The emergency numbers were shown."""


@dataclass(frozen=True, slots=True)
class Rated:
    """The user said whether it helped."""

    helpful: bool
    concern: str | None


@dataclass(frozen=True, slots=True)
class FactDisputed:
    """The user said that a fact of a card is wrong. *kind* is a FactKind or "other"."""

    actor: str
    kind: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A flow was left at a question."""

    flow: str
    question: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The user wants everything forgotten: nothing of the conversation is stored. Never counted."""


Event = Referred | NotUnderstood | CrisisShown | Rated | FactDisputed | Dropped | Forgotten


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to one message: the new state, at least one reply, and what is worth counting."""

    conversation: Conversation
    replies: tuple[Reply, ...]
    events: tuple[Event, ...] = ()
