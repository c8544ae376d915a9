"""From a platform to an answer and back, so that a crash at any point loses nothing and counts nothing twice.

fetch → inbox (one commit) → confirm → lane of the chat → state, counts and outbox (one commit) → send → outbox done.
Each chat has a lane of its own: its messages are answered in order, and no chat waits for another.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.assistant import Answer, Assistant, answered
from bot.channels.port import Channel, GoneError, Incoming, LaterError, Outgoing, RefusedError
from bot.metrics import Metrics
from bot.pauses import pauses
from bot.post import Pending, Post, Received
from bot.store import Done, StoreError, Waiting
from bot.store.writer import Writer
from config import logs
from handlers import Reply

WAITING = 300  # messages of one chat; who sends more before they are answered floods
BACKLOG = 20  # from so many on, a lane pauses between its messages
PAUSE = 0.02  # seconds
SLOW = 0.5  # seconds after which "is writing" is shown
SORRY = 5.0  # seconds after which somebody who waits for the database is told
TOLD = 10_000  # messages of one outage that are told at most
Special = Callable[[Incoming], Callable[[], tuple[Reply, ...]] | None]


@dataclass(slots=True)
class _Lane:
    """What waits in one chat: replies left from before a crash, then messages."""

    steps: deque[Received | Pending] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


@dataclass(frozen=True, slots=True)
class Works:
    """What all channels share. *special* gives what answers a message that is not for the assistant, in a thread since
    it may take long; None: the message is for the assistant."""

    assistant: Assistant
    writer: Writer
    post: Post
    metrics: Metrics
    clock: Callable[[], datetime]
    special: Special = lambda _: None


class Pipeline:
    """One channel's messages."""

    def __init__(self, channel: Channel, works: Works) -> None:
        self._channel = channel
        self._works = works
        self._lanes: dict[str, _Lane] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._told: set[str] = set()

    async def run(self, stop: asyncio.Event, *, drain: float) -> None:
        """Receive and answer until *stop* is set; then finish what is here, for at most *drain* seconds.

        What is not finished then waits in the database for the next start.
        """
        cursor = await self._works.writer.call(lambda: self._works.writer.store.cursor(self._channel.name))
        await self._recover()
        receiving = asyncio.create_task(self._channel.receive(self.accept, cursor))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((receiving, stopping), return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                receiving.result()
            receiving.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(drain):
                    while tasks := [lane.task for lane in self._lanes.values() if lane.task]:
                        await asyncio.wait(tasks)
        finally:
            lanes = [lane.task for lane in self._lanes.values() if lane.task]
            await _ended(receiving, stopping, *lanes, *self._asides)

    async def _recover(self) -> None:
        """Take up what an earlier process left: first what it had not sent, then what it had not answered."""
        at, name, store = self._works.clock(), self._channel.name, self._works.writer.store
        outbox = await self._works.writer.call(store.outbox)
        inbox = await self._works.writer.call(store.inbox)  # both before anything starts: else it starts twice
        for waiting in outbox:
            if (pending := self._works.post.pending(waiting, at)) and pending.channel == name:
                self._put(pending.outgoing.chat, pending)
        for waiting in inbox:
            if (incoming := self._works.post.incoming(waiting, at)) and incoming.channel == name:
                self._put(incoming.chat, Received(waiting.id, incoming))

    async def accept(self, messages: Sequence[Incoming], cursor: str | None = None) -> None:
        """Make *messages* durable; see port.Accept. One that finds its chat idle is answered at once, and durable with
        its answer: one commit instead of two. The others wait in the inbox."""
        at, name = self._works.clock(), self._channel.name
        rows = {row.id: (row, message) for message in messages for row in [self._works.post.received(message, at)]}
        if failed := await self._accepted(list(rows.values())):
            self._apologise([message for message, _ in failed])
            raise failed[0][1]
        self._told.clear()
        if cursor is not None:
            self._works.writer.keep_cursor(name, cursor)

    async def _accepted(self, rows: Sequence[tuple[Waiting, Incoming]]) -> list[tuple[Incoming, StoreError]]:
        """Those that could not be made durable, and why; nothing of a chat overtakes what could not."""
        at_once: list[tuple[Incoming, asyncio.Future[None]]] = []
        waiting: list[tuple[Waiting, Incoming]] = []
        for row, message in rows:
            if message.chat in self._lanes:
                waiting.append((row, message))
            else:
                at_once.append((message, durable := asyncio.get_running_loop().create_future()))
                self._put(message.chat, Received(row.id, message, row, durable))
        results = await asyncio.gather(*(durable for _, durable in at_once), return_exceptions=True)
        self._works.metrics.add("received", self._channel.name, len(at_once))
        told = zip(at_once, results, strict=True)
        failed = [(message, result) for (message, _), result in told if isinstance(result, StoreError)]
        broken = {message.chat: error for message, error in failed}
        failed += [(message, broken[message.chat]) for _, message in waiting if message.chat in broken]
        later = [(row, message) for row, message in waiting if message.chat not in broken]
        return failed + (await self._wait(later) if later else [])

    async def _wait(self, waiting: Sequence[tuple[Waiting, Incoming]]) -> list[tuple[Incoming, StoreError]]:
        """Put messages into the inbox, where they wait for earlier ones of their chat."""
        try:
            added = await self._works.writer.accept([row for row, _ in waiting])
        except StoreError as error:
            return [(message, error) for _, message in waiting]
        for row, message in waiting:
            if row.id in added and not self._flooded(row.id, message):
                self._put(message.chat, Received(row.id, message))
        self._works.metrics.add("received", self._channel.name, len(added))
        return []

    def _flooded(self, key: bytes, message: Incoming) -> bool:
        """Whether *message* is one too many of its chat. A cry for help never is."""
        lane = self._lanes.get(message.chat)
        if lane is None or len(lane.steps) < WAITING:
            return False
        if len(lane.steps) < 2 * WAITING and self._works.assistant.alarming(message):
            return False
        self._works.metrics.add("flooded", self._channel.name)
        self._works.writer.drop(Done((), None, (), inbox=key))
        return True

    def _put(self, chat: str, step: Received | Pending) -> None:
        lane = self._lanes.setdefault(chat, _Lane())
        lane.steps.append(step)
        if lane.task is None:
            lane.task = asyncio.create_task(self._work(chat, lane))

    async def _work(self, chat: str, lane: _Lane) -> None:
        try:
            while lane.steps:
                await self._take(lane.steps.popleft())
                if len(lane.steps) > BACKLOG:
                    await asyncio.sleep(PAUSE)
        finally:
            del self._lanes[chat]

    async def _take(self, step: Received | Pending) -> None:
        try:
            if isinstance(step, Pending):
                await self._send(step)
            else:
                await self._handle(step)
        except asyncio.CancelledError:
            if isinstance(step, Received):
                _tell(step.durable, StoreError("the bot was stopped before the message was kept"))
            raise
        except Exception as error:  # noqa: BLE001 - a message that breaks our code must not stop its chat for good
            logs.event(logging.ERROR, "failed", channel=self._channel.name, error=type(error).__name__)
            self._works.metrics.add("failed", self._channel.name)
            if isinstance(step, Pending):
                self._works.writer.sent(step.key)
            else:
                self._works.writer.drop(step.handled)
                self._apologise([step.incoming])
                _tell(step.durable, None)

    async def _handle(self, received: Received) -> None:
        """Answer one message: its effects and its replies become durable together, then the replies are sent."""
        incoming = received.incoming
        self._aside(self._channel.acknowledge(incoming))
        writing = asyncio.get_running_loop().call_later(SLOW, lambda: self._aside(self._channel.typing(incoming.chat)))
        try:
            pending = await self._answered(received)
        finally:
            writing.cancel()
        for reply in pending:
            await self._send(reply)

    async def _answered(self, received: Received) -> list[Pending]:
        """The replies to send; none if another process has answered. Waits for the database as long as it takes."""
        started, told = time.monotonic(), False
        for pause in pauses():
            try:
                return await self._committed(received)
            except StoreError as error:
                if received.durable:
                    _tell(received.durable, error)  # it was not accepted: its platform keeps it
                    return []
                if not told and time.monotonic() - started > SORRY:
                    self._apologise([received.incoming])
                    told = True
                logs.event(logging.WARNING, "database_away", channel=self._channel.name)
            await asyncio.sleep(min(pause, SORRY))
        raise AssertionError  # the pauses never end

    async def _committed(self, received: Received) -> list[Pending]:
        incoming = received.incoming
        sealed = await self._works.writer.load(self._works.assistant.names(incoming))
        special = self._works.special(incoming)
        nothing = Done((), None, ())
        apart = Answer(await asyncio.to_thread(special), nothing) if special else None
        answer = apart or self._works.assistant.answer(incoming, sealed)
        at = self._works.clock()
        pending = self._works.post.replies(received.key, incoming, self._channel.render(incoming, answer.replies), at)
        outbox = tuple(self._works.post.sealed(reply, at) for reply in pending)
        known = received.handled
        took = await self._works.writer.done(replace(answer.done, inbox=known.inbox, fresh=known.fresh, outbox=outbox))
        _tell(received.durable, None)
        if not took:
            return []
        answered(incoming, answer)
        self._works.metrics.add("failed" if answer.failed else "answered", self._channel.name)
        return pending

    async def _send(self, pending: Pending) -> None:
        """Send until it is taken, refused or too late; then it leaves the outbox."""
        outcome = "dropped"
        for pause in pauses():
            left = pending.until - self._works.clock().timestamp()
            if left < 0:
                break
            try:
                await self._channel.send(pending.outgoing)
                outcome = "sent"
                break
            except LaterError as later:
                self._works.metrics.add("retried", self._channel.name)
                await asyncio.sleep(min(pause if later.seconds is None else later.seconds, max(left, 0) + 1))
            except (GoneError, RefusedError):
                break
        self._works.writer.sent(pending.key)
        self._works.metrics.add(outcome, self._channel.name)

    def _apologise(self, messages: Sequence[Incoming]) -> None:
        """Without a database nothing is promised, but nobody is left without the numbers that help in danger."""
        for message in messages:
            if message.id not in self._told and len(self._told) < TOLD:
                self._told.add(message.id)
                bodies = self._channel.render(message, self._works.assistant.apology(message))
                for place, body in enumerate(bodies):
                    self._aside(self._channel.send(Outgoing(message.chat, f"sorry-{message.id}-{place}", body)))

    def _aside(self, courtesy: Coroutine[Any, Any, None]) -> None:
        """Do something beside the work that may fail without harm."""
        task = asyncio.create_task(_harmless(courtesy))
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)


def _tell(durable: asyncio.Future[None] | None, error: Exception | None) -> None:
    if durable is None or durable.done():
        return
    if error is None:
        durable.set_result(None)
    else:
        durable.set_exception(error)


async def _harmless(courtesy: Coroutine[Any, Any, None]) -> None:
    try:
        await courtesy
    except Exception as error:  # noqa: BLE001 - a courtesy that fails changes nothing
        logs.event(logging.DEBUG, "courtesy_failed", error=type(error).__name__)


async def _ended(*tasks: asyncio.Task[None] | asyncio.Task[bool]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
