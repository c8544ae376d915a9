"""A whole turn on a messenger, side by side with the least that an honest bot must do: an echo and one durable commit.

Both talk to the same server on this machine, in turns, several rounds; medians and their ratio are printed. The echo is
written with the same library as ours, as its documentation shows it, plus one row in a SQLite database a message.
`python -m benchmarks.channels [telegram|matrix|commits|memory|flood]`
"""

import asyncio
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.nemesis import platforms
from tests.nemesis.platforms import MatrixCrowd
from tests.servers.synapse import Synapse
from tests.servers.telegram import Person, TelegramServer

ROUNDS = 5
TURNS = 100  # in each round
QUESTION = "nummer vom kub"
WARM = 20


async def started(module: str, environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCHULLOTSE_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env={**kept, **environment}, stderr=asyncio.subprocess.DEVNULL
    )


async def ended(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 15)
    except TimeoutError:
        process.kill()
        await process.wait()


async def turns(people: list[Person], each: int) -> list[float]:
    """Seconds of each round trip, all *people* at the same time, one message after another."""

    async def talk(person: Person) -> list[float]:
        found = []
        for _ in range(each):
            begun = time.perf_counter()
            person.says(QUESTION)
            await person.hears(60)
            found.append(time.perf_counter() - begun)
        return found

    return [one for many in await asyncio.gather(*map(talk, people)) for one in many]


@asynccontextmanager
async def telegram_bot(module: str, folder: Path, *arguments: str) -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        environment = {
            "SCHULLOTSE_TELEGRAM__TOKEN": server.world.token,
            "SCHULLOTSE_TELEGRAM__BASE_URL": server.base_url,
            "SCHULLOTSE_DATABASE_URL": f"sqlite:///{folder / (module + '.db')}",
            "SCHULLOTSE_REGION": "dortmund",
            "SCHULLOTSE_OPS__PORT": "0",
        }
        process = await started(module, environment, *arguments)
        try:
            yield server
        finally:
            await ended(process)


