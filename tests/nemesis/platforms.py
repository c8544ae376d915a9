"""Crowds of people on a messenger, who say what nobody understands and count what they hear."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from tests.servers.synapse import Synapse
from tests.servers.telegram import Person, TelegramServer

NONSENSE = "qxv zzyk wrrp"
PATIENCE = 60  # seconds until the next answer


class Crowd(Protocol):
    """Several people, each in a chat of their own."""

    @property
    def said(self) -> int:
        """How many messages all have written."""

    @property
    def answers(self) -> int:
        """How many answers all have heard."""

    @property
    def unanswered(self) -> int:
        """How many messages have no answer."""

    @property
    def worst(self) -> int:
        """The most answers that one person has heard beyond the messages."""

    async def meet(self) -> None:
        """Returns when the bot is there for everybody."""

    async def say(self, person: int) -> None:
        """One message of one person."""

    async def someone_hears(self) -> None:
        """Returns when one more answer was heard."""

    async def everybody_heard(self) -> None:
        """Returns when nobody waits for an answer any more, or nobody has heard one for too long."""


class _Counting(ABC):
    """Counts for each person what was said and heard."""

    def __init__(self, people: int) -> None:
        self._each = [0] * people

    @abstractmethod
    def heard(self, person: int) -> int:
        """How many answers one person has heard."""

    @property
    def said(self) -> int:
        return sum(self._each)

    @property
    def answers(self) -> int:
        return sum(self.heard(person) for person in range(len(self._each)))

    @property
    def unanswered(self) -> int:
        return sum(max(0, said - self.heard(person)) for person, said in enumerate(self._each))

    @property
    def worst(self) -> int:
        return max(self.heard(person) - said for person, said in enumerate(self._each))

    async def someone_hears(self) -> None:
        await _until(lambda before=self.answers: self.answers > before)  # type: ignore[misc]

    async def everybody_heard(self) -> None:
        before = -1
        while self.unanswered and self.answers > before:
            before = self.answers
            await _until(lambda: self.answers > before)  # noqa: B023 - awaited here


class TelegramCrowd(_Counting):
    """Each person has a private chat."""

    def __init__(self, people: list[Person]) -> None:
        super().__init__(len(people))
        self._people = people

    def heard(self, person: int) -> int:
        return len(self._people[person].sees())

    async def meet(self) -> None:
        pass

    async def say(self, person: int) -> None:
        self._people[person].says(NONSENSE)
        self._each[person] += 1


class MatrixCrowd(_Counting):
    """One account with a room for each person: the bot cannot tell the difference."""

    def __init__(self, session: aiohttp.ClientSession, bot: str, rooms: list[str]) -> None:
        super().__init__(len(rooms))
        self._session = session
        self._bot = bot
        self._rooms = rooms
        self._seen: dict[str, set[str]] = {room: set() for room in rooms}
        self._joined: set[str] = set()

    def heard(self, person: int) -> int:
        return len(self._seen[self._rooms[person]])

    async def meet(self) -> None:
        await _until(lambda: len(self._joined) == len(self._rooms))

    async def say(self, person: int, text: str = NONSENSE) -> None:
        number = uuid4().hex  # also in the content: equal events of one millisecond are one event to a homeserver
        place = f"/_matrix/client/v3/rooms/{quote(self._rooms[person])}/send/m.room.message/{number}"
        content = {"msgtype": "m.text", "body": text, "local.number": number}
        async with self._session.put(place, json=content) as answer:
            answer.raise_for_status()
        self._each[person] += 1

    async def listen(self) -> None:
        """Read what is said in all rooms, for ever: also when the server was too busy to answer."""
        since = ""
        narrow = json.dumps({"room": {"timeline": {"limit": 500}}})
        while True:
            parameters = {"timeout": "10000", "filter": narrow} | ({"since": since} if since else {})
            try:
                async with self._session.get("/_matrix/client/v3/sync", params=parameters) as answer:
                    answer.raise_for_status()
                    news = await answer.json()
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(1)
                continue
            since = news["next_batch"]
            for room, content in news.get("rooms", {}).get("join", {}).items():
                for event in content["timeline"]["events"]:
                    self._hear(room, event)

    def _hear(self, room: str, event: dict[str, Any]) -> None:
        if event["sender"] != self._bot or room not in self._seen:
            return
        if event["type"] == "m.room.message":
            self._seen[room].add(event["event_id"])
        elif event["type"] == "m.room.member" and event["content"].get("membership") == "join":
            self._joined.add(room)


@asynccontextmanager
async def telegram(_: Path, people: int) -> AsyncIterator[tuple[Crowd, dict[str, str]]]:
    async with TelegramServer() as server:
        crowd = TelegramCrowd([server.person() for _ in range(people)])
        yield (
            crowd,
            {
                "SCHULLOTSE_TELEGRAM__TOKEN": server.world.token,
                "SCHULLOTSE_TELEGRAM__BASE_URL": server.base_url,
            },
        )


@asynccontextmanager
async def matrix(
    folder: Path, people: int, kind: type[MatrixCrowd] = MatrixCrowd
) -> AsyncIterator[tuple[MatrixCrowd, dict[str, str]]]:
    async with Synapse.started(folder / "synapse") as server:
        bot = await server.register("bot", "geheim")
        await server.register("anna", "auch geheim")
        async with aiohttp.ClientSession(server.url) as session:
            identifier = {"type": "m.id.user", "user": "anna"}
            login = {"type": "m.login.password", "identifier": identifier, "password": "auch geheim"}
            async with session.post("/_matrix/client/v3/login", json=login) as answer:
                session.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
            rooms = [await _room(session, bot) for _ in range(people)]
            crowd = kind(session, bot, rooms)
            listening = asyncio.create_task(crowd.listen())
            yield (
                crowd,
                {
                    "SCHULLOTSE_MATRIX__HOMESERVER": server.url,
                    "SCHULLOTSE_MATRIX__USER": bot,
                    "SCHULLOTSE_MATRIX__PASSWORD": "geheim",
                    "SCHULLOTSE_MATRIX__STORE": str(folder / "matrix"),
                },
            )
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _room(session: aiohttp.ClientSession, bot: str) -> str:
    wanted = {"is_direct": True, "invite": [bot], "preset": "trusted_private_chat"}
    async with session.post("/_matrix/client/v3/createRoom", json=wanted) as answer:
        return str((await answer.json())["room_id"])


async def _until(holds: Callable[[], bool]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.01)
    except TimeoutError:
        return


PLATFORMS: dict[str, Callable[[Path, int], AbstractAsyncContextManager[tuple[Crowd, dict[str, str]]]]] = {
    "telegram": telegram,
    "matrix": matrix,
}
