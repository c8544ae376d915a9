"""Canaries on the messengers: names, ids, handles, words and tokens are searched in all that a running bot leaves."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from tests.bot.channels import matrix_world
from tests.bot.test_canary import leaks
from tests.bot.test_serve import served
from tests.home import Home
from tests.servers.postgres import Postgres
from tests.servers.synapse import Synapse, free_port
from tests.servers.telegram import TelegramServer

BIRD = "Kanarienvogelzwitscher"
NAME = "Wilhelmine-Kanaria"
HANDLE = "kanarienhandle77"
CHAT = 4915112345678901
WORDS = (f"mein sohn {BIRD} hat angst vor der schule", f"ich will nicht mehr leben {BIRD}", f"{BIRD} xq zzyk", "hilfe")


async def looked_at(
    port: int, folders: tuple[Path, ...], canaries: list[str], process: asyncio.subprocess.Process
) -> None:
    """While it runs, on its port for operators, and after it was killed: nothing."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        numbers = (await client.get("/metrics")).text
    assert leaks(folders, canaries, numbers) == []
    assert "schullotse_received_total" in numbers
    process.kill()
    _, errors = await process.communicate()
    assert b'"event": "answered"' in errors
    assert leaks(folders, canaries, errors.decode()) == []


@asynccontextmanager
async def telegram_person(server: TelegramServer) -> AsyncIterator[object]:
    person = server.person(identity=CHAT)
    person.user |= {"first_name": NAME, "last_name": NAME[::-1], "username": HANDLE}
    yield person


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_telegram_leaves_nothing_about_anyone(home: Home, postgres: Postgres, kind: str) -> None:
    port = free_port()
    url = home.url if kind == "sqlite" else postgres.fresh()
    folders = (home.data, home.runtime, home.cache, *([postgres.folder] if kind == "postgresql" else []))
    async with TelegramServer() as server, telegram_person(server) as person:
        settings = {"TELEGRAM__TOKEN": server.world.token, "TELEGRAM__BASE_URL": server.base_url}
        async with served(home, OPS__PORT=str(port), LOG_LEVEL="DEBUG", DATABASE_URL=url, **settings) as process:
            for words in WORDS:
                person.says(words)  # type: ignore[attr-defined]
                await person.hears(30)  # type: ignore[attr-defined]
            secret = server.world.token.split(":")[1]
            await looked_at(port, folders, [BIRD, NAME, HANDLE, str(CHAT), secret, *WORDS[:3]], process)


async def test_encrypted_rooms_leave_nothing_about_anyone(home: Home, tmp_path: Path) -> None:
    port, handle = free_port(), HANDLE
    folders = (home.data, home.runtime, home.cache)
    async with Synapse.started(tmp_path / "synapse") as server:
        bot = await server.register("bot", "botpasswort-kanarie")
        settings = {
            "MATRIX__HOMESERVER": server.url,
            "MATRIX__USER": bot,
            "MATRIX__PASSWORD": "botpasswort-kanarie",
            "SECRET": "geheim",
        }
        async with (
            served(home, OPS__PORT=str(port), LOG_LEVEL="DEBUG", **settings) as process,
            matrix_world.person(server, handle, tmp_path / "keys", bot) as anna,
        ):
            await anna.client.set_displayname(NAME)
            room = await anna.invite_bot(encrypted=True)
            for words in WORDS:
                await anna.ask(room, words)
            canaries = [BIRD, NAME, handle, room, "botpasswort-kanarie", str(anna.client.device_id), *WORDS[:3]]
            await looked_at(port, folders, canaries, process)


async def test_a_planted_leak_is_found(home: Home) -> None:
    home.database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("CREATE TABLE diary (said TEXT)")
        database.execute("INSERT INTO diary VALUES (?)", (WORDS[0],))

    assert leaks((home.data,), [BIRD])
    assert leaks((home.runtime,), [HANDLE], f"user @{HANDLE}") != []
