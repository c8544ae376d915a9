"""Where messages wait, conversations rest sealed, and requests are counted: the port, and what crosses it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class StoreError(Exception):
    """The database cannot be used now; the message says why and what would help, without any user data."""


class AwayError(StoreError):
    """Trying the same again at once would not help, or might do it twice: the database is locked, full or gone."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A stored conversation: its pseudonym, the number of its key, and the sealed bytes."""

    key: bytes
    epoch: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed message in the inbox or the outbox: its id, the number of its key, and the sealed bytes.

    *others* are the ids that the same message has under older keys: it is known if any of them is.
    """

    id: bytes
    epoch: int
    body: bytes
    others: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """One cell of the statistics. Every value is from a closed list; *week* is an ISO week ("2026-W47")."""

    region: str
    week: str
    concern: str
    audience: str
    actor: str
    channel: str
    outcome: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """The effects of one message, stored together or not at all. *state* None deletes the conversation.

    *inbox* is the id of the message, which must be waiting; None if it never did. *fresh* is a message handled at
    once, without having waited: it is known from now on. *outbox* are the replies that now wait to be sent.
    """

    old_keys: tuple[bytes, ...]
    state: Sealed | None
    counts: tuple[Count, ...]
    inbox: bytes | None = None
    fresh: Waiting | None = None
    outbox: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What several callers want written: all of it in one transaction, in this order."""

    accepted: tuple[Waiting, ...] = ()
    cursors: tuple[tuple[str, str], ...] = ()  # (channel, position)
    done: tuple[Done, ...] = ()
    sent: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch: which accepted messages are *new*, and which of *done* took effect.

    An accepted message that was known is left as it is. A *done* whose inbox message is not waiting (any more), or
    whose fresh message is known, has no effect at all: somebody else has handled it.
    """

    new: frozenset[bytes] = field(default_factory=frozenset)
    done: tuple[bool, ...] = ()


class Store(Protocol):
    """Every method raises StoreError if the database cannot be used; then nothing of the call was written, unless a
    connection broke while it was committed: then nobody knows, and every lease is lost."""

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        """The conversation under the first of *keys* that is stored."""

    def glance(self, keys: Sequence[bytes]) -> Sealed | None:
        """As load(), for an event loop: takes well under a millisecond, or StoreError where load() would wait."""

    def write(self, batch: Batch) -> Written:
        """All of *batch*, durable when this returns."""

    def inbox(self) -> list[Waiting]:
        """The messages that wait to be handled, in the order of arrival."""

    def outbox(self) -> list[Waiting]:
        """The replies that wait to be sent, in the order they were made."""

    def cursor(self, channel: str) -> str | None:
        """The position last stored for *channel*."""

    def age(self, epoch: int) -> int:
        """Delete inbox and outbox entries under keys older than *epoch*; how many of them still waited."""

    def conversations(self) -> Iterable[Sealed]:
        """All stored conversations."""

    def delete(self, keys: Sequence[bytes]) -> None:
        """Remove these conversations."""

    def tally(self) -> list[Count]:
        """All counts, in the order of their columns."""

    def lease(self, name: str) -> "Lease | None":
        """The right to be the only process that does *name*; None while another one has it."""

    def close(self) -> None:
        """Give the database back."""


class Lease(Protocol):
    """A right that ends with the process, however that ends."""

    def held(self) -> bool:
        """Whether it is still ours: a connection that broke has lost it."""

    def release(self) -> None:
        """Let another process have it."""
