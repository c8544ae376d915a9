"""The Bot API server of the tests is honest: the library's own types read all it says, and it refuses what Telegram
refuses."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken

from tests.servers.telegram import TOKEN, TelegramServer

ROOT = Path(__file__).parents[3]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as running_server:
        yield running_server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=server.base_url) as library:
        yield library


async def test_the_library_reads_every_answer(server: TelegramServer, bot: Bot) -> None:
    person = server.person()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="ja")]])
    sent = await bot.send_message(
        person.id, "Hallo 😀 du", entities=[MessageEntity(MessageEntity.BOLD, 6, 2)], reply_markup=keyboard
    )
    assert sent.date.year > 2020
    assert sent.parse_entities() == {sent.entities[0]: "😀"}
    assert (await bot.send_contact(person.id, "+49231", "KuB")).contact
    assert (await bot.send_document(person.id, b"a;b", filename="a.csv")).document
    assert (await bot.send_photo(person.id, PNG)).photo
    assert await bot.send_chat_action(person.id, "typing")
    assert await bot.set_my_commands([BotCommand("hilfe", "Hilfe")], language_code="de")
    assert await bot.get_my_commands(language_code="de") == (BotCommand("hilfe", "Hilfe"),)
    assert (await bot.get_webhook_info()).url == ""
    assert (await bot.edit_message_reply_markup(person.id, sent.message_id)) is not True


async def test_the_library_reads_every_update(server: TelegramServer, bot: Bot) -> None:
    person = server.person()
    await bot.send_message(
        person.id, "?", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="ja")]])
    )
    person.says("eins")
    person.edits("zwei")
    person.shares("voice")
    person.presses("Ja")
    person.blocks()
    server.group(person)

    updates = await bot.get_updates()

    assert updates[0].message
    assert updates[1].edited_message
    assert updates[1].edited_message.text == "zwei"
    assert updates[2].message
    assert updates[2].message.voice
    assert updates[3].callback_query
    assert await updates[3].callback_query.answer()
    assert updates[4].my_chat_member
    assert updates[5].my_chat_member
    assert await bot.get_updates(offset=updates[-1].update_id + 1) == ()
    assert await bot.get_updates() == ()


async def test_it_refuses_what_telegram_refuses(server: TelegramServer, bot: Bot) -> None:
    person = server.person()
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_message(person.id, "😀" * 2049)
    with pytest.raises(BadRequest, match="empty"):
        await bot.send_message(person.id, " \n")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(404, "x")
    with pytest.raises(BadRequest, match="half a character"):
        await bot.send_message(person.id, "😀", entities=[MessageEntity(MessageEntity.BOLD, 0, 1)])
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="ä" * 33)]])
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(person.id, "x", reply_markup=markup)
    with pytest.raises(BadRequest, match="too old"):
        await bot.answer_callback_query("1")
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(person.id, b"no picture")
    with pytest.raises(InvalidToken):
        await Bot("1:other", base_url=server.base_url).__aenter__()  # closes its connections when it fails
    person.blocks()
    with pytest.raises(Forbidden, match="blocked"):
        await bot.send_message(person.id, "x")


async def test_the_older_of_two_pollers_gives_way_and_a_webhook_to_both(server: TelegramServer, bot: Bot) -> None:
    async with Bot(TOKEN, base_url=server.base_url) as other:
        waiting = asyncio.create_task(bot.get_updates(timeout=20))
        while server.world.calls[-1][0] != "getUpdates":
            await asyncio.sleep(0.01)
        await other.get_updates()
        with pytest.raises(Conflict, match="other getUpdates"):
            await waiting
        await other.set_webhook("https://example.org/")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        assert await other.delete_webhook()


async def test_it_serves_other_processes() -> None:
    command = [sys.executable, "-m", "tests.servers.telegram"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert process.stdout
    base_url, token = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().split()
    async with httpx.AsyncClient(base_url=base_url.removesuffix("bot") + "control/") as control:
        assert (await control.post("says", json={"chat": 7, "text": "Moin"})).json()["update_id"]
        async with Bot(token, base_url=base_url) as library:
            [update] = await library.get_updates()
            assert update.message
            await library.send_message(7, "Hallo")
        assert (await control.post("hears", json={"chat": 7})).json()["text"] == "Hallo"
        assert (await control.post("state")).json()["count"]["sendMessage"] == 1
        await control.post("faults", json={"method": "getMe", "status": 500})
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
