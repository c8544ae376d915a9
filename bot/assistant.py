"""One message: open the conversation, respond, store state and counts in one commit. The only `except Exception`."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.keyring import KEPT, Epoch, Keyring, UnreadableError
from bot.store import Count, Done, Sealed, Store, StoreError
from bot.store.codec import Remembered, decode, encode
from config import logs
from handlers import (
    Conversation,
    Message,
    Press,
    Reply,
    Situation,
    Turn,
    Utterance,
    crisis_reply,
    record,
    respond,
    served,
)
from handlers.dialogue import Forgotten
from knowledge.base import Knowledge


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from a channel: typed text, or the value of a pressed button."""

    channel: str
    chat: str
    text: str | None = None
    press: str | None = None

    def __repr__(self) -> str:
        return f"Incoming({self.channel})"


class Assistant:
    """Answers messages of all channels. *start* is the conversation of somebody who writes for the first time."""

    def __init__(
        self,
        knowledge: Knowledge,
        store: Store,
        keyring: Keyring,
        *,
        clock: Callable[[], datetime],
        start: Conversation | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._start = start or Conversation()

    def answer(self, incoming: Incoming) -> tuple[Reply, ...]:
        """The replies to one message. Whatever fails, the answer holds help: at least the emergency numbers."""
        at = datetime.now().astimezone()  # holds only if the clock itself fails
        conversation = self._start
        try:
            at = self._clock()
            keys = tuple(epoch.pseudonym(incoming.channel, incoming.chat) for epoch in self._keyring.living(at))
            known = self._open(keys, at)
            conversation = known.conversation if known else self._start
            turn = respond(self._knowledge, conversation, _message(incoming, at))
            self._keep(incoming, turn, keys, known.born if known else at.timestamp(), at)
        except Exception as error:  # noqa: BLE001 - nobody may be left without an answer
            logs.event(
                logging.ERROR,
                "failed",
                channel=incoming.channel,
                error=type(error).__name__,
                component=_component(error),
            )
            return self._apology(conversation, incoming, at)
        logs.event(logging.INFO, "answered", channel=incoming.channel, replies=len(turn.replies))
        return turn.replies

    def _open(self, keys: tuple[bytes, ...], at: datetime) -> Remembered | None:
        sealed = self._store.load(keys)
        epoch = next((epoch for epoch in self._keyring.living(at) if sealed and epoch.number == sealed.epoch), None)
        remembered = _opened(sealed, epoch) if sealed and epoch else None
        return remembered if remembered and not remembered.expired(at) else None

    def _keep(self, incoming: Incoming, turn: Turn, keys: tuple[bytes, ...], born: float, at: datetime) -> None:
        counts = tuple(
            Count(
                region=turn.conversation.region or "",
                week=week_of(at),
                concern=cell.concern,
                audience=cell.audience,
                actor=cell.actor,
                channel=incoming.channel,
                outcome=cell.outcome,
            )
            for event in turn.events
            for cell in record(event, turn.conversation)
        )
        state = None
        if Forgotten() not in turn.events:
            epoch = self._keyring.present(at)
            key = epoch.pseudonym(incoming.channel, incoming.chat)
            body = epoch.seal(encode(Remembered(turn.conversation, born, at.timestamp())), key)
            state = Sealed(key, epoch.number, body)
        self._store.commit(Done(keys, state, counts))

    def _apology(self, conversation: Conversation, incoming: Incoming, at: datetime) -> tuple[Reply, ...]:
        situation = Situation(self._knowledge, served(self._knowledge, conversation), _message(incoming, at))
        return (Reply(situation.say(situation.texts.failure)), *crisis_reply(situation))


def sweep(store: Store, keyring: Keyring, at: datetime) -> int:
    """Delete every conversation that has ended; how many there were.

    What these keys cannot open may belong to another process: it is left until its key must be gone everywhere.
    """
    epochs = {epoch.number: epoch for epoch in keyring.living(at)}
    oldest = keyring.present(at).number - KEPT + 1
    dead = []
    for sealed in store.conversations():
        epoch = epochs.get(sealed.epoch)
        remembered = _opened(sealed, epoch) if epoch else None
        if sealed.epoch < oldest or (remembered is not None and remembered.expired(at)):
            dead.append(sealed.key)
    if dead:
        store.delete(dead)
    return len(dead)


def week_of(at: datetime) -> str:
    """The ISO week of a local time: "2026-W47"."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


def _message(incoming: Incoming, at: datetime) -> Message:
    return Press(incoming.press, at) if incoming.press is not None else Utterance(incoming.text or "", at)


def _opened(sealed: Sealed, epoch: Epoch) -> Remembered | None:
    try:
        return decode(epoch.open(sealed.body, sealed.key))
    except UnreadableError:
        return None


def _component(error: Exception) -> str:
    return "store" if isinstance(error, StoreError) else "core"
