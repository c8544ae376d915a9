"""The golden dialogues through the messengers: real servers, the real pipeline; every word and every choice arrives."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.channels.matrix import MatrixChannel
from bot.channels.port import Channel, Incoming
from bot.channels.telegram import TelegramChannel
from bot.dialogues import START, answers, read
from bot.keyring import Keyring
from bot.library import Library
from bot.metrics import Metrics
from bot.pipeline import Pipeline, Works
from bot.post import DAY, KEPT, Post
from bot.store.memory import MemoryStore
from bot.store.writer import Writer
from handlers import Conversation
from handlers.dialogue import Forgotten, Reply
from knowledge.base import Knowledge
from knowledge.check.dialogues import Scene
from knowledge.model import Audience
from tests.bot.channels import matrix_world
from tests.bot.channels.telegram_bot import BUTTONS, settings
from tests.servers.synapse import Synapse
from tests.servers.telegram import TelegramServer
from tests.test_transcripts import FILES, FOLDER

BATCHES = 12  # so that they can be spread over processes
PATIENCE = 20  # seconds
Say = Callable[[str], Awaitable[None]]
Hear = Callable[[], Awaitable[str]]


class Minutes:
    """A clock that moves one minute a message."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def batch(number: int) -> list[Path]:
    return FILES[number::BATCHES]


@asynccontextmanager
async def at_work(knowledge: Knowledge, channel: Channel, scene: Scene, clock: Minutes) -> AsyncIterator[Pipeline]:
    """The channel with a pipeline of its own, for somebody of whom is known what the head of the dialogue says."""
    head = scene.head
    audience = Audience(head["audience"]) if "audience" in head else None
    start = Conversation(region=head.get("region"), audience=audience, language=head.get("lang", "de"))
    store, stop = MemoryStore(), asyncio.Event()
    writer = Writer(store)
    mind = Assistant(Library(knowledge), Keyring(), clock=clock, start=start)
    works = Works(mind, writer, Post(Keyring(every=DAY, kept=KEPT)), Metrics(), clock)
    pipeline = Pipeline(channel, works)
    task = asyncio.create_task(pipeline.run(stop, drain=5))
    try:
        yield pipeline
        stop.set()
        await asyncio.wait_for(task, PATIENCE)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.close()
    assert (store.inbox(), store.outbox()) == ([], [])


async def compare(knowledge: Knowledge, scene: Scene, clock: Minutes, say: Say, hear: Hear) -> None:
    """Say what the dialogue says; the platform must show all that the engine answers."""
    for step, turn in zip(
        scene.steps, answers(knowledge, scene.head, (step.sent for step in scene.steps)), strict=True
    ):
        await say(step.sent)
        wanted, shown = list(meant(turn.replies)), ""
        async with asyncio.timeout(PATIENCE):
            while missing := [words for words in wanted if words not in shown]:
                try:
                    shown = squeezed(f"{shown} {await hear()}")
                except TimeoutError:
                    pytest.fail(f"{scene.file}: after {step.sent!r} nobody said {missing[0]!r}\n{shown}")
        clock.at += timedelta(minutes=1)
        if Forgotten() in turn.events:
            return  # what follows is somebody new, of whom nothing is known


def meant(replies: tuple[Reply, ...]) -> Iterator[str]:
    """The words that every platform must show."""
    for reply in replies:
        if reply.text:
            yield from (squeezed(line) for line in reply.text.splitlines() if line.strip())
        if reply.card:
            yield squeezed(reply.card.title)
            yield from (word for line in reply.card.lines for word in squeezed(line.value).split())
        yield from (squeezed(button.label) for button in reply.buttons if reply is replies[-1])


def squeezed(text: str) -> str:
    """Without marks of direction, bullets and the way lines are broken."""
    return " ".join(re.sub(r"[\u200e\u200f\u2066-\u2069•▸|]", "", text).split())


def began(scene: Scene) -> Minutes:
    head = scene.head
    return Minutes(datetime.fromisoformat(head["at"]).replace(tzinfo=START.tzinfo) if "at" in head else START)


@pytest.mark.parametrize("number", range(BATCHES))
async def test_telegram_shows_what_every_door_shows(number: int, knowledge: Knowledge) -> None:
    async with TelegramServer() as server:
        channel = TelegramChannel(settings(server), lambda: knowledge, BUTTONS)
        await channel.open()
        for path in batch(number):
            scene, _ = read(path, path.relative_to(FOLDER).as_posix())
            person, clock = server.person(language=None), began(scene)

            async def say(sent: str, person: object = person) -> None:
                if sent.startswith(">> "):
                    person.presses_data(BUTTONS.signed(str(person.id), sent[3:]))  # type: ignore[attr-defined]
                else:
                    person.says(sent[2:].strip() or "…")  # type: ignore[attr-defined]

            async def hear(person: object = person) -> str:
                heard = await person.hears(5)  # type: ignore[attr-defined]
                return " ".join([heard.text, *heard.labels, *heard.links])

            async with at_work(knowledge, channel, scene, clock):
                await compare(knowledge, scene, clock, say, hear)
        await channel.close()


@pytest.mark.parametrize("number", range(BATCHES))
async def test_matrix_shows_what_every_door_shows(number: int, knowledge: Knowledge, tmp_path: Path) -> None:
    async with (
        Synapse.started(tmp_path / "synapse") as server,
        bot_and_person(server, tmp_path, knowledge) as (channel, anna),
    ):
        for path in batch(number):
            scene, _ = read(path, path.relative_to(FOLDER).as_posix())
            clock, offered = began(scene), choices(knowledge, scene)
            async with at_work(knowledge, channel, scene, clock) as pipeline:
                room = await anna.invite_bot()
                heard = 0

                async def say(sent: str, room: str = room) -> None:
                    words = typed(sent, next(offered))  # noqa: B023 - used in this round only
                    if words is None:  # as a link into the bot or an old button would do it
                        press = Incoming("matrix", room, press=sent[3:], id=sent)
                        await pipeline.accept([press])
                    else:
                        await anna.say(room, words)

                async def hear(room: str = room) -> str:
                    nonlocal heard
                    heard += 1
                    event = await anna.answer(room, heard)
                    return f"{event.body} {event.formatted_body}"

                await compare(knowledge, scene, clock, say, hear)


@asynccontextmanager
async def bot_and_person(
    server: Synapse, folder: Path, knowledge: Knowledge
) -> AsyncIterator[tuple[MatrixChannel, matrix_world.Person]]:
    bot = await server.register("bot", "bot")
    channel = MatrixChannel(
        matrix_world.settings(server, folder / "matrix", "bot"), group=knowledge.texts["de"].group.sie, secret="geheim"
    )
    async with matrix_world.person(server, "anna", None, bot) as anna:
        await channel.open()
        yield channel, anna
        await channel.close()


def choices(knowledge: Knowledge, scene: Scene) -> Iterator[tuple[str, ...]]:
    """The values offered before each message."""
    yield ()
    for turn in answers(knowledge, scene.head, (step.sent for step in scene.steps)):
        yield tuple(button.value for button in turn.conversation.offered)


def typed(sent: str, offered: tuple[str, ...]) -> str | None:
    """What somebody writes where there are no buttons: the number of the option. None: nobody can say that there."""
    if not sent.startswith(">> "):
        return sent[2:].strip() or "…"
    return str(offered.index(sent[3:]) + 1) if sent[3:] in offered else None
