"""One thread that reads and writes for everybody: what waits while a commit runs is written in the next, together.

A durable commit costs the same for one message as for thirty. So nobody waits for a turn of their own; and the event
loop never waits for a disk.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from bot.store import AwayError, Batch, Done, Sealed, Store, StoreError, Waiting, Written

LARGEST = 256  # jobs in one transaction; a bound, so that no single one waits long
LAZY = 0.01  # seconds that what nobody waits for may wait for company


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """Something to write (*batch*) or to do apart (*call*), and who waits for it: nobody, if *future* is None."""

    batch: Batch | None = None
    call: Callable[[], Any] | None = None
    future: asyncio.Future[Any] | None = None


class Writer:
    """The store for an event loop. Every method raises StoreError as the store does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._unhurried: list[_Job] = []  # they go with the next one that somebody waits for
        self._going: asyncio.TimerHandle | None = None  # … or alone, when this runs out
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    async def load(self, keys: Sequence[bytes]) -> Sealed | None:
        try:
            return self.store.glance(keys)
        except StoreError:
            found: Sealed | None = await self.call(lambda: self.store.load(keys))
            return found

    async def accept(self, messages: Sequence[Waiting]) -> frozenset[bytes]:
        """The ids of those messages that are new; all are durable."""
        return (await self._written(Batch(accepted=tuple(messages)))).new

    def keep_cursor(self, channel: str, position: str) -> None:
        """Store how far a stream was read, soon; if that is lost, some messages come again and are known."""
        self._soon(Batch(cursors=((channel, position),)))

    async def done(self, done: Done) -> bool:
        """Whether *done* took effect."""
        return (await self._written(Batch(done=(done,)))).done[0]

    def sent(self, reply: bytes) -> None:
        """Take a reply out of the outbox, soon. If that is lost, the reply is sent once more."""
        self._soon(Batch(sent=(reply,)))

    def drop(self, done: Done) -> None:
        """Have *done* take effect, soon; if that is lost, the message is handled again."""
        self._soon(Batch(done=(done,)))

    async def call(self, function: Callable[[], Any]) -> Any:
        """What *function* returns, run between two transactions."""
        return await self._asked(_Job(call=function))

    async def close(self) -> None:
        """Write what waits, then end; the store stays open."""
        self._hand_over()
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _written(self, batch: Batch) -> Written:
        written: Written = await self._asked(_Job(batch))
        return written

    async def _asked(self, job: _Job) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._hand_over()
        self._jobs.put(_Job(job.batch, job.call, future))
        return await future

    def _soon(self, batch: Batch) -> None:
        self._unhurried.append(_Job(batch))
        self._going = self._going or asyncio.get_running_loop().call_later(LAZY, self._hand_over)

    def _hand_over(self) -> None:
        if self._going:
            self._going.cancel()
            self._going = None
        for job in self._unhurried:
            self._jobs.put(job)
        self._unhurried.clear()

    def _work(self) -> None:
        running, left = True, list[_Job]()
        while running:
            jobs = self._gathered()
            running = None not in jobs
            left = self._handle([*left, *(job for job in jobs if job is not None)])

    def _gathered(self) -> list[_Job | None]:
        """All that waits."""
        jobs = [self._jobs.get()]
        with suppress(Empty):
            while len(jobs) < LARGEST:
                jobs.append(self._jobs.get_nowait())
        return jobs

    def _handle(self, jobs: Sequence[_Job]) -> list[_Job]:
        """Do them; those are left that nobody waits for while the database is away: they are tried with the next."""
        answers = [(job, _result(job.call)) for job in jobs if job.call]
        writing = [job for job in jobs if job.batch]
        try:
            answers += self._together(writing)
        except AwayError as away:
            answers += [(job, away) for job in writing]
        except Exception:  # noqa: BLE001 - whatever it is, this thread must live: it is the only one
            answers += self._apart(writing)
        _deliver(answers)
        return [job for job, result in answers if isinstance(result, StoreError) and not job.future][-LARGEST:]

    def _together(self, jobs: Sequence[_Job]) -> list[tuple[_Job, Any]]:
        if not jobs:
            return []
        batches = [job.batch for job in jobs if job.batch]
        written = self.store.write(
            Batch(
                accepted=tuple(one for batch in batches for one in batch.accepted),
                cursors=tuple(one for batch in batches for one in batch.cursors),
                done=tuple(one for batch in batches for one in batch.done),
                sent=tuple(one for batch in batches for one in batch.sent),
            )
        )
        done = iter(written.done)
        return [
            (job, Written(written.new & {one.id for one in batch.accepted}, tuple(next(done) for _ in batch.done)))
            for job, batch in zip(jobs, batches, strict=True)
        ]

    def _apart(self, jobs: Sequence[_Job]) -> list[tuple[_Job, Any]]:
        """Each for itself, since one of them may be the reason; until the database turns out to be away."""
        answers: list[tuple[_Job, Any]] = []
        for place, job in enumerate(jobs):
            result = _result(lambda job=job: self.store.write(job.batch))  # type: ignore[misc]
            if isinstance(result, AwayError):
                return answers + [(other, result) for other in jobs[place:]]
            answers.append((job, result))
        return answers


def _result(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for it
        return error


def _deliver(answers: Sequence[tuple[_Job, Any]]) -> None:
    """Wake everybody who waits, each event loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, result in answers:
        if job.future:
            loops.setdefault(job.future.get_loop(), []).append((job.future, result))
    for loop, waiting in loops.items():
        try:
            loop.call_soon_threadsafe(_wake, waiting)
        except RuntimeError:
            continue  # the loop is closed: nobody waits any more


def _wake(answers: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if future.done():  # whoever waited was cancelled
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
