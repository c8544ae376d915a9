"""`schullotse serve` with its web port, as an operator runs it: the door, the coordinators' pages, the webhook."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import httpx

from bot.review.accounts import PATH
from tests.bot.test_serve import on_telegram, refused, served
from tests.home import Home
from tests.servers.synapse import free_port
from tests.servers.telegram import TelegramServer
from tests.web_door import Page

FEAR = "mein kind hat angst vor der schule"
SECRET = "X-Telegram-Bot-Api-Secret-Token"
GUARDS = {
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}


@asynccontextmanager
async def opened(port: int) -> AsyncIterator[httpx.AsyncClient]:
    """The site on *port*, once it is there."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        async with asyncio.timeout(30):
            while True:
                try:
                    await client.get("/robots.txt")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        yield client


@asynccontextmanager
async def by_webhook(home: Home) -> AsyncIterator[tuple[TelegramServer, httpx.AsyncClient, str]]:
    """A bot that Telegram calls at the port of the web door: Telegram, the door, the address for operators."""
    port = free_port()
    hook = {"TELEGRAM__MODE": "webhook", "TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram"}
    async with on_telegram(home, WEB__PORT=str(port), **hook) as (server, process, ops), opened(port) as client:
        yield server, client, f"http://127.0.0.1:{ops}"
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 15)
        assert process.returncode == 0
        assert b"Traceback" not in errors


def referred(home: Home) -> dict[str, int]:
    """How many were referred, by channel."""
    with closing(sqlite3.connect(home.database)) as database:
        question = "SELECT channel, sum(n) FROM tally WHERE outcome = 'referred' AND actor != '' GROUP BY channel"
        return dict(database.execute(question).fetchall())


async def talked(client: httpx.AsyncClient) -> Page:
    """A visitor who writes one sentence; what they read then."""
    page = Page((await client.get("/?wer=parent")).text)
    answer = await client.post("/", data={**page.fields, "text": FEAR})
    assert answer.status_code == 200
    return Page(answer.text)


async def test_the_door_answers_and_the_pages_of_coordinators_ask_who_is_there(home: Home) -> None:
    port = free_port()
    async with served(home, WEB__PORT=str(port), OPS__PORT="0") as process, opened(port) as client:
        first, missing = await client.get("/"), await client.get("/gibt-es-nicht")
        answer = await talked(client)
        login = await client.get(PATH, follow_redirects=True)
        inside = await client.get(f"{PATH}/dortmund", follow_redirects=True)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0

    assert (first.status_code, missing.status_code, login.status_code) == (200, 404, 200)
    for response in (first, missing, login, inside):
        assert GUARDS.items() <= dict(response.headers).items(), response.url
        assert "content-security-policy" in response.headers
        assert "server" not in response.headers
    assert "0231" in answer.text
    assert 'type="password"' in login.text
    assert 'type="password"' in inside.text  # nothing is shown before the login
    assert referred(home).keys() == {"web"}


async def test_webhook_and_door_share_a_port_and_only_telegram_is_listened_to(home: Home) -> None:
    async with by_webhook(home) as (server, client, _):
        wrong = [{}, *({SECRET: secret.encode()} for secret in ("", "falsch", "ü"))]
        refusals = [await client.post("/telegram", json={"update_id": 1}, headers=headers) for headers in wrong]
        person = server.person()
        person.says("/start")
        await person.hears(30)
        person.presses("Mutter")
        await person.hears()
        person.says(FEAR)
        heard = (await person.hears()).text
        page = await talked(client)
        await _delivered(server)

    assert [refusal.status_code for refusal in refusals] == [403] * 4
    assert "0231" in page.text
    assert heard
    assert referred(home).keys() == {"telegram", "web"}
    assert server.world.unanswered == set()


async def test_while_the_database_is_locked_the_bot_is_alive_and_what_it_could_not_keep_comes_again(home: Home) -> None:
    async with by_webhook(home) as (server, client, ops):
        person = server.person()
        person.says(FEAR)
        await person.hears(30)
        before = sum(referred(home).values())
        with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            person.says("qxv zzyk wrrp")
            waiting = asyncio.create_task(person.hears(20))
            alive = 0
            while not waiting.done():  # nothing but the message waits for the lock
                alive += (await client.get(f"{ops}/healthz", timeout=2)).status_code == 200
                await asyncio.sleep(0.05)
            sorry = await waiting
            async with asyncio.timeout(20):
                while "503" not in server.world.webhook.get("last_error_message", ""):
                    await asyncio.sleep(0.01)
            kept = len(server.world.pending)
            other.execute("COMMIT")
        assert (await person.hears(20)).text != sorry.text
        await _delivered(server)

    assert "112" in sorry.text
    assert kept == 1
    assert alive > 5
    assert sum(referred(home).values()) == before


async def test_a_webhook_where_the_door_is_is_refused(home: Home) -> None:
    hook = {"TELEGRAM__MODE": "webhook", "TELEGRAM__WEBHOOK_URL": "https://bot.example.org", "WEB__PORT": "0"}

    said = await refused(home, TELEGRAM__TOKEN="1:x", OPS__PORT="0", **hook)

    assert "telegram.webhook_url has no path" in said


async def _delivered(server: TelegramServer) -> None:
    async with asyncio.timeout(20):
        while server.world.pending:
            await asyncio.sleep(0.01)
