"""A messenger inside the test: its platform keeps what is not confirmed and counts what it delivers."""

import asyncio
from collections.abc import Sequence

from bot.channels.port import Accept, Body, Incoming, LaterError, Outgoing
from bot.render import plain
from bot.store import StoreError
from handlers.dialogue import Reply


class Platform:
    """Delivers each message until it is confirmed. *delivered* is what people see, in order."""

    def __init__(self) -> None:
        self.waiting: list[Incoming] = []
        self.delivered: list[tuple[str, str]] = []
        self.seen: set[str] = set()
        self.repeated = 0
        self.failures: list[Exception] = []
        self.news = asyncio.Event()
        self.shown = asyncio.Condition()
        self._number = 0

    def say(self, chat: str, text: str) -> Incoming:
        self._number += 1
        message = Incoming("pigeon", chat, text=text, id=str(self._number), sender=chat)
        self.waiting.append(message)
        self.news.set()
        return message

    async def deliver(self, outgoing: Outgoing) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.repeated += outgoing.id in self.seen
        self.seen.add(outgoing.id)
        async with self.shown:
            self.delivered.append((outgoing.chat, outgoing.body["text"]))
            self.shown.notify_all()

    async def until(self, count: int) -> list[tuple[str, str]]:
        """What was delivered, once that is *count* messages."""
        async with asyncio.timeout(20), self.shown:
            await self.shown.wait_for(lambda: len(self.delivered) >= count)
        return self.delivered


class Pigeon:
    """The channel to a Platform."""

    name = "pigeon"

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def open(self) -> None:
        pass

    async def receive(self, accept: Accept, cursor: str | None) -> None:
        while True:
            batch = list(self._platform.waiting)
            if batch:
                try:
                    await accept(batch, cursor=batch[-1].id)
                except StoreError:
                    await asyncio.sleep(0.01)
                    continue
                del self._platform.waiting[: len(batch)]
            self._platform.news.clear()
            if not self._platform.waiting:
                await self._platform.news.wait()

    def render(self, incoming: Incoming, replies: Sequence[Reply]) -> tuple[Body, ...]:
        return ({"text": plain(replies)},)

    async def acknowledge(self, incoming: Incoming) -> None:
        raise LaterError  # a courtesy: nothing depends on it

    async def typing(self, chat: str) -> None:
        pass

    async def send(self, outgoing: Outgoing) -> None:
        await self._platform.deliver(outgoing)

    async def close(self) -> None:
        pass
