"""A Telegram channel at work against the server of the tests: what it accepts is kept in a list."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.buttons import Buttons
from bot.channels.port import Incoming, Outgoing
from bot.channels.telegram import TelegramChannel
from config.settings import Telegram
from handlers import Conversation, Press, Utterance, respond
from handlers.dialogue import Reply
from knowledge.base import Knowledge
from tests.conftest import AT
from tests.servers.telegram import TOKEN, TelegramServer

BUTTONS = Buttons(b"k" * 32, lambda: ("v1",))


def settings(server: TelegramServer, **changes: Any) -> Telegram:
    return Telegram.model_validate({"token": TOKEN, "base_url": server.base_url, "poll_timeout": 20, **changes})


def soon(failures: int) -> float:
    return 0.01


class Running:
    """One process of the bot. *broken* makes that many calls of accept() fail."""

    def __init__(self, channel: TelegramChannel) -> None:
        self.channel = channel
        self.accepted: list[Incoming] = []
        self.broken = 0
        self._news = asyncio.Event()

    async def accept(self, messages: Sequence[Incoming], cursor: str | None = None) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("the database is gone")
        self.accepted += messages
        self._news.set()

    async def hears(self, count: int = 1, seconds: float = 10) -> list[Incoming]:
        """The first *count* messages accepted; TimeoutError if they do not come."""
        async with asyncio.timeout(seconds):
            while len(self.accepted) < count:
                self._news.clear()
                await self._news.wait()
        return self.accepted[:count]

    async def answers(self, incoming: Incoming, replies: Sequence[Reply], number: str = "1") -> None:
        for body in self.channel.render(incoming, replies):
            await self.channel.send(Outgoing(incoming.chat, number, body))


@asynccontextmanager
async def running(server: TelegramServer, knowledge: Knowledge, **changes: Any) -> AsyncIterator[Running]:
    """Opened and receiving, until the end of the block."""
    channel = TelegramChannel(settings(server, **changes), lambda: knowledge, BUTTONS, answer=2.0, waiting=soon)
    bot = Running(channel)
    await channel.open()
    task = asyncio.create_task(channel.receive(bot.accept, None))
    try:
        yield bot
    finally:
        task.cancel()
        await asyncio.wait([task])
        await channel.close()


def said(knowledge: Knowledge, *lines: str, **known: Any) -> tuple[Reply, ...]:
    """The engine's replies to the last of *lines*; "> " begins the value of a button."""
    conversation = Conversation(**{"region": "dortmund", "greeted": True, **known})
    replies: tuple[Reply, ...] = ()
    for line in lines:
        message = Press(line[2:], AT) if line.startswith("> ") else Utterance(line, AT)
        turn = respond(knowledge, conversation, message)
        conversation, replies = turn.conversation, turn.replies
    return replies
