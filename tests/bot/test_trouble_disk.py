"""The disk is full under the real command: nobody is left alone, nothing is lost or done twice."""

import asyncio
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

import httpx

from tests.bot.test_serve import on_telegram
from tests.home import Home
from tests.servers.telegram import Person, TelegramServer

NONSENSE = "qxv zzyk wrrp"  # counted once for each message, as not understood
SORRY = "Bei mir ist gerade etwas schiefgegangen"
SOON = 25  # seconds until everything must be as before


@contextmanager
def full(process: asyncio.subprocess.Process) -> Iterator[None]:
    """No file of the process can grow."""
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


def counted(home: Home) -> int:
    with closing(sqlite3.connect(home.database)) as database:
        found = database.execute("SELECT coalesce(sum(n), 0) FROM tally WHERE outcome = 'not-understood'")
        return int(found.fetchone()[0])


async def told(person: Person) -> str:
    return (await person.hears(SOON)).text


async def answered(person: Person) -> str:
    """The next message that is no apology."""
    async with asyncio.timeout(SOON):
        while SORRY in (text := (await person.hears(SOON)).text):
            pass
    return text


@asynccontextmanager
async def four_people(
    home: Home,
) -> AsyncIterator[tuple[TelegramServer, asyncio.subprocess.Process, list[Person], str]]:
    """A bot that has answered each of four people once; and its address for operators."""
    async with on_telegram(home) as (server, process, port):
        people = [server.person() for _ in range(4)]
        for person in people:
            person.says(NONSENSE)
            await told(person)
        yield server, process, people, f"http://127.0.0.1:{port}"


async def apologised_to(people: list[Person]) -> None:
    """Returns when each of them has been told whom to call."""
    for person in people:
        sorry = await told(person)
        assert SORRY in sorry
        assert "112" in sorry


async def ended(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0
    assert b"Traceback" not in errors
    assert b"never retrieved" not in errors


async def test_on_a_full_disk_people_get_the_numbers_and_afterwards_their_answer(home: Home) -> None:
    async with four_people(home) as (server, process, people, address), httpx.AsyncClient(base_url=address) as client:
        with full(process):
            for person in people:
                person.says(NONSENSE)
                person.says(NONSENSE)
            await apologised_to(people)
            alive = await client.get("/healthz")
            before, kept = counted(home), len(server.world.pending)
        for person in people:
            assert await answered(person)
            assert await answered(person)
        await ended(process)

    assert kept == 2 * len(people)  # nothing was confirmed
    assert (alive.status_code, before) == (200, len(people))
    assert counted(home) == 3 * len(people)
