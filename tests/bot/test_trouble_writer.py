"""The writer in trouble: its thread lives, nobody waits in vain, and the event loop waits for no lock."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.store import AwayError, Batch, Done, Sealed, Store, StoreError, Waiting, Written
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from bot.store.writer import Writer

ONE = Sealed(b"1" * 16, 7, b"one")
POISON = Sealed(b"2" * 16, 7, b"poison")
REPLY = Waiting(b"r" * 17, 7, b"reply")


class Strange(MemoryStore):
    """Fails as *trouble* says; remembers how many batches came."""

    def __init__(self, trouble: Callable[[Batch], Exception | None]) -> None:
        super().__init__()
        self.trouble = trouble
        self.batches = 0

    def write(self, batch: Batch) -> Written:
        self.batches += 1
        if error := self.trouble(batch):
            raise error
        return super().write(batch)


@asynccontextmanager
async def writing(store: Store) -> AsyncIterator[Writer]:
    writer = Writer(store)
    try:
        yield writer
    finally:
        await writer.close()


async def all_at_once(writer: Writer, jobs: list[Done]) -> list[object]:
    """What becomes of *jobs* that were queued up behind a long one."""
    go = asyncio.Event()
    loop = asyncio.get_running_loop()
    busy = asyncio.create_task(writer.call(lambda: asyncio.run_coroutine_threadsafe(go.wait(), loop).result()))
    waiting = [asyncio.create_task(writer.done(job)) for job in jobs]
    await asyncio.sleep(0)
    go.set()
    async with asyncio.timeout(20):
        await busy
        return list(await asyncio.gather(*waiting, return_exceptions=True))


async def test_while_the_database_is_away_thirty_people_wait_as_long_as_one() -> None:
    store = Strange(lambda _: AwayError("locked"))
    async with writing(store) as writer:
        results = await all_at_once(writer, [Done((), ONE, ())] * 30)

    assert all(isinstance(result, AwayError) for result in results)
    assert store.batches == 1


@pytest.mark.parametrize("error", [StoreError("refused"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates")])
async def test_one_that_cannot_be_written_spoils_nothing_for_the_others(error: Exception) -> None:
    store = Strange(lambda batch: error if any(done.state == POISON for done in batch.done) else None)
    async with writing(store) as writer:
        results = await all_at_once(writer, [Done((), ONE, ()), Done((), POISON, ()), Done((), None, ())])
        after = await writer.done(Done((), ONE, ()))

    assert results == [True, error, True]
    assert after is True


async def test_a_reply_that_was_sent_while_the_database_was_away_leaves_the_outbox_later() -> None:
    away = [True]
    store = Strange(lambda batch: AwayError("full") if away and batch.sent else None)
    async with writing(store) as writer:
        await writer.done(Done((), None, (), outbox=(REPLY,)))
        writer.sent(REPLY.id)
        while store.batches < 2:
            await asyncio.sleep(0)
        away.clear()
        await writer.done(Done((), ONE, ()))

    assert store.outbox() == []


async def test_a_look_at_a_locked_file_does_not_hold_the_event_loop_up(tmp_path: Path) -> None:
    file = tmp_path / "schullotse.db"
    store = SqlStore(f"sqlite:///{file}")
    store.write(Batch(done=(Done((), ONE, ()),)))
    store.close()
    async with writing(store) as writer:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")  # shuts out readers too, as a repair of the file does
            other.execute("BEGIN EXCLUSIVE")
            heard = threading.Event()
            listening = asyncio.create_task(asyncio.to_thread(heard.wait, 3))  # less than the lock is waited for
            loading = asyncio.create_task(writer.load([ONE.key]))
            await asyncio.sleep(0)
            heard.set()
            free = await listening
            other.execute("COMMIT")
        assert await loading == ONE
        assert free
    store.close()
