"""Where conversations rest, sealed, and requests are counted: the port, and what crosses it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class StoreError(Exception):
    """The database cannot be used now; the message says why and what would help, without any user data."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A stored conversation: its pseudonym, the number of its key, and the sealed bytes."""

    key: bytes
    epoch: int
    body: bytes


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
    """The effects of one message, stored together or not at all. *state* None deletes the conversation."""

    old_keys: tuple[bytes, ...]
    state: Sealed | None
    counts: tuple[Count, ...]


class Store(Protocol):
    """Every method raises StoreError if the database cannot be used."""

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        """The conversation under the first of *keys* that is stored."""

    def commit(self, done: Done) -> None:
        """State and counts of one message, durable when this returns."""

    def conversations(self) -> Iterable[Sealed]:
        """All stored conversations."""

    def delete(self, keys: Sequence[bytes]) -> None:
        """Remove these conversations."""

    def tally(self) -> list[Count]:
        """All counts, in the order of their columns."""

    def close(self) -> None:
        """Give the database back."""
