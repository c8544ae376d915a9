"""Dialogues replayed and recorded: the state goes through the codec between every two turns, as in real life."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.render import plain
from bot.store.codec import Remembered, decode, encode
from handlers import Conversation, Message, Press, Reply, Turn, Utterance, respond
from knowledge.base import Knowledge
from knowledge.check.dialogues import Scene, Step, parse
from knowledge.load import Examined, assembled, fitted
from knowledge.model import Audience
from knowledge.search import Search
from knowledge.source import Problem

START = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Friday morning in term time
FOLDER = "dialogues"
SHOWN = 160  # characters of an answer that a message repeats


def read(path: Path, name: str) -> tuple[Scene, list[Problem]]:
    """The dialogue in *path*, called *name* in messages."""
    try:
        return parse(path.read_text("utf-8"), name)
    except OSError as error:
        return Scene(name, (), {}, ()), [Problem(name, 1, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return Scene(name, (), {}, ()), [Problem(name, 1, "is not UTF-8 text; save the file as UTF-8")]


def differences(knowledge: Knowledge, scene: Scene, region: str | None = None) -> list[Problem]:
    """Where the bot answers something else than the file says. *region* holds if the head names none."""
    head = _head(scene, region)
    if "region" in head and head["region"] not in knowledge.regions:
        text = f"region '{head['region']}' does not exist; one of: {', '.join(knowledge.regions)}"
        return [Problem(scene.file, 1, text)]
    turns = answers(knowledge, head, (step.sent for step in scene.steps))
    return [
        problem
        for step, turn in zip(scene.steps, turns, strict=True)
        for problem in (_unmet if step.demands else _unequal)(scene.file, step, turn)
    ]


def retold(knowledge: Knowledge, scene: Scene, region: str | None = None) -> str:
    """The whole file as it should be. Steps that only make demands stay as they are."""
    turns = answers(knowledge, _head(scene, region), (step.sent for step in scene.steps))
    parts = ["\n".join(scene.preface)]
    for step, turn in zip(scene.steps, turns, strict=True):
        parts.append("\n".join([step.sent, *step.below]) if step.demands else f"{step.sent}\n{told(turn)}")
    return "\n\n".join(parts) + "\n"


def answers(knowledge: Knowledge, head: Mapping[str, str], sent: Iterable[str]) -> Iterator[Turn]:
    """The turn for each message, a minute apart."""
    moment = datetime.fromisoformat(head["at"]).replace(tzinfo=START.tzinfo) if "at" in head else START
    conversation = Conversation(
        region=head.get("region"),
        audience=Audience(head["audience"]) if "audience" in head else None,
        language=head.get("lang", "de"),
    )
    for number, line in enumerate(sent):
        turn = respond(knowledge, conversation, message(line, moment + timedelta(minutes=number)))
        yield turn
        conversation = through_the_codec(turn.conversation)


def message(line: str, at: datetime) -> Message:
    return Press(line[3:], at) if line.startswith(">> ") else Utterance(line[2:], at)


def told(turn: Turn) -> str:
    """One turn as it stands in a file: the replies, then the events."""
    return "".join([plain(turn.replies), *(f"\n# {event}" for event in turn.events)])


def through_the_codec(conversation: Conversation) -> Conversation:
    """The conversation as it comes back from a store."""
    remembered = Remembered(conversation, START.timestamp(), START.timestamp())
    decoded = decode(encode(remembered))
    if decoded != remembered:
        raise ValueError("the conversation does not survive its own store")
    return decoded.conversation


def record(
    knowledge: Knowledge, head: Mapping[str, str], lines: Iterable[str], show: Callable[[tuple[Reply, ...]], None]
) -> Iterator[str]:
    """Answer every line and give back what belongs into the file, part by part."""

    def sent() -> Iterator[str]:
        for line in lines:
            typed = line.rstrip("\r\n")
            said.append(typed if typed.startswith(">> ") else f"> {typed}")
            yield said[-1]

    said: list[str] = []
    for turn in answers(knowledge, head, sent()):
        show(turn.replies)
        yield f"{said[-1]}\n{told(turn)}"


def regions_of(knowledge: Knowledge, path: Path) -> tuple[str, ...]:
    """The regions for which a file below `<pack>/dialogues/` holds: the pack itself, or all that extend it."""
    above = [folder.parent.name for folder in path.resolve().parents if folder.name == FOLDER]
    return tuple(region for region in knowledge.regions if above and above[0] in knowledge.pack(region, "de").chain)


def check_dialogues(examined: Examined, roots: tuple[Path, ...], search: Search | None) -> list[Problem]:
    """What is wrong with the dialogues that the packs carry; they are replayed only if the packs have no error."""
    files = [
        (path, f"{folder.id}/{path.relative_to(folder.path).as_posix()}")
        for folder in examined.folders.values()
        for path in sorted((folder.path / FOLDER).rglob("*.txt"))
        if not path.name.startswith((".", "_"))
    ]
    scenes = [(path, *read(path, name)) for path, name in files]
    problems = [problem for _, _, found in scenes for problem in found]
    if problems or not scenes or examined.errors:
        return problems
    german = examined.german
    knowledge = assembled(examined.folders, german, search or fitted(roots, german), version="")
    return [problem for path, scene, _ in scenes for problem in everywhere(knowledge, scene, path)]


def everywhere(knowledge: Knowledge, scene: Scene, path: Path) -> list[Problem]:
    """differences() in every region for which the file holds."""
    regions: tuple[str | None, ...] = () if "region" in scene.head else regions_of(knowledge, path)
    return list(dict.fromkeys(one for region in regions or (None,) for one in differences(knowledge, scene, region)))


def _head(scene: Scene, region: str | None) -> dict[str, str]:
    return {**({"region": region} if region else {}), **scene.head}


def _unequal(file: str, step: Step, turn: Turn) -> Iterator[Problem]:
    """The first line that differs. Nothing below a message claims nothing."""
    got = told(turn).splitlines()
    for index in range(max(len(step.below), len(got)) if step.below else 0):
        expected = step.below[index] if index < len(step.below) else None
        actual = got[index] if index < len(got) else None
        if expected != actual:
            yield Problem(file, step.line + 1 + index, f"expected {_quoted(expected)}, got {_quoted(actual)}")
            return


def _unmet(file: str, step: Step, turn: Turn) -> Iterator[Problem]:
    text = plain(turn.replies)
    for line, sign, words in step.demands:
        found = _folded(words) in _folded(text)
        if sign == "?" and not found:
            yield Problem(file, line, f"expected an answer with '{words}', got {_quoted(' '.join(text.split()))}")
        elif sign == "!" and found:
            where = next((one.strip() for one in text.splitlines() if _folded(words) in _folded(one)), words)
            yield Problem(file, line, f"expected an answer without '{words}', got {_quoted(where)}")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _quoted(text: str | None) -> str:
    if text is None:
        return "nothing more"
    return f"'{text if len(text) <= SHOWN else text[:SHOWN] + '…'}'"
