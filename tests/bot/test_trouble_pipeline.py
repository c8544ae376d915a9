"""A database that fails at one moment: order is kept, each is told once, nothing is sent twice or waits for ever."""

import asyncio
from collections.abc import Callable

import pytest

from bot.channels.port import Incoming, LaterError
from bot.desk import Desk
from bot.pipeline import Pipeline
from bot.serve import Service, serve
from bot.store import AwayError, Batch, Done, Sealed, StoreError, Waiting, Written
from bot.store.memory import MemoryStore
from bot.store.writer import Writer
from knowledge.base import Knowledge
from tests.bot.pigeon import Pigeon
from tests.bot.test_pipeline import FEAR, Loft


class Once(MemoryStore):
    """Fails once, at the first batch that is *wrong*, and at the first look into the inbox if it is *blind*."""

    def __init__(self, wrong: Callable[[Batch], bool] = lambda _: False) -> None:
        super().__init__()
        self.wrong = wrong
        self.blind = False
        self.failed = False

    def write(self, batch: Batch) -> Written:
        if not self.failed and self.wrong(batch):
            self.failed = True
            raise AwayError("the database cannot be used")
        return super().write(batch)

    def inbox(self) -> list[Waiting]:
        if self.blind:
            self.blind = False
            raise AwayError("the database cannot be used")
        return super().inbox()


async def test_nothing_of_a_chat_overtakes_what_could_not_be_kept(knowledge: Knowledge) -> None:
    loft = Loft(knowledge, Once(lambda batch: bool(batch.done)))
    async with loft.running():
        loft.platform.say("a", FEAR)
        loft.platform.say("a", "hilfe")
        shown = [text for _, text in await loft.platform.until(4)]
        clean = Loft(knowledge, MemoryStore())
        async with clean.running():
            clean.platform.say("a", FEAR)
            clean.platform.say("a", "hilfe")
            expected = [text for _, text in await clean.platform.until(2)]

    sorry = knowledge.texts["de"].failure.sie
    assert [text for text in shown if sorry not in text] == expected


async def test_only_whose_message_was_not_kept_is_apologised_to(knowledge: Knowledge) -> None:
    loft = Loft(knowledge, Once(lambda batch: bool(batch.accepted)))
    async with loft.running():
        loft.platform.say("a", FEAR)
        loft.platform.say("a", "hilfe")
        loft.platform.say("b", FEAR)
        await loft.platform.until(4)

    sorry = knowledge.texts["de"].failure.sie
    assert [chat for chat, text in loft.platform.delivered if sorry in text] == ["a"]
    assert len(loft.platform.delivered) == 4


async def test_a_reply_from_before_is_sent_once_even_if_the_database_goes_while_we_look(knowledge: Knowledge) -> None:
    store = Once()
    loft = Loft(knowledge, store)
    loft.platform.failures = [LaterError(0)] * 10_000

    async def handled() -> None:
        loft.platform.say("a", FEAR)
        while not store.outbox():
            await asyncio.sleep(0.01)

    await loft.killed_after(handled)
    loft.platform.failures = [LaterError(0.5)]
    store.blind = True
    stop = asyncio.Event()
    service = Service(loft.works(Writer(store)), store, loft.keys, knowledge, (Pigeon(loft.platform),))
    running = asyncio.create_task(serve(service, stop))
    loft.platform.say("b", "hilfe")
    await loft.platform.until(2)
    stop.set()
    await running

    assert not store.blind
    assert sorted(chat for chat, _ in loft.platform.delivered) == ["a", "b"]
    assert loft.platform.repeated == 0


class Silent(Writer):
    """Never comes to an end with anything."""

    async def done(self, done: Done) -> bool:
        await asyncio.Event().wait()
        return await super().done(done)


async def test_who_hands_a_message_over_is_told_when_the_bot_stops_before_it_is_kept(knowledge: Knowledge) -> None:
    loft, stop = Loft(knowledge, MemoryStore()), asyncio.Event()
    writer = Silent(loft.store)
    pipeline = Pipeline(Pigeon(loft.platform), loft.works(writer))
    running = asyncio.create_task(pipeline.run(stop, drain=0.01))
    handing = asyncio.create_task(pipeline.accept([Incoming("pigeon", "a", text="hilfe", id="1")]))
    await asyncio.sleep(0)
    stop.set()
    await running

    with pytest.raises(StoreError):
        await asyncio.wait_for(handing, 10)
    await writer.close()


class Counting(Writer):
    """Knows how many conversations were open at the same time."""

    open = most = 0

    async def load(self, keys: object) -> Sealed | None:
        self.open += 1
        self.most = max(self.most, self.open)
        await asyncio.sleep(0)
        return None

    async def done(self, done: Done) -> bool:
        took = await super().done(done)
        self.open -= 1
        return took


async def test_messages_of_one_visitor_wait_for_each_other_however_they_come(knowledge: Knowledge) -> None:
    loft = Loft(knowledge, MemoryStore())
    writer = Counting(loft.store)
    desk = Desk(loft.works(writer))
    message = Incoming("web", "a", text="hilfe")
    first, second = (asyncio.create_task(desk.answer(message)) for _ in range(2))
    await first
    await asyncio.gather(second, desk.answer(message))
    await writer.close()

    assert writer.most == 1
