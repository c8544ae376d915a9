"""What every channel shares: messages in, messages out, and the promises between a channel and the pipeline."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from handlers.dialogue import Reply

Body = Mapping[str, Any]
"""One message as its platform wants it: strings, numbers, lists and mappings only, so that it can rest as JSON."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of one chat: typed text, or the value of a pressed button.

    *id* is the platform's: the same however often the message is delivered; "" if it cannot come twice. *mark* is what
    the channel needs to acknowledge it (the message with the pressed button, for example). *sender* decides only who is
    a coordinator. *language* is that of the person's app, two letters, used until somebody writes or chooses another.
    """

    channel: str
    chat: str
    text: str | None = None
    press: str | None = None
    id: str = ""
    sender: str = ""
    language: str = ""
    mark: Body = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Incoming({self.channel})"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one chat. *id* is the same for every attempt: a platform that knows ids shows it once."""

    chat: str
    id: str
    body: Body

    def __repr__(self) -> str:
        return "Outgoing()"


class LaterError(Exception):
    """The platform cannot take the message now; after *seconds* it may be tried again, None if it did not say."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__()
        self.seconds = seconds


class GoneError(Exception):
    """The chat cannot be written to: blocked, left or deleted. What waits for it is dropped."""


class RefusedError(Exception):
    """The platform will never take this message; it is dropped and the next one is sent."""


class ChannelError(Exception):
    """The channel cannot run with this configuration; the message says what would be right and shows no secret."""


Accept = Callable[..., Awaitable[None]]
"""accept(messages, cursor=None): returns when the messages are durable; only then may they be confirmed to their
platform. Raises StoreError, with nothing kept, if the database cannot be used: wait, then try the same again."""


class Channel(Protocol):
    """A messenger. The pipeline calls render() and send() in the order of each chat, many chats at a time."""

    name: str

    async def open(self) -> None:
        """Log in and check the credentials. ChannelError if they are wrong; LaterError if nobody answers now."""

    async def receive(self, accept: Accept, cursor: str | None) -> None:
        """Hand every message to *accept*, in the order of each chat, until cancelled; survives every failure of the
        network. *cursor* is the last one accepted: where to go on."""

    def render(self, incoming: Incoming, replies: Sequence[Reply]) -> tuple[Body, ...]:
        """The replies to *incoming* as messages of the platform, in order. Pure."""

    async def acknowledge(self, incoming: Incoming) -> None:
        """Say that *incoming* was seen: a pressed button is answered and marked, a message is marked as read."""

    async def typing(self, chat: str) -> None:
        """Show that an answer is being written; called when one takes long."""

    async def send(self, outgoing: Outgoing) -> None:
        """One attempt, with a timeout. LaterError, GoneError or RefusedError if it was not taken."""

    async def close(self) -> None:
        """Give the connections back."""
