"""For a channel where the person waits for the answer, as on the web: no inbox, no outbox."""

import asyncio
import logging
from weakref import WeakValueDictionary

from bot.assistant import answered
from bot.channels.port import Incoming
from bot.pipeline import Works
from bot.store import StoreError
from config import logs
from handlers import Reply


class Desk:
    """Answers one message after another, each chat for itself."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # each lives while somebody waits

    async def answer(self, incoming: Incoming) -> tuple[Reply, ...]:
        """The replies to one message; messages of one chat wait for each other."""
        lock = self._busy.setdefault(incoming.chat, asyncio.Lock())
        async with lock:
            return await self._answer(incoming)

    async def _answer(self, incoming: Incoming) -> tuple[Reply, ...]:
        self._works.metrics.add("received", incoming.channel)
        sealed = None
        try:
            sealed = await self._works.writer.load(self._works.assistant.names(incoming))
            answer = self._works.assistant.answer(incoming, sealed)
            await self._works.writer.done(answer.done)
        except StoreError:
            logs.event(logging.WARNING, "database_away", channel=incoming.channel)
            self._works.metrics.add("failed", incoming.channel)
            return self._works.assistant.apology(incoming, sealed)
        answered(incoming, answer)
        self._works.metrics.add("failed" if answer.failed else "answered", incoming.channel)
        return answer.replies
