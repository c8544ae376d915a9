"""`schullotse serve` as an operator runs it: whole dialogues on a real server, wrong settings, stopping, looking in."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace

import httpx
import pytest

from knowledge.folders import SHIPPED
from tests.home import Home
from tests.servers.synapse import free_port
from tests.servers.telegram import Fault, Person, TelegramServer

TOKEN = "123456:geheimer-token-geheimer-token-gehe"  # of no bot


@asynccontextmanager
async def served(home: Home, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command as a process; killed in the end, if it still runs."""
    more = {f"SCHULLOTSE_{name}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "serve"),
        env=home.environment(**{"SCHULLOTSE_DATABASE_URL": home.url, "SCHULLOTSE_REGION": "dortmund", **more}),
        cwd=home.folder,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def on_telegram(
    home: Home, **settings: str
) -> AsyncIterator[tuple[TelegramServer, asyncio.subprocess.Process, int]]:
    """The command with a Telegram of its own: server, process, port for operators."""
    port = free_port()
    async with TelegramServer() as server:
        telegram = {"TELEGRAM__TOKEN": server.world.token, "TELEGRAM__BASE_URL": server.base_url}
        async with served(home, OPS__PORT=str(port), **telegram, **settings) as process:
            yield server, process, port


async def refused(home: Home, **settings: str) -> str:
    """What a command says that cannot start."""
    async with served(home, **settings) as process:
        out, errors = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, out) == (2, b"")
    assert "Traceback" not in errors.decode()
    return errors.decode()


async def test_a_teacher_is_led_to_the_right_office_by_buttons_and_by_words(home: Home) -> None:
    async with on_telegram(home) as (server, process, _):
        teacher = server.person()
        teacher.says("/start")
        assert "Telegram speichert" in (await teacher.hears(30)).text
        teacher.presses("Ich arbeite an einer Schule")
        await teacher.hears()
        teacher.says("Schüler fehlt seit 3 Wochen, was jetzt?")
        said = [(await teacher.hears()).text]
        for _ in range(12):
            if "0231" in "".join(said):
                break
            teacher.says("1")
            said.append((await teacher.hears()).text)
        else:
            pytest.fail("\n".join(said))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_who_is_told_to_stop_answers_what_it_has_taken(home: Home) -> None:
    async with on_telegram(home) as (server, process, _):
        people = [server.person() for _ in range(8)]
        people[0].says("hallo")
        await people[0].hears(30)
        server.faults.append(Fault("sendMessage", delay=0.5, times=8))
        for person in people:
            person.says("mein kind hat angst vor der schule")
        while server.world.pending:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        for person in people:
            assert (await person.hears()).text
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_health_readiness_and_numbers_can_be_looked_up(home: Home) -> None:
    async with on_telegram(home) as (server, _, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        person = server.person()
        for _ in range(10):
            person.says("hilfe")
            await person.hears(30)
        answers = {path: await client.get(path) for path in ("/healthz", "/readyz", "/metrics")}

    assert [answer.status_code for answer in answers.values()] == [200, 200, 200]
    lines = answers["/metrics"].text.splitlines()
    assert 'schullotse_received_total{channel="telegram"} 10.0' in lines
    assert 'schullotse_up{channel="telegram"} 1.0' in lines


async def test_a_bot_whose_platform_is_away_is_alive_but_not_ready(home: Home) -> None:
    port = free_port()
    away = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__BASE_URL": f"http://127.0.0.1:{free_port()}/bot"}
    async with (
        served(home, OPS__PORT=str(port), **away),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        while True:
            try:
                ready = await client.get("/readyz")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)

        assert (await client.get("/healthz")).status_code == 200
    assert (ready.status_code, ready.text) == (503, "waiting for: channels\n")


async def test_a_wrong_token_is_said_without_the_token(home: Home) -> None:
    async with TelegramServer() as server:
        said = await refused(home, TELEGRAM__TOKEN=TOKEN, TELEGRAM__BASE_URL=server.base_url, OPS__PORT="0")

    assert "telegram.token" in said
    assert TOKEN not in said
    assert TOKEN.split(":")[1] not in said


async def test_a_port_that_is_taken_is_said(home: Home) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])

        assert f"port {port}" in await refused(home, WEB__PORT=port, OPS__PORT="0")
        assert f"port {port}" in await refused(home, WEB__PORT="0", OPS__PORT=port)


