"""Messages on their way: sealed for the inbox and the outbox, and opened again after a crash."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from bot.channels.port import Body, Incoming, Outgoing
from bot.keyring import Epoch, Keyring, UnreadableError
from bot.store import Done, Waiting

DAY = timedelta(days=1)
KEPT = 2  # days: a platform repeats what was not confirmed for 24 hours
PATIENCE = timedelta(minutes=15)  # a reply that could not be sent for so long helps nobody any more
PLACES = 256  # replies to one message


@dataclass(frozen=True, slots=True)
class Received:
    """A message with its id in the inbox. One that is not there yet has its *row*, and tells when it is *durable*."""

    key: bytes
    incoming: Incoming
    row: Waiting | None = None
    durable: asyncio.Future[None] | None = None

    @property
    def handled(self) -> Done:
        """That it needs nothing more."""
        return Done((), None, (), fresh=self.row) if self.row else Done((), None, (), inbox=self.key)


@dataclass(frozen=True, slots=True)
class Pending:
    """A reply to be sent, and until when (seconds since 1970) that makes sense."""

    outgoing: Outgoing
    channel: str
    until: float

    @property
    def key(self) -> bytes:
        """Its id in the outbox."""
        message, _, place = self.outgoing.id.partition("-")
        return bytes.fromhex(message) + bytes([int(place)])


class Post:
    """Seals and opens. *keyring* turns once a day: bodies are emptied long before their keys go."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def received(self, incoming: Incoming, at: datetime) -> Waiting:
        """*incoming* for the inbox. Its id is a keyed hash: the same for the same message under the same key."""
        living = list(self._keyring.living(at))
        first, *others = (_id(epoch, incoming) for epoch in living)
        return Waiting(first, living[0].number, _seal(living[0], first, _content(incoming)), tuple(others))

    def replies(self, message: bytes, incoming: Incoming, bodies: Sequence[Body], at: datetime) -> list[Pending]:
        """The *bodies* that answer the inbox entry *message*, in order."""
        until = (at + PATIENCE).timestamp()
        return [
            Pending(Outgoing(incoming.chat, f"{message.hex()}-{place}", body), incoming.channel, until)
            for place, body in enumerate(bodies[:PLACES])
        ]

    def sealed(self, pending: Pending, at: datetime) -> Waiting:
        epoch = self._keyring.present(at)
        content = {**_content(pending), "outgoing": _content(pending.outgoing)}
        return Waiting(pending.key, epoch.number, _seal(epoch, pending.key, content))

    def incoming(self, waiting: Waiting, at: datetime) -> Incoming | None:
        """What was received; None if its key is gone: then it is lost, by design."""
        found = self._opened(waiting, at)
        return Incoming(**found) if found else None

    def pending(self, waiting: Waiting, at: datetime) -> Pending | None:
        found = self._opened(waiting, at)
        return Pending(Outgoing(**found["outgoing"]), found["channel"], found["until"]) if found else None

    def oldest(self, at: datetime) -> int:
        """The number of the oldest key that may still open something."""
        return self._keyring.present(at).number - self._keyring.kept + 1

    def _opened(self, waiting: Waiting, at: datetime) -> dict[str, Any] | None:
        epoch = next((epoch for epoch in self._keyring.living(at) if epoch.number == waiting.epoch), None)
        if epoch is None:
            return None
        try:
            opened: dict[str, Any] = json.loads(epoch.open(waiting.body, waiting.id))
        except UnreadableError:
            return None
        return opened


def _id(epoch: Epoch, incoming: Incoming) -> bytes:
    return epoch.pseudonym(f"{incoming.channel} message", f"{incoming.chat}\0{incoming.id}")


def _content(message: Incoming | Pending | Outgoing) -> dict[str, Any]:
    """The fields of *message*; not copied, for they only become JSON."""
    return {each.name: getattr(message, each.name) for each in fields(message)}


def _seal(epoch: Epoch, bound_to: bytes, content: dict[str, Any]) -> bytes:
    return epoch.seal(json.dumps(content).encode(), bound_to)
