"""The web door in front of the real handlers: inside this process, or served on a port of its own."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.channels.port import Incoming
from bot.channels.web import application
from bot.dialogues import through_the_codec
from config.settings import Web
from handlers import Conversation, Press, Reply, Utterance, respond
from handlers.dialogue import Event
from knowledge.base import Knowledge
from tests.conftest import AT

START = Conversation(region="dortmund")


class Recorder:
    """Answers as the assistant does, and remembers what it was asked and what happened."""

    def __init__(self, knowledge: Knowledge, start: Conversation, clock: Callable[[], datetime]) -> None:
        self.asked: list[Incoming] = []
        self.events: list[Event] = []
        self.replies: tuple[Reply, ...] = ()
        self.conversations: dict[str, Conversation] = {}
        self._knowledge, self._start, self._clock = knowledge, start, clock

    async def __call__(self, incoming: Incoming) -> tuple[Reply, ...]:
        self.asked.append(incoming)
        fresh = replace(self._start, language=incoming.language or self._start.language)
        known, at = self.conversations.get(incoming.chat, fresh), self._clock()
        message = Utterance(incoming.text or "", at) if incoming.press is None else Press(incoming.press, at)
        turn = respond(self._knowledge, known, message)
        self.events += turn.events
        self.conversations[incoming.chat] = through_the_codec(turn.conversation)
        self.replies = turn.replies
        return turn.replies


def door(
    knowledge: Knowledge,
    *,
    settings: Web | None = None,
    start: Conversation = START,
    clock: Callable[[], datetime] = lambda: AT,
    **more: Any,
) -> tuple[Starlette, Recorder]:
    answer = Recorder(knowledge, start, clock)
    return application(answer, lambda: knowledge, settings or Web(), clock=clock, start=start, **more), answer


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """*app* on a free port of this machine, as `schullotse serve` runs it; yields its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, access_log=False, server_header=False, proxy_headers=False, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


class Page(HTMLParser):
    """What somebody reads on a page, and what they can do there.

    *words* are those of the answer, without its tools; *offered* are the values of the buttons below it.
    """

    VOID = frozenset({"meta", "link", "input", "img", "br", "rect", "path"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.text = ""
        self.words: list[str] = []
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, str] = {}
        self.offered: list[str] = []
        self.links: list[str] = []
        self.lang = ""
        self._open: list[tuple[str, str]] = []
        self._pressing = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self._open.append((tag, given.get("class", "")))
        if tag == "html":
            self.lang = given["lang"]
        elif tag == "input":
            self.fields[given["name"]] = given["value"]
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "button" and given.get("name") == "press":
            self._pressing = given["value"]
            self.buttons[self._pressing] = ""
            if any("choices" in name for _, name in self._open):
                self.offered.append(self._pressing)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self._open.pop()[0] == tag
        if tag == "button":
            self._pressing = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._pressing:
            self.buttons[self._pressing] += data
        classes = [name for _, name in self._open]
        if "turn" in classes and "mine" not in classes and "tools" not in classes:
            self.words += spelled(data)


def spelled(text: str) -> list[str]:
    """The words and numbers of *text*, without anything between them."""
    return re.findall(r"\w+", text.translate(dict.fromkeys(map(ord, "\u2066\u2069\u200e"))))


class Visitor:
    """Somebody without JavaScript: looks at a page, writes into its form, presses its buttons."""

    def __init__(self, app: Starlette, *, address: str = "192.0.2.1", **headers: str) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://door.test", headers=headers)
        self.response = httpx.Response(0)
        self.page = Page("<html lang=''></html>")

    async def look(self, path: str = "/") -> Page:
        return self._seen(await self.client.get(path))

    async def write(self, text: str) -> Page:
        return await self.send(text=text)

    async def press(self, value: str) -> Page:
        """Press the button with this *value*, as it stands on the page."""
        whole = next(button for button in self.page.buttons if button.partition(" ")[0] == value)
        return await self.send(press=whole)

    async def send(self, **more: str) -> Page:
        self.sent = {**self.page.fields, "text": "", **more}
        return await self.reload()

    async def reload(self) -> Page:
        """Send the last form once more, as a browser does."""
        return self._seen(await self.client.post("/", data=self.sent))

    def _seen(self, response: httpx.Response) -> Page:
        self.response = response
        self.page = Page(response.text)
        return self.page
