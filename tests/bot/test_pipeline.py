"""The pipeline: each message is answered once and in order, whatever fails on the way, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.assistant import Assistant
from bot.channels.port import GoneError, LaterError, RefusedError
from bot.desk import Desk
from bot.keyring import Keyring
from bot.library import Library
from bot.metrics import Metrics
from bot.pipeline import WAITING, Pipeline, Works
from bot.post import DAY, KEPT, PATIENCE, Post
from bot.store import Batch, Store, StoreError, Written
from bot.store.memory import MemoryStore
from bot.store.writer import Writer
from handlers import Conversation
from handlers.dialogue import Reply
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.bot.pigeon import Pigeon, Platform
from tests.conftest import AT

PARENT = Conversation(region="dortmund", audience=Audience.PARENT, greeted=True)
FEAR = "mein kind hat angst vor der schule"
DANGER = "ich will nicht mehr leben"


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


class Loft:
    """A bot that can be stopped, killed and started again over the same store, keys and platform."""

    def __init__(self, knowledge: Knowledge, store: Store) -> None:
        self.knowledge = knowledge
        self.store = store
        self.platform = Platform()
        self.clock = Clock()
        self.metrics = Metrics()
        self.keys = Keyring()
        self.post = Post(Keyring(every=DAY, kept=KEPT))

    def works(self, writer: Writer) -> Works:
        mind = Assistant(Library(self.knowledge), self.keys, clock=self.clock, start=PARENT)
        return Works(mind, writer, self.post, self.metrics, self.clock, self.special)

    def special(self, incoming: object) -> Callable[[], tuple[Reply, ...]] | None:
        return (lambda: (Reply("Zahlen"),)) if getattr(incoming, "text", "") == "/statistik" else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        writer, stop = Writer(self.store), asyncio.Event()
        task = asyncio.create_task(Pipeline(Pigeon(self.platform), self.works(writer)).run(stop, drain=10))
        try:
            yield
            stop.set()
            await asyncio.wait_for(task, 20)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await writer.close()

    async def killed_after(self, moment: Callable[[], Awaitable[object]]) -> None:
        """Run until *moment* has passed, then end at once, wherever things stand."""
        writer = Writer(self.store)
        task = asyncio.create_task(Pipeline(Pigeon(self.platform), self.works(writer)).run(asyncio.Event(), drain=0))
        await moment()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.close()

    def referred(self) -> int:
        return sum(count.n for count in self.store.tally() if count.outcome == "referred")


@pytest.fixture
def loft(knowledge: Knowledge, store: Store) -> Loft:
    return Loft(knowledge, store)


async def test_each_chat_is_answered_in_order_and_nothing_waits_in_the_end(loft: Loft) -> None:
    async with loft.running():
        for number in range(3):
            for chat in "abc":
                loft.platform.say(chat, FEAR if number != 1 else "zurück")
        shown = await loft.platform.until(9)

    for chat in "abc":
        texts = [text for who, text in shown if who == chat]
        assert len(texts) == 3
        assert texts[0] != texts[1]
    assert loft.store.inbox() == []
    assert loft.store.outbox() == []
    assert loft.store.cursor("pigeon") is not None


async def test_a_message_that_comes_five_times_is_answered_and_counted_once(loft: Loft) -> None:
    async with loft.running():
        message = loft.platform.say("a", FEAR)
        loft.platform.waiting += [message] * 4
        await loft.platform.until(1)
        loft.platform.waiting += [message]
        loft.platform.say("b", "hilfe")
        shown = await loft.platform.until(2)

    assert [chat for chat, _ in shown] == ["a", "b"]
    assert loft.referred() == 1


async def test_what_was_accepted_before_a_crash_is_answered_after_it(loft: Loft) -> None:
    loft.platform.failures = [LaterError(0)] * 10_000  # nothing gets out

    async def accepted() -> None:
        for chat in "abcd":
            loft.platform.say(chat, FEAR)
        while loft.platform.waiting or loft.referred() < 2:
            await asyncio.sleep(0.01)

    await loft.killed_after(accepted)
    loft.platform.failures = []
    async with loft.running():
        shown = await loft.platform.until(4)

    assert sorted(chat for chat, _ in shown) == list("abcd")
    assert loft.referred() == 4
    assert loft.store.outbox() == []


async def test_a_reply_is_tried_again_until_it_is_taken_and_others_do_not_wait(loft: Loft) -> None:
    loft.platform.failures = [LaterError(0.05), LaterError(None), LaterError(0.0)]
    async with loft.running():
        loft.platform.say("a", FEAR)
        loft.platform.say("b", FEAR)
        shown = await loft.platform.until(2)

    assert {chat for chat, _ in shown} == {"a", "b"}
    assert loft.referred() == 2


@pytest.mark.parametrize("failure", [GoneError(), RefusedError()])
async def test_a_chat_that_cannot_be_written_to_is_given_up(loft: Loft, failure: Exception) -> None:
    loft.platform.failures = [failure]
    async with loft.running():
        loft.platform.say("a", FEAR)
        loft.platform.say("a", "hilfe")
        shown = await loft.platform.until(1)

    assert len(shown) == 1
    assert loft.store.outbox() == []


async def test_a_reply_that_is_too_late_is_dropped(loft: Loft) -> None:
    loft.platform.failures = [LaterError(0)] * 10_000

    async def handled() -> None:
        loft.platform.say("a", FEAR)
        while not loft.store.outbox():
            await asyncio.sleep(0.01)

    await loft.killed_after(handled)
    loft.platform.failures = []
    loft.clock.at += PATIENCE + timedelta(seconds=1)
    async with loft.running():
        loft.platform.say("b", "hilfe")
        shown = await loft.platform.until(1)

    assert [chat for chat, _ in shown] == ["b"]
    assert loft.store.outbox() == []


async def test_a_flood_is_cut_but_a_cry_for_help_in_it_is_heard(knowledge: Knowledge) -> None:
    loft = Loft(knowledge, MemoryStore())
    async with loft.running():
        for _ in range(3 * WAITING):
            loft.platform.say("flood", "hilfe")
        loft.platform.say("flood", DANGER)
        loft.platform.say("quiet", FEAR)
        await loft.platform.until(WAITING + 2)

    texts = [text for chat, text in loft.platform.delivered if chat == "flood"]
    assert "quiet" in {chat for chat, _ in loft.platform.delivered[:10]}
    assert len(texts) <= WAITING + 2
    assert "116 111" in texts[-1]
    assert loft.store.inbox() == []


async def test_what_is_not_for_the_assistant_is_answered_apart(loft: Loft) -> None:
    async with loft.running():
        loft.platform.say("a", "/statistik")
        shown = await loft.platform.until(1)

    assert shown == [("a", "Zahlen")]
    assert loft.store.tally() == []


class Moody(MemoryStore):
    """A database that is away for a while: so many times, writing or reading fails."""

    away = 0

    def write(self, batch: Batch) -> Written:
        self._mood()
        return super().write(batch)

    def _mood(self) -> None:
        if self.away:
            self.away -= 1
            raise StoreError("the database cannot be used")


async def test_while_the_database_is_away_people_get_the_numbers_and_later_their_answer(knowledge: Knowledge) -> None:
    store = Moody()
    loft = Loft(knowledge, store)
    async with loft.running():
        store.away = 5
        loft.platform.say("a", FEAR)
        shown = await loft.platform.until(2)

    assert knowledge.texts["de"].failure.sie in shown[0][1]
    assert "112" in shown[0][1]
    assert len(shown) == 2  # told once, however often it was tried
    assert loft.referred() == 1


async def test_a_question_at_the_desk_is_answered_at_once(knowledge: Knowledge) -> None:
    store = Moody()
    loft = Loft(knowledge, store)
    writer = Writer(store)
    desk = Desk(loft.works(writer))
    message = loft.platform.say("a", FEAR)

    first = await desk.answer(message)
    both = await asyncio.gather(desk.answer(message), desk.answer(message))
    store.away = 9
    sorry = await desk.answer(message)
    await writer.close()

    assert first[-1].buttons
    assert len(both) == 2
    assert knowledge.texts["de"].failure.sie in sorry[0].text
    assert loft.referred() == 3