async def test_a_locked_database_is_said(home: Home) -> None:
    home.database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        assert "locked" in await refused(home, WEB__PORT="0", OPS__PORT="0")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "no channel is configured"),
        ({"TELEGRAM__TOKEN": "kein token"}, "telegram.token"),
        ({"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__MODE": "webhook"}, "SCHULLOTSE_WEB__PORT"),
        ({"MATRIX__HOMESERVER": "http://127.0.0.1:9", "MATRIX__USER": "bot"}, "@schullotse:example.org"),
        ({"MATRIX__HOMESERVER": "matrix", "MATRIX__USER": "@bot:localhost", "MATRIX__PASSWORD": "x"}, "HOMESERVER"),
        ({"WEB__PORT": "70000"}, "web.port"),
        ({"TELEGRAM__TOKN": TOKEN}, "telegram.token"),
    ],
)
async def test_wrong_settings_are_said(home: Home, settings: dict[str, str], told: str) -> None:
    said = await refused(home, **{"OPS__PORT": "0", **settings})

    assert told in said
    assert TOKEN not in said


async def test_only_one_of_three_processes_receives_and_another_takes_over(home: Home) -> None:
    async with TelegramServer() as server:
        telegram = {"TELEGRAM__TOKEN": server.world.token, "TELEGRAM__BASE_URL": server.base_url, "OPS__PORT": "0"}
        person = server.person()
        async with served(home, **telegram) as first:
            await _talks(person)
            async with served(home, **telegram), served(home, **telegram):
                await _talks(person)
                assert not [fault for fault, _ in server.world.calls if fault == "conflict"]
                first.kill()
                await first.wait()
                await _talks(person)


async def _talks(person: Person) -> None:
    person.says("hilfe")
    assert (await person.hears(30)).text


async def test_the_log_has_lines_of_json_and_nothing_that_was_said(home: Home) -> None:
    async with on_telegram(home, LOG_LEVEL="DEBUG") as (server, process, _):
        await _talks(server.person())
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 15)

    lines = [json.loads(line) for line in errors.decode().splitlines()]
    assert {"channel_up", "answered"} <= {line["event"] for line in lines}
    assert os.linesep.encode() in errors


async def test_a_changed_pack_is_taken_while_people_talk_and_a_broken_one_is_not(home: Home) -> None:
    city = home.folder / "stadt"
    ignored = shutil.ignore_patterns("examples", "i18n", "dialogues", "schools", "districts.yaml")
    shutil.copytree(SHIPPED / "dortmund", city, ignore=ignored)
    office = city / "actors" / "kub.yaml"
    written = office.read_text("utf-8")
    home = replace(home, cache=shutil.copytree(home.cache, home.folder / "cache"))
    async with on_telegram(home, REGION="stadt", PACKS=str(city), LOG_LEVEL="INFO") as (server, process, _):
        early, late, last = (server.person() for _ in range(3))
        early.says("/start kub")
        assert "0231 5010017" in await everything(early)

        office.write_text(written.replace("0231 5010017", "0231 5010018"), "utf-8")
        assert (await told(process, signal.SIGHUP))["event"] == "pack_taken"
        early.says("/start kub")
        late.says("/start kub")
        assert "0231 5010017" in await everything(early)
        assert "0231 5010018" in await everything(late)

        office.write_text(written.replace("0231 5010017", "nirgends"), "utf-8")
        refused = await told(process, signal.SIGHUP)
        last.says("/start kub")
        assert (refused["event"], refused["place"][:23]) == ("pack_refused", "stadt/actors/kub.yaml:6")
        assert "0231 5010018" in await everything(last)


async def told(process: asyncio.subprocess.Process, number: int) -> dict[str, str]:
    """What the process logs about packs after a signal."""
    process.send_signal(number)
    assert process.stderr
    while True:
        line = json.loads(await asyncio.wait_for(process.stderr.readline(), 60))
        if line["event"].startswith("pack_"):
            return dict(line)


async def everything(person: Person) -> str:
    """The card that the person is shown, with what is said before it."""
    said = ""
    while "0231 50100" not in said:
        said += (await person.hears(60)).text
    return said
