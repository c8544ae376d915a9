"""Kill, count, compare: nothing lost, nothing counted twice, in each chat at most one answer repeated a kill.

`python -m tests.nemesis.hunt --kills 1000 --store sqlite --channel telegram` for the long run; `make soak` does all.
"""

import argparse
import asyncio
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.store.sql import SqlStore
from tests.nemesis.platforms import PATIENCE, PLATFORMS, Crowd
from tests.nemesis.victims import STEPS
from tests.servers import postgres

PEOPLE = 8
RARELY = 0.05  # seconds between two messages: many, but no queue that grows
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where keys outlive a process


@dataclass(frozen=True)
class Toll:
    """What a hunt has cost."""

    kills: int
    said: int
    counted: int
    answered: int
    unanswered: int
    worst: int  # repeated answers of the chat that had most
    seconds: float

    @property
    def lost(self) -> int:
        """Messages that were not counted."""
        return max(0, self.said - self.counted)

    @property
    def twice(self) -> int:
        return max(0, self.counted - self.said)

    @property
    def repeated(self) -> int:
        return self.answered - self.said

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.said} messages: {self.lost} lost, {self.unanswered} unanswered, "
            f"{self.twice} counted twice, "
            f"{self.repeated} answers repeated (in one chat {self.worst} at most); {self.seconds:.0f} s"
        )


class Victims:
    """The other process, which forks bots."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def ready(cls, environment: dict[str, str]) -> AsyncIterator["Victims"]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.nemesis.victims", stdin=pipe, stdout=pipe, env=environment
        )
        victims = cls(process)
        try:
            await victims._line()
            yield victims
        finally:
            process.kill()
            await process.wait()

    async def order(self, command: str) -> int:
        """`start`, `start <step>`, `kill`, `stop`, or `wait` for a bot that kills itself; the answer."""
        assert self._process.stdin
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()
        try:
            async with asyncio.timeout(PATIENCE):
                return int(await self._line())
        except TimeoutError:
            raise RuntimeError(f"no bot did '{command}' within {PATIENCE} seconds") from None

    async def _line(self) -> str:
        assert self._process.stdout
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that forks bots has ended")
        return line.decode().strip()


async def hunt(crowd: Crowd, victims: Victims, url: str, kills: int, *, seed: int) -> Toll:
    """Kill *kills* times while the crowd talks: at named steps in turn, then at random moments."""
    chance, started = random.Random(seed), time.monotonic()  # noqa: S311 - no secret
    await victims.order("start")
    await crowd.meet()
    await victims.order("stop")
    for number in range(kills):
        step = STEPS[number] if number < len(STEPS) else ""
        await victims.order(f"start {step}")
        hush = asyncio.Event()
        talking = asyncio.create_task(_talk(crowd, chance, hush))
        if step:
            await victims.order("wait")
        else:
            await crowd.someone_hears()
            await asyncio.sleep(chance.uniform(0, 0.1))
            await victims.order("kill")
        hush.set()
        await talking  # not cancelled: each message is either said and counted, or neither
    await victims.order("start")
    await crowd.everybody_heard()
    await _everything_counted(url, crowd.said)  # repeated answers may hide that one is still missing
    await victims.order("stop")
    return Toll(
        kills, crowd.said, _counted(url), crowd.answers, crowd.unanswered, crowd.worst, time.monotonic() - started
    )


async def _talk(crowd: Crowd, chance: random.Random, hush: asyncio.Event) -> None:
    while not hush.is_set():
        person = chance.randrange(PEOPLE)
        await asyncio.gather(crowd.say(person), crowd.say(person))  # the second one finds its chat busy
        await asyncio.sleep(RARELY)


async def _everything_counted(url: str, said: int) -> None:
    for _ in range(PATIENCE):
        if _counted(url) >= said:
            return
        await asyncio.sleep(1)


def _counted(url: str) -> int:
    store = SqlStore(url)
    try:
        return sum(count.n for count in store.tally() if count.outcome == "not-understood")
    finally:
        store.close()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'schullotse.db'}"
    else:
        with postgres.running() as server:
            yield server.fresh()


@contextmanager
def burrow() -> Iterator[Path]:
    """A folder for keys that outlive a process."""
    folder = Path(tempfile.mkdtemp(prefix="schullotse-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def season(store: str, channel: str, kills: int, *, seed: int = 1, cache: str | None = None) -> Toll:
    """One hunt in a world of its own."""
    with burrow() as folder, database(store, folder) as url:
        async with PLATFORMS[channel](folder, PEOPLE) as (crowd, settings):
            kept = {name: value for name, value in os.environ.items() if not name.startswith("SCHULLOTSE_")}
            shared = {"SCHULLOTSE_DATABASE_URL": url, "SCHULLOTSE_REGION": "dortmund", "XDG_RUNTIME_DIR": str(folder)}
            shared |= {"SCHULLOTSE_LOG_LEVEL": "ERROR"} | ({"XDG_CACHE_HOME": cache} if cache else {})
            async with Victims.ready({**kept, **shared, **settings}) as victims:
                return await hunt(crowd, victims, url, kills, seed=seed)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--channel", choices=sorted(PLATFORMS), default="telegram")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # the killed leave requests half said
    toll = asyncio.run(season(given.store, given.channel, given.kills, seed=given.seed))
    print(f"{given.channel}, {given.store}: {toll}")
    sys.exit(bool(toll.lost or toll.unanswered or toll.twice or toll.worst > toll.kills))


if __name__ == "__main__":
    main()
