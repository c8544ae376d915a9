"""The golden dialogues through the web door: the same words, the same buttons in the same order."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.dialogues import START as MORNING
from bot.dialogues import read
from bot.render import plain
from handlers import Conversation
from handlers.dialogue import Reply
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.test_transcripts import FILES, FOLDER
from tests.web_door import Visitor, door, spelled

TOKEN = "golden-dialogue-golden-dialogue-"  # 32 letters, as every token has


class Minutes:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
async def test_the_web_says_what_every_door_says(path: Path, knowledge: Knowledge) -> None:
    scene, _ = read(path, path.name)
    at = datetime.fromisoformat(scene.head.get("at", MORNING.isoformat())).replace(tzinfo=MORNING.tzinfo)
    clock = Minutes(at)
    app, answer = door(knowledge, start=start(scene.head), clock=clock)
    visitor = Visitor(app)
    visitor.page.fields = {"token": TOKEN, "nr": "first", "anfang": "", "sprache": scene.head.get("lang", "de")}

    for step in scene.steps:
        if step.sent.startswith(">> "):
            await visitor.send(press=step.sent[3:])
        else:
            await visitor.write(step.sent[2:])
        assert visitor.page.words == read_aloud(answer.replies)
        assert visitor.page.offered == offered(answer.replies)
        assert all(visitor.page.buttons[value].strip() == value.partition(" ")[2] for value in visitor.page.offered)
        clock.at += timedelta(minutes=1)

    assert len(answer.asked) == len(scene.steps)


def start(head: dict[str, str]) -> Conversation:
    audience = Audience(head["audience"]) if "audience" in head else None
    return Conversation(region=head.get("region"), audience=audience, language=head.get("lang", "de"))


def read_aloud(replies: tuple[Reply, ...]) -> list[str]:
    """The words of the plain text, without the numbers that stand for buttons."""
    return spelled(re.sub(r"(?m)^  \d+\) ", "", plain(replies)))


def offered(replies: tuple[Reply, ...]) -> list[str]:
    """The buttons as the page must have them: value and label, in the order of their numbers."""
    last = next((reply.buttons for reply in reversed(replies) if reply.buttons), ())
    return [f"{button.value} {button.label}" for button in last]
