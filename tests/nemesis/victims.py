"""Runs bots that can be killed quickly: knowledge is loaded once, and every bot is a fork of this process.

Commands on standard input, one a line: `start`, `start <step>` (the bot kills itself at that step), `wait`, `kill`,
`stop`. Each is answered with a line: the number of the process, or how it ended.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import app
from bot.channels.port import Channel, Incoming, Outgoing
from bot.library import Library
from bot.serve import run
from bot.service import messengers
from bot.store import Done, Waiting
from bot.store.writer import Writer
from config import logs
from config.settings import Settings, read
from handlers import Conversation, Utterance, respond
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.nemesis.platforms import NONSENSE

STEPS = tuple(f"{when} {what}" for what in ("load", "done", "send", "sent", "accept") for when in ("before", "after"))
"""Where a bot can be told to kill itself."""


class Killing:
    """Kills this process when it comes to *step*."""

    def __init__(self, step: str) -> None:
        self._step = step

    def __call__(self, step: str) -> None:
        if step == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalWriter(Writer):
    """The writer, with a chance to die before and after each of its steps."""

    def __init__(self, writer: Writer, kill: Killing) -> None:
        super().__init__(writer.store)
        self._kill = kill

    async def accept(self, messages: Sequence[Waiting]) -> frozenset[bytes]:
        self._kill("before accept")
        new = await super().accept(messages)
        self._kill("after accept")
        return new

    async def load(self, keys: Sequence[bytes]) -> Any:
        self._kill("before load")
        found = await super().load(keys)
        self._kill("after load")
        return found

    async def done(self, done: Done) -> bool:
        self._kill("before done")
        took = await super().done(done)
        self._kill("after done")
        return took

    def sent(self, reply: bytes) -> None:
        self._kill("before sent")
        super().sent(reply)
        self._kill("after sent")


class MortalChannel:
    """A channel, with a chance to die before and after it sends."""

    def __init__(self, channel: Channel, kill: Killing) -> None:
        self._channel = channel
        self._kill = kill
        self.name = channel.name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def render(self, incoming: Incoming, replies: Any) -> Any:
        return self._channel.render(incoming, replies)

    async def send(self, outgoing: Outgoing) -> None:
        self._kill("before send")
        await self._channel.send(outgoing)
        self._kill("after send")


def live(settings: Settings, known: Knowledge, step: str) -> None:
    """A whole bot, until it is killed or told to stop."""
    wired = messengers(settings, app.open_store(app.database_url(settings)), Library(known))
    if step:
        kill = Killing(step)
        works = replace(wired.works, writer=MortalWriter(wired.works.writer, kill))
        wired = replace(wired, works=works, channels=tuple(MortalChannel(channel, kill) for channel in wired.channels))
    run(wired)


def warm(settings: Settings, known: Knowledge) -> None:
    """Read and import once what every bot would read and import at its first message."""
    app.open_store(app.database_url(settings)).close()
    for text in (NONSENSE, "nummer vom kub"):
        respond(known, Conversation(region="dortmund", audience=Audience.PARENT), Utterance(text, app.now()))


def main() -> None:
    settings = read(None)
    logs.set_up(settings.log_level)
    known = app.knowledge(settings)
    warm(settings, known)
    print("ready", flush=True)
    child = 0
    for line in sys.stdin:
        command, _, step = line.strip().partition(" ")
        if command == "start":
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    live(settings, known, step)
                    code = 0
                finally:
                    os._exit(code)
            print(child, flush=True)
        else:
            if command != "wait":
                os.kill(child, signal.SIGKILL if command == "kill" else signal.SIGTERM)
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(None)
    main()
