"""A conversation over two text streams: in a terminal with panels and colour, in a pipe as plain text."""

from collections.abc import Callable
from typing import TextIO

from bot.channels.port import Incoming
from bot.render import plain
from handlers.dialogue import Reply

Answer = Callable[[Incoming], tuple[Reply, ...]]
Show = Callable[[tuple[Reply, ...]], None]


def converse(answer: Answer, source: TextIO, target: TextIO, *, chat: str, show: Show | None = None) -> None:
    """Answer every line of *source* until it ends. *show* draws the replies; by default they are plain text."""

    def written(replies: tuple[Reply, ...]) -> None:
        target.write(plain(replies) + "\n\n")
        target.flush()

    draw = show or written
    if show:
        draw(answer(Incoming("console", chat, press="do/start")))
    for line in source:
        draw(answer(Incoming("console", chat, text=line.rstrip("\r\n"))))
