"""People with a real Matrix client, and the bot's channel with the least of a pipeline around it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import nio

from bot.channels.matrix import MatrixChannel
from bot.channels.port import GoneError, Incoming, LaterError, Outgoing, RefusedError
from config.settings import Matrix
from handlers import Conversation, Press, Utterance, respond
from handlers.dialogue import Reply
from knowledge.base import Knowledge
from tests.servers.synapse import Synapse

PATIENCE = 60  # seconds; on a quiet machine nothing here takes three
GROUP = "Ich antworte nur im Einzelgespräch."
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


@dataclass
class Database:
    """What outlives the bot's process."""

    cursor: str | None = None
    ids: list[str] = field(default_factory=list)
    waiting: list[Incoming] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    broken: int = 0  # how many times the next transactions fail


class DatabaseGoneError(Exception):
    """As the pipeline's StoreError."""


@dataclass
class Bot:
    """The channel, and a small pipeline: accept, answer, render, send until it is taken."""

    channel: MatrixChannel
    database: Database
    reply: Callable[[Incoming], Sequence[Reply]]
    accepted: list[Incoming] = field(default_factory=list)
    dropped: list[Exception] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def accept(self, messages: Sequence[Incoming], cursor: str | None = None) -> None:
        if self.database.broken:
            self.database.broken -= 1
            raise DatabaseGoneError
        fresh = [message for message in messages if message.id not in self.database.ids]
        self.database.ids += [message.id for message in fresh]
        self.database.waiting += [Incoming(**json.loads(json.dumps(_fields(message)))) for message in fresh]
        self.database.cursor = cursor
        async with self.changed:
            self.accepted += fresh
            self.changed.notify_all()

    async def work(self) -> None:
        """Answers in order, for ever."""
        while True:
            async with self.changed:
                await self.changed.wait_for(lambda: self.database.waiting)
            incoming = self.database.waiting[0]
            await self.channel.acknowledge(incoming)
            bodies = self.channel.render(incoming, self.reply(incoming))
            for number, body in enumerate(bodies):
                await self._deliver(Outgoing(incoming.chat, f"{incoming.id}-{number}", json.loads(json.dumps(body))))
            self.database.waiting.pop(0)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(condition)

    async def _deliver(self, outgoing: Outgoing) -> None:
        while True:
            try:
                return await self.channel.send(outgoing)
            except LaterError as error:
                await asyncio.sleep(min(error.seconds or 0.1, 1))
            except (GoneError, RefusedError) as error:
                self.dropped.append(error)
                return None


def _fields(message: Incoming) -> dict[str, Any]:
    return {name: getattr(message, name) for name in Incoming.__slots__}


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    """The bot, logged in and listening; afterwards it is stopped as hard as can be."""
    await bot.channel.open()
    tasks = [asyncio.create_task(bot.channel.receive(bot.accept, bot.database.cursor)), asyncio.create_task(bot.work())]
    try:
        await bot.until(lambda: bot.database.cursor is not None)
        yield bot
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bot.channel.close()


def echo(incoming: Incoming) -> tuple[Reply, ...]:
    return (Reply(f"Echo: {incoming.text or incoming.press}"),)


def engine(knowledge: Knowledge, database: Database, at: datetime) -> Callable[[Incoming], Sequence[Reply]]:
    """The real replies."""

    def reply(incoming: Incoming) -> Sequence[Reply]:
        before = database.conversations.get(incoming.chat, Conversation(region="dortmund"))
        message = Press(incoming.press, at) if incoming.press is not None else Utterance(incoming.text or "", at)
        turn = respond(knowledge, before, message)
        database.conversations[incoming.chat] = turn.conversation
        return turn.replies

    return reply


@dataclass
class Person:
    """Somebody with a client: plain, or with keys of their own."""

    client: nio.AsyncClient
    bot: str
    seen: list[Any] = field(default_factory=list)
    members: dict[tuple[str, str], str] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self) -> None:
        first = True
        while True:
            answer = await self.client.sync(timeout=0 if first else 2_000, full_state=first)
            first = False
            if not isinstance(answer, nio.SyncResponse):
                await asyncio.sleep(0.05)
                continue
            async with self.changed:
                for room, info in answer.rooms.join.items():
                    for event in (*info.state, *info.timeline.events):
                        if isinstance(event, nio.RoomMemberEvent):
                            self.members[room, event.state_key] = event.membership
                    self.seen += [(room, event) for event in info.timeline.events]
                self.changed.notify_all()
            if self.client.olm:
                await self.client.send_to_device_messages()
                if self.client.should_upload_keys:
                    await self.client.keys_upload()
                if self.client.should_query_keys:
                    await self.client.keys_query()
                    async with self.changed:
                        self.changed.notify_all()

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE), self.changed:
            return await self.changed.wait_for(condition)

    async def invite_bot(self, *others: str, encrypted: bool = False) -> str:
        """A new room with the bot (and *others*); returns when the bot has joined."""
        room = await self.open_room(self.bot, *others, encrypted=encrypted)
        await self.until(lambda: self.members.get((room, self.bot)) == "join")
        return room

    async def open_room(self, *invited: str, encrypted: bool = False) -> str:
        state = [ENCRYPTION] if encrypted else []
        made = await self.client.room_create(invite=list(invited), is_direct=True, initial_state=state)
        assert isinstance(made, nio.RoomCreateResponse), made
        await self.until(lambda: (made.room_id, self.client.user_id) in self.members)
        return made.room_id

    async def say(self, room: str, text: str, **more: Any) -> str:
        return await self.post(room, "m.room.message", {"msgtype": "m.text", "body": text, **more})

    async def post(self, room: str, kind: str, content: dict[str, Any]) -> str:
        sent = await self.client.room_send(room, kind, content, ignore_unverified_devices=True)
        assert isinstance(sent, nio.RoomSendResponse), sent
        return sent.event_id

    def answers(self, room: str) -> list[Any]:
        """What the bot said in *room*, as far as it can be read."""
        return [
            event
            for place, event in self.seen
            if place == room and event.sender == self.bot and isinstance(event, nio.RoomMessage)
        ]

    async def answer(self, room: str, number: int) -> Any:
        """The bot's message of this *number*, counted from one."""
        await self.until(lambda: len(self.answers(room)) >= number)
        return self.answers(room)[number - 1]

    async def ask(self, room: str, text: str, **more: Any) -> Any:
        """The bot's next message after *text*."""
        before = len(self.answers(room))
        await self.say(room, text, **more)
        return await self.answer(room, before + 1)


@asynccontextmanager
async def person(server: Synapse, name: str, folder: Path | None, bot: str) -> AsyncIterator[Person]:
    """Registered, logged in and listening. With a *folder* the client has keys."""
    with contextlib.suppress(RuntimeError):  # exists already
        await server.register(name, name)
    config = nio.AsyncClientConfig(encryption_enabled=folder is not None, request_timeout=PATIENCE)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    client = nio.AsyncClient(server.url, server.user_id(name), store_path=str(folder or ""), config=config)
    await client.login(name)
    made = Person(client, bot)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await client.close()
        if client.store:
            client.store.database.close()


def settings(server: Synapse, folder: Path, name: str, **more: Any) -> Matrix:
    defaults = {"homeserver": server.url, "user": server.user_id(name), "password": name, "store": folder}
    return Matrix(**{**defaults, **more})