async def telegram() -> None:
    with tempfile.TemporaryDirectory() as name:
        async with (
            telegram_bot("bot", Path(name), "serve") as ours,
            telegram_bot("benchmarks.echo", Path(name)) as floor,
        ):
            for flight in (1, 32):
                crowds = [[server.person() for _ in range(flight)] for server in (ours, floor)]
                for crowd in crowds:
                    await turns(crowd, max(2, WARM // flight))
                medians: tuple[list[float], list[float]] = ([], [])
                for _ in range(ROUNDS):
                    for crowd, kept in zip(crowds, medians, strict=True):
                        kept.append(statistics.median(await turns(crowd, max(5, TURNS // flight))))
                mine, least = (statistics.median(kept) * 1000 for kept in medians)
                print(f"telegram, {flight:2} in flight: {mine:6.2f} ms, floor {least:6.2f} ms: {mine / least:.2f}×")


class Talkers(MatrixCrowd):
    """People on Matrix who wait for each answer."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._news = asyncio.Event()

    def _hear(self, room: str, event: dict[str, Any]) -> None:
        super()._hear(room, event)
        self._news.set()

    async def turns(self, people: int, each: int) -> list[float]:
        async def talk(person: int) -> list[float]:
            found = []
            for _ in range(each):
                before, begun = self.heard(person), time.perf_counter()
                await self.say(person, QUESTION)
                while self.heard(person) == before:
                    self._news.clear()
                    await self._news.wait()
                found.append(time.perf_counter() - begun)
            return found

        return [one for many in await asyncio.gather(*map(talk, range(people))) for one in many]


async def matrix() -> None:
    with tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as stack:
            crowds = []
            for module, arguments in (("bot", ("serve",)), ("benchmarks.echo_matrix", ())):
                folder = Path(name) / module
                crowd, settings = await stack.enter_async_context(platforms.matrix(folder, 32, Talkers))
                database = {"SCHULLOTSE_DATABASE_URL": f"sqlite:///{folder / 'x.db'}", "SCHULLOTSE_OPS__PORT": "0"}
                process = await started(module, {**settings, **database, "SCHULLOTSE_REGION": "dortmund"}, *arguments)
                stack.push_async_callback(ended, process)
                await crowd.meet()
                crowds.append(crowd)
            for flight in (1, 32):
                for crowd in crowds:
                    await crowd.turns(flight, 3)
                medians: tuple[list[float], list[float]] = ([], [])
                for _ in range(ROUNDS):
                    for crowd, kept in zip(crowds, medians, strict=True):
                        kept.append(statistics.median(await crowd.turns(flight, max(3, 30 // flight))))
                mine, least = (statistics.median(kept) * 1000 for kept in medians)
                print(f"matrix, {flight:2} in flight: {mine:6.2f} ms, floor {least:6.2f} ms: {mine / least:.2f}×")


def commits() -> None:
    """Rows through the writer with 32 waiting, against one row a commit."""
    from bot.store import Batch, Waiting  # noqa: PLC0415
    from bot.store.sql import SqlStore  # noqa: PLC0415
    from bot.store.writer import Writer  # noqa: PLC0415

    async def grouped(store: SqlStore, rows: int) -> float:
        writer = Writer(store)
        begun = time.perf_counter()

        async def client() -> None:
            for _ in range(rows // 32):
                await writer.accept([Waiting(os.urandom(16), 1, b"x" * 540)])

        await asyncio.gather(*(client() for _ in range(32)))
        seconds = time.perf_counter() - begun
        await writer.close()
        return rows / seconds

    def single(path: Path, rows: int) -> float:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        begun = time.perf_counter()
        for _ in range(rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO inbox (id, epoch, body) VALUES (?, 1, ?)", (os.urandom(16), b"x" * 540))
            connection.execute("COMMIT")
        seconds = time.perf_counter() - begun
        connection.close()
        return rows / seconds

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "x.db"
        store = SqlStore(f"sqlite:///{path}")
        store.write(Batch())
        found = [(asyncio.run(grouped(store, 3200)), single(path, 640)) for _ in range(ROUNDS)]
        store.close()
    many, one = (statistics.median(column) for column in zip(*found, strict=True))
    print(f"commits: grouped, 32 waiting {many:8.0f} rows/s, one row a commit {one:8.0f} rows/s: {many / one:.1f}×")


async def memory() -> None:
    """Resident memory of a bot with both messengers, after some turns, against the bare imports."""
    with tempfile.TemporaryDirectory() as name:
        async with Synapse.started(Path(name) / "synapse") as homeserver, TelegramServer() as server:
            bot = await homeserver.register("bot", "geheim")
            environment = {
                "SCHULLOTSE_TELEGRAM__TOKEN": server.world.token,
                "SCHULLOTSE_TELEGRAM__BASE_URL": server.base_url,
                "SCHULLOTSE_MATRIX__HOMESERVER": homeserver.url,
                "SCHULLOTSE_MATRIX__USER": bot,
                "SCHULLOTSE_MATRIX__PASSWORD": "geheim",
                "SCHULLOTSE_MATRIX__STORE": f"{name}/keys",
                "SCHULLOTSE_DATABASE_URL": f"sqlite:///{name}/x.db",
                "SCHULLOTSE_REGION": "dortmund",
                "SCHULLOTSE_OPS__PORT": "0",
            }
            process = await started("bot", environment, "serve")
            await turns([server.person() for _ in range(20)], 20)
            mine = resident(process.pid)
            await ended(process)
    least = bare()
    print(f"memory: {mine:.0f} MiB with both messengers, the imports alone {least:.0f} MiB: {mine / least:.2f}×")


def bare() -> float:
    """MiB of a Python that has imported what a bot with both messengers cannot do without."""
    modules = "telegram.ext, nio, sqlalchemy, alembic, starlette, uvicorn, pydantic, numpy, cryptography, structlog"
    code = f"import resource, {modules}; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)


def resident(process: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


async def flood() -> None:
    """The p99 of twenty chats, quiet and while one more sends 200 messages a second."""
    with tempfile.TemporaryDirectory() as name:
        async with telegram_bot("bot", Path(name), "serve") as server:
            people, loud = [server.person() for _ in range(20)], server.person()
            await turns(people, 5)

            async def calm(seconds: float) -> list[float]:
                found: list[float] = []
                end = time.monotonic() + seconds

                async def talk(person: Person) -> None:
                    while time.monotonic() < end:
                        begun = time.perf_counter()
                        person.says(QUESTION)
                        await person.hears(60)
                        found.append(time.perf_counter() - begun)
                        await asyncio.sleep(1)

                await asyncio.gather(*map(talk, people))
                return found

            async def shout(seconds: float) -> None:
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    loud.says(QUESTION)
                    await asyncio.sleep(1 / 200)

            quiet = await calm(30)
            noisy, _ = await asyncio.gather(calm(30), shout(30))
            p99 = [statistics.quantiles(one, n=100)[98] * 1000 for one in (quiet, noisy)]
            print(f"flood: p99 of 20 chats {p99[0]:.1f} ms, {p99[1]:.1f} ms while one floods: {p99[1] / p99[0]:.2f}×")


PARTS: dict[str, Callable[[], Awaitable[None] | None]] = {
    "telegram": telegram,
    "matrix": matrix,
    "commits": commits,
    "memory": memory,
    "flood": flood,
}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        part = PARTS[name]()
        if part is not None:
            asyncio.run(part)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
