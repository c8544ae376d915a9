"""Golden dialogues: a text file is replayed, and its state goes through the codec between every two turns.

The head of a file sets the scene (`region`, `audience`, `lang`, `at`), then `> ` is what the user types, `>> ` the
value of a pressed button, and everything below is what the bot answers; `# ` lines are the events.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.render import plain
from bot.store.codec import Remembered, decode, encode
from handlers import Conversation, Message, Press, Utterance, respond
from knowledge.base import Knowledge
from knowledge.model import Audience

START = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@dataclass(frozen=True)
class Scene:
    """What is known before the first message, and the messages."""

    title: str
    head: dict[str, str]
    messages: tuple[str, ...]


def read(path: Path) -> Scene:
    lines = path.read_text("utf-8").splitlines()
    head, title = {}, ""
    body = 0
    for number, line in enumerate(lines):
        if line.startswith(">"):
            body = number
            break
        if line.startswith("= "):
            title = line[2:]
        elif ": " in line:
            key, value = line.split(": ", 1)
            head[key] = value
    return Scene(title, head, tuple(line for line in lines[body:] if line.startswith(("> ", ">> ")) or line == ">"))


def replay(knowledge: Knowledge, scene: Scene) -> str:
    """The whole file, as it should be."""
    at = datetime.fromisoformat(scene.head["at"]).replace(tzinfo=START.tzinfo) if "at" in scene.head else START
    audience = scene.head.get("audience")
    conversation = Conversation(
        region=scene.head.get("region"),
        audience=Audience(audience) if audience else None,
        language=scene.head.get("lang", "de"),
    )
    head = [f"= {scene.title}", *(f"{key}: {value}" for key, value in scene.head.items())]
    parts = ["\n".join(head)]
    for number, line in enumerate(scene.messages):
        moment = at + timedelta(minutes=number)
        turn = respond(knowledge, conversation, message(line, moment))
        events = "".join(f"\n# {event}" for event in turn.events)
        parts.append(f"{line}\n{plain(turn.replies)}{events}")
        conversation = through_the_codec(turn.conversation)
    return "\n\n".join(parts) + "\n"


def message(line: str, at: datetime) -> Message:
    if line.startswith(">> "):
        return Press(line[3:], at)
    return Utterance(line[2:], at)


def through_the_codec(conversation: Conversation) -> Conversation:
    remembered = Remembered(conversation, START.timestamp(), START.timestamp())
    decoded = decode(encode(remembered))
    assert decoded == remembered
    return replace(decoded.conversation)
