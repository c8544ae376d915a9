"""Whatever breaks – database, keys, clock, our own code –, the reply holds help and the log no word of the user."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import pytest

from bot.channels.port import Incoming
from bot.keyring import Epoch, Keyring
from bot.render import plain
from bot.store import Batch, Sealed, StoreError, Written
from bot.store.memory import MemoryStore
from config import logs
from handlers import Conversation
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.bot.talker import Talker
from tests.conftest import AT

PARENT = Conversation(region="dortmund", audience=Audience.PARENT)
FEAR = "mein kind hat angst vor der schule kanarie"
DANGER = "ich will nicht mehr leben kanarie"


class BrokenStore(MemoryStore):
    """A store whose named methods fail, as those of a database that is locked, full or gone do."""

    def __init__(self, *broken: str, error: Exception | None = None) -> None:
        super().__init__()
        self._broken = broken
        self._error = error or StoreError("the database cannot be used: kanarie")

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        self._fail("load")
        return super().load(keys)

    def write(self, batch: Batch) -> Written:
        self._fail("write")
        return super().write(batch)

    def conversations(self) -> Iterable[Sealed]:
        self._fail("conversations")
        return super().conversations()

    def _fail(self, name: str) -> None:
        if name in self._broken:
            raise self._error


class BrokenKeyring(Keyring):
    """Keys that cannot be had."""

    def present(self, at: datetime) -> Epoch:
        raise OSError("kanarie")


def clock() -> datetime:
    return AT


def broken_clock() -> datetime:
    raise OSError("kanarie")


BREAKS: dict[str, Callable[[Knowledge], Talker]] = {
    "load": lambda known: Talker(known, BrokenStore("load"), Keyring(), clock=clock, start=PARENT),
    "write": lambda known: Talker(known, BrokenStore("write"), Keyring(), clock=clock, start=PARENT),
    "a bug": lambda known: Talker(known, BrokenStore("load", error=KeyError(FEAR)), Keyring(), clock=clock),
    "clock": lambda known: Talker(known, MemoryStore(), Keyring(), clock=broken_clock, start=PARENT),
    "keyring": lambda known: Talker(known, MemoryStore(), BrokenKeyring(), clock=clock, start=PARENT),
    "region that is gone": lambda known: Talker(
        known, BrokenStore("write"), Keyring(), clock=clock, start=Conversation(region="atlantis")
    ),
    "language that is gone": lambda known: Talker(
        known, BrokenStore("write"), Keyring(), clock=clock, start=Conversation(language="xx")
    ),
}


@pytest.mark.parametrize("text", [FEAR, DANGER, "", "\ud800"])
@pytest.mark.parametrize("broken", BREAKS)
def test_whatever_breaks_the_reply_holds_help(
    knowledge: Knowledge, capsys: pytest.CaptureFixture[str], broken: str, text: str
) -> None:
    logs.set_up("DEBUG")

    said = say(BREAKS[broken](knowledge), text)

    assert knowledge.texts["de"].failure.sie in said
    for number in ("112", "110", "116 111"):
        assert number in said
    log = capsys.readouterr().err
    assert [json.loads(line)["event"] for line in log.splitlines()] == ["failed"]
    assert "kanarie" not in log
    assert "42" not in json.loads(log).values()


def test_the_log_says_which_part_broke(knowledge: Knowledge, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG")
    say(BREAKS["load"](knowledge), FEAR)
    say(BREAKS["clock"](knowledge), FEAR)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert [(line["component"], line["error"]) for line in lines] == [("store", "StoreError"), ("core", "OSError")]


def say(bot: Talker, text: str) -> str:
    return plain(bot.answer(Incoming("console", "42", text=text)))
