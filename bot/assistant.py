"""One message: open the conversation, respond, and say what is to be stored. Nothing that fails gets past here."""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels.port import Incoming
from bot.keyring import Epoch, Keyring, UnreadableError
from bot.library import Library
from bot.store import Batch, Count, Done, Sealed, Store, StoreError
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
from handlers.dialogue import CrisisShown, Forgotten
from knowledge.base import Knowledge


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to one message, and what to store with it. *failed*: it is an apology."""

    replies: tuple[Reply, ...]
    done: Done
    failed: bool = False


class Assistant:
    """Answers messages of all channels. *start* is the conversation of somebody who writes for the first time.

    On the channels of *buttons_only*, typed words are looked at for danger and commands only.
    """

    def __init__(
        self,
        library: Library,
        keyring: Keyring,
        *,
        clock: Callable[[], datetime],
        start: Conversation | None = None,
        buttons_only: Collection[str] = (),
    ) -> None:
        self._library = library
        self._keyring = keyring
        self._clock = clock
        self._start = start or Conversation()
        self._buttons_only = frozenset(buttons_only)

    def names(self, incoming: Incoming) -> tuple[bytes, ...]:
        """The pseudonyms under which the conversation of this chat may be stored, the present one first."""
        try:
            return _names(incoming, self._keyring.living(self._clock()))
        except Exception:  # noqa: BLE001 - nothing is known of the chat then; answer() meets the same and reports it
            return ()

    def answer(self, incoming: Incoming, sealed: Sealed | None) -> Answer:
        """The answer to one message in the stored conversation, if there is one.

        Whatever fails, the answer holds help: at least the emergency numbers; the conversation stays as it was.
        """
        at = datetime.now().astimezone()  # holds only if the clock itself fails
        conversation = self._start
        try:
            at = self._clock()
            known = self._open(sealed, at)
            conversation = known.conversation if known else self._first(incoming)
            knowledge = self._library.of(known.version if known else "", at)
            free_text = incoming.channel not in self._buttons_only
            turn = respond(knowledge, conversation, _message(incoming, at), free_text=free_text)
            born = known.born if known else at.timestamp()
            remembered = Remembered(turn.conversation, born, at.timestamp(), knowledge.version)
            done = self._effects(incoming, turn, remembered, at)
        except Exception as error:  # noqa: BLE001 - nobody may be left without an answer
            _failed(incoming, error)
            return Answer(self._sorry(incoming, conversation, at), Done((), None, ()), failed=True)
        return Answer(_with_notice(knowledge, incoming, conversation, turn), done)

    def alarming(self, incoming: Incoming) -> bool:
        """Whether a rule finds danger in the words."""
        return bool(incoming.text) and self._library.present.gate.look(incoming.text or "") is not None

    def apology(self, incoming: Incoming, sealed: Sealed | None = None) -> tuple[Reply, ...]:
        """That something went wrong, and whom to call in danger."""
        at = self._clock()
        known = self._open(sealed, at)
        return self._sorry(incoming, known.conversation if known else self._first(incoming), at)

    def _sorry(self, incoming: Incoming, conversation: Conversation, at: datetime) -> tuple[Reply, ...]:
        knowledge = self._library.present
        situation = Situation(knowledge, served(knowledge, conversation), _message(incoming, at))
        return (Reply(situation.say(situation.texts.failure)), *crisis_reply(situation))

    def _first(self, incoming: Incoming) -> Conversation:
        """The conversation of somebody new, in the language of their app if we speak it."""
        spoken = incoming.language in self._library.present.languages
        return replace(self._start, language=incoming.language) if spoken else self._start

    def _open(self, sealed: Sealed | None, at: datetime) -> Remembered | None:
        epoch = next((epoch for epoch in self._keyring.living(at) if sealed and epoch.number == sealed.epoch), None)
        remembered = _opened(sealed, epoch) if sealed and epoch else None
        return remembered if remembered and not remembered.expired(at) else None

    def _effects(self, incoming: Incoming, turn: Turn, remembered: Remembered, at: datetime) -> Done:
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
        living = list(self._keyring.living(at))
        names, epoch, state = _names(incoming, living), living[0], None
        if Forgotten() not in turn.events:
            state = Sealed(names[0], epoch.number, epoch.seal(encode(remembered), names[0]))
        return Done(names, state, counts)


def take_turn(assistant: Assistant, store: Store, incoming: Incoming) -> tuple[Reply, ...]:
    """One whole turn, alone: load, answer, store. For the terminal."""
    sealed = None
    try:
        sealed = store.load(assistant.names(incoming))
        answer = assistant.answer(incoming, sealed)
        store.write(Batch(done=(answer.done,)))
    except Exception as error:  # noqa: BLE001 - nobody may be left without an answer
        _failed(incoming, error)
        return assistant.apology(incoming, sealed)
    answered(incoming, answer)
    return answer.replies


def answered(incoming: Incoming, answer: Answer) -> None:
    """Log that a message was answered and everything is stored."""
    if not answer.failed:
        logs.event(logging.INFO, "answered", channel=incoming.channel, replies=len(answer.replies))


def _failed(incoming: Incoming, error: Exception) -> None:
    component = "store" if isinstance(error, StoreError) else "core"
    logs.event(logging.ERROR, "failed", channel=incoming.channel, error=type(error).__name__, component=component)


def sweep(store: Store, keyring: Keyring, at: datetime) -> int:
    """Delete every conversation that has ended; how many there were.

    What these keys cannot open may belong to another process: it is left until its key must be gone everywhere.
    """
    epochs = {epoch.number: epoch for epoch in keyring.living(at)}
    oldest = keyring.present(at).number - keyring.kept + 1
    dead = []
    for sealed in store.conversations():
        epoch = epochs.get(sealed.epoch)
        remembered = _opened(sealed, epoch) if epoch else None
        if sealed.epoch < oldest or (remembered is not None and remembered.expired(at)):
            dead.append(sealed.key)
    if dead:
        store.delete(dead)
    return len(dead)


def _names(incoming: Incoming, living: Iterable[Epoch]) -> tuple[bytes, ...]:
    return tuple(epoch.pseudonym(incoming.channel, incoming.chat) for epoch in living)


def week_of(at: datetime) -> str:
    """The ISO week of a local time: "2026-W47"."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


def _with_notice(knowledge: Knowledge, incoming: Incoming, before: Conversation, turn: Turn) -> tuple[Reply, ...]:
    """What the platform keeps is said before the first answer; in danger after the help."""
    texts = knowledge.texts[turn.conversation.language]
    notice = getattr(texts, f"notice_{incoming.channel}", None)
    if notice is None or before.greeted or not turn.conversation.greeted:
        return turn.replies
    told = Reply(notice.to(turn.conversation.audience))
    return (*turn.replies, told) if CrisisShown() in turn.events else (told, *turn.replies)


def _message(incoming: Incoming, at: datetime) -> Message:
    return Press(incoming.press, at) if incoming.press is not None else Utterance(incoming.text or "", at)


def _opened(sealed: Sealed, epoch: Epoch) -> Remembered | None:
    try:
        return decode(epoch.open(sealed.body, sealed.key))
    except UnreadableError:
        return None
