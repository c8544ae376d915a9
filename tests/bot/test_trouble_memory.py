"""A bot that runs for months: nothing of a message stays behind in the process."""

import asyncio
import gc
import secrets
import sys

from bot.store import Done
from bot.store.memory import MemoryStore
from knowledge.base import Knowledge
from tests.bot.test_pipeline import Loft

CHATS, ROUND, ROUNDS = 50, 250, 20
MOST = 500  # pieces of memory more, after five thousand messages: none is kept of each
TEXTS = ("hilfe", "1", "mein kind hat angst vor der {}", "neu", "zurück")  # {}: something new each time


class Forgetful(MemoryStore):
    """Does not know a handled message: with a real database that takes no memory either."""

    def _take_effect(self, done: Done) -> bool:
        took = super()._take_effect(done)
        self._inbox.pop(done.fresh.id if done.fresh else done.inbox or b"", None)
        return took


async def test_five_thousand_messages_leave_nothing_behind(knowledge: Knowledge) -> None:
    loft = Loft(knowledge, Forgetful())
    gc.freeze()  # what all tests share need not be looked through twenty times
    async with loft.running():
        for _ in range(2):
            pieces = await _after_a_round(loft)
        tasks = len(asyncio.all_tasks())
        for _ in range(ROUNDS):
            more = await _after_a_round(loft)
        left = len(asyncio.all_tasks())
    gc.unfreeze()

    assert more - pieces < MOST
    assert left == tasks == 4  # this test, the pipeline, receiving and stopping


async def _after_a_round(loft: Loft) -> int:
    """How many pieces of memory are in use after one round of messages more."""
    for number in range(ROUND):
        loft.platform.say(str(number % CHATS), TEXTS[number // CHATS].format(secrets.token_hex(4)))
    await loft.platform.until(ROUND)
    while len(asyncio.all_tasks()) > 4 or loft.store.outbox():
        await asyncio.sleep(0.001)
    loft.platform.delivered.clear()
    loft.platform.seen.clear()
    gc.collect()
    return sys.getallocatedblocks()
