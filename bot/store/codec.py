"""Conversation ⇄ bytes, strict both ways; with the times that bound its life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from handlers.dialogue import Conversation

IDLE = timedelta(minutes=30)
AGE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A conversation with its first and its latest moment (seconds since 1970), and the knowledge it began with."""

    conversation: Conversation
    born: float
    touched: float
    version: str = ""  # empty: whatever is the newest

    def expired(self, at: datetime) -> bool:
        """Idle for more than 30 minutes, older than 2 hours, or from the future (the clock was set back)."""
        now = at.timestamp()
        return not (0 <= now - self.touched <= IDLE.total_seconds() and 0 <= now - self.born <= AGE.total_seconds())


@cache
def _adapter() -> TypeAdapter[Remembered]:
    return TypeAdapter(Remembered)


def encode(remembered: Remembered) -> bytes:
    return _adapter().dump_json(remembered, exclude_defaults=True)


def decode(body: bytes) -> Remembered | None:
    """None if the bytes are not a conversation of this version of the program."""
    try:
        return _adapter().validate_json(body, strict=True, extra="forbid")
    except ValidationError:
        return None
