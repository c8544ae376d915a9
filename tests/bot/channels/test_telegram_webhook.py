"""The webhook over real HTTP: only Telegram is listened to, and nothing is confirmed that is not kept."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.port import ChannelError
from bot.channels.telegram import TelegramChannel
from knowledge.base import Knowledge
from tests.bot.channels.telegram_bot import BUTTONS, Running, settings, soon
from tests.servers.telegram import TOKEN, TelegramServer

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as running_server:
        yield running_server


class Mounted(Running):
    """A bot whose route is mounted on a web server at *url*."""

    url = ""

    async def post(self, content: bytes, secret: str) -> int:
        """The status of a delivery."""
        async with httpx.AsyncClient() as client:
            return (await client.post(self.url, content=content, headers={HEADER: secret.encode()})).status_code


@asynccontextmanager
async def mounted(server: TelegramServer, knowledge: Knowledge, **changes: object) -> AsyncIterator[Mounted]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram"
    channel = TelegramChannel(
        settings(server, mode="webhook", webhook_url=url, **changes), lambda: knowledge, BUTTONS, waiting=soon
    )
    route = channel.route()
    assert route
    web = uvicorn.Server(uvicorn.Config(Starlette(routes=[route]), log_config=None, lifespan="off"))
    serving = asyncio.create_task(web.serve([listener]))
    bot = Mounted(channel)
    bot.url = url
    try:
        yield bot
    finally:
        web.should_exit = True
        await serving
        await channel.close()


@asynccontextmanager
async def receiving(bot: Mounted) -> AsyncIterator[None]:
    task = asyncio.create_task(bot.channel.receive(bot.accept, None))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_messages_are_delivered_and_the_secret_is_ours(server: TelegramServer, knowledge: Knowledge) -> None:
    async with mounted(server, knowledge) as bot:
        await bot.channel.open()
        assert server.world.webhook["url"] == bot.url
        assert len(server.world.secret) == 64
        assert TOKEN not in server.world.secret
        async with receiving(bot):
            person = server.person()
            for number in range(20):
                person.says(str(number))
            heard = await bot.hears(20)
    assert [each.text for each in heard] == [str(number) for number in range(20)]


async def test_telegram_keeps_what_the_store_could_not_keep(server: TelegramServer, knowledge: Knowledge) -> None:
    async with mounted(server, knowledge, webhook_secret="geheim-1") as bot:
        await bot.channel.open()
        person = server.person()
        person.says("eins")
        async with asyncio.timeout(5):  # nobody receives yet: 503
            while "503" not in server.world.webhook.get("last_error_message", ""):
                await asyncio.sleep(0.01)
        bot.broken = 2
        async with receiving(bot):
            person.says("zwei")
            heard = await bot.hears(2)
    assert [each.text for each in heard] == ["eins", "zwei"]
    assert bot.broken == 0
    assert not server.world.pending


@pytest.mark.parametrize("secret", ["", "geheim-2", "geheim-", "geheim-11", "ü"])
async def test_nobody_else_is_listened_to(server: TelegramServer, knowledge: Knowledge, secret: str) -> None:
    async with mounted(server, knowledge, webhook_secret="geheim-1") as bot, receiving(bot):
        assert await bot.post(b"{}", secret) == 403
    assert bot.accepted == []


async def test_nonsense_is_taken_so_that_it_does_not_come_again(server: TelegramServer, knowledge: Knowledge) -> None:
    async with mounted(server, knowledge, webhook_secret="geheim-1") as bot, receiving(bot):
        for content in (b"", b"null", b"[]", b"\xff", b"{", b"[" * 100_000, b'{"update_id": 1, "message": 5}'):
            assert await bot.post(content, "geheim-1") == 200
        assert await bot.post(b'"' + b"x" * 1_000_000 + b'"', "geheim-1") == 413
    assert bot.accepted == []


async def test_a_group_is_left_through_the_webhook_too(server: TelegramServer, knowledge: Knowledge) -> None:
    async with mounted(server, knowledge) as bot:
        await bot.channel.open()
        async with receiving(bot):
            group = server.group(server.person())
            notice = await asyncio.wait_for(group.chat.news.get(), 5)
    assert notice["text"] == knowledge.texts["de"].group.sie


async def test_an_address_that_telegram_refuses_is_named(server: TelegramServer, knowledge: Knowledge) -> None:
    channel = TelegramChannel(
        settings(server, mode="webhook", webhook_url="http://example.org/telegram"), lambda: knowledge, BUTTONS
    )
    with pytest.raises(ChannelError, match=r"telegram\.webhook_url must be a public https address"):
        await channel.open()
    await channel.close()
