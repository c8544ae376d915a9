"""Knowledge that changes while people talk: each conversation keeps its version, and nothing wrong is taken over."""

import asyncio
import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant, take_turn
from bot.buttons import STALE, Buttons
from bot.channels.port import Incoming
from bot.keyring import Keyring
from bot.library import KEPT, Library
from bot.reload import Reload
from bot.render import plain
from bot.store.memory import MemoryStore
from config import logs
from handlers import Conversation
from knowledge.base import Knowledge
from knowledge.folders import SHIPPED
from knowledge.load import load
from knowledge.model import Audience
from tests.conftest import AT, CACHE

PARENT = Conversation(region="dortmund", audience=Audience.PARENT)
MARK = "Fassung"
GENTLE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


def version(knowledge: Knowledge, number: int) -> Knowledge:
    """The same knowledge with its number in the name of every office."""
    packs = {}
    for key in (("dortmund", "de"), ("herne", "de")):
        pack = knowledge.packs[key]
        named = {name: replace(one, name=f"{one.name} {MARK} {number}.") for name, one in pack.actors.items()}
        packs[key] = replace(pack, actors=named)
    return replace(knowledge, version=f"v{number}", packs=packs, languages=("de",))


class Chats:
    """People who talk with one assistant; the versions that they were shown."""

    def __init__(self, library: Library, clock: Clock) -> None:
        self._assistant = Assistant(library, Keyring(), clock=clock, start=PARENT)
        self._store = MemoryStore()

    def shown(self, chat: str, *, text: str | None = None, press: str | None = None) -> str:
        return plain(take_turn(self._assistant, self._store, Incoming("console", chat, text=text, press=press)))

    def version(self, chat: str) -> str:
        """The version in which a card is shown now."""
        said = self.shown(chat, press="k/schulpsychologie")
        return said.partition(f" {MARK} ")[2].partition(".")[0]


def test_a_conversation_keeps_the_version_that_it_began_with(knowledge: Knowledge) -> None:
    library, clock = Library(version(knowledge, 1)), Clock()
    chats = Chats(library, clock)
    assert chats.version("early") == "1"

    library.take(version(knowledge, 2), clock.at)

    assert (chats.version("early"), chats.version("late")) == ("1", "2")
    library.take(version(knowledge, 3), clock.at)
    assert (chats.version("early"), chats.version("late"), chats.version("new")) == ("1", "2", "3")


def test_after_half_an_hour_of_silence_the_newest_version_holds(knowledge: Knowledge) -> None:
    library, clock = Library(version(knowledge, 1)), Clock()
    chats = Chats(library, clock)
    chats.version("42")
    library.take(version(knowledge, 2), clock.at)

    clock.at += timedelta(minutes=29)
    assert chats.version("42") == "1"
    clock.at += timedelta(minutes=31)
    assert chats.version("42") == "2"


def test_what_nobody_can_be_in_any_more_is_given_back(knowledge: Knowledge) -> None:
    library = Library(version(knowledge, 1))
    library.take(version(knowledge, 2), AT)
    library.of("v1", AT + timedelta(minutes=20))
    library.take(version(knowledge, 3), AT + timedelta(minutes=40))
    assert library.versions() == ("v3", "v2", "v1")

    library.take(version(knowledge, 4), AT + timedelta(minutes=51))
    assert library.versions() == ("v4", "v3", "v2")
    for minutes in range(60, 160, 20):
        library.of("v2", AT + timedelta(minutes=minutes))
    library.take(version(knowledge, 5), AT + timedelta(minutes=161))

    assert library.versions() == ("v5", "v4")


def test_at_most_eight_older_versions_are_held(knowledge: Knowledge) -> None:
    library = Library(version(knowledge, 0))
    for number in range(1, 20):
        library.take(version(knowledge, number), AT + timedelta(seconds=number))

    assert library.versions() == tuple(f"v{number}" for number in range(19, 19 - KEPT - 1, -1))
    assert library.of("v0", AT).version == "v19"


def test_a_version_that_comes_back_is_held_once(knowledge: Knowledge) -> None:
    library = Library(version(knowledge, 1))
    library.take(version(knowledge, 2), AT)
    library.take(version(knowledge, 1), AT)

    assert library.versions() == ("v1", "v2")


def test_what_two_versions_have_in_common_is_held_once(knowledge: Knowledge) -> None:
    library = Library(knowledge)
    library.take(replace(load(cache=CACHE), version="v2"), AT)

    assert library.present.search is knowledge.search
    assert library.present.gate is knowledge.gate


def test_buttons_of_a_living_version_open_and_of_a_dead_one_are_old(knowledge: Knowledge) -> None:
    library = Library(version(knowledge, 1))
    buttons = Buttons(b"k" * 32, library.versions)
    first = buttons.signed("42", "k/kub")
    library.take(version(knowledge, 2), AT)
    assert buttons.opened("42", first) == "k/kub"
    assert buttons.opened("43", first) == STALE

    library.take(version(knowledge, 3), AT + timedelta(minutes=31))
    library.take(version(knowledge, 4), AT + timedelta(minutes=62))

    assert buttons.opened("42", first) == STALE


Step = tuple[str, int]
steps = st.lists(st.tuples(st.sampled_from(["talk", "talk", "talk", "change", "wait"]), st.integers(0, 4)), max_size=25)


@GENTLE
@given(steps=steps)
def test_in_any_order_of_changes_no_conversation_ever_changes_its_version(
    knowledge: Knowledge, steps: list[Step]
) -> None:
    library, clock = Library(version(knowledge, 0)), Clock()
    chats, began, at = Chats(library, clock), {}, {}
    changes = 0
    for what, number in steps:
        if what == "change":
            changes += 1
            library.take(version(knowledge, changes), clock.at)
        elif what == "wait":
            clock.at += timedelta(minutes=7 * number)
        else:
            chat = str(number)
            fresh = chat not in at or clock.at - at[chat][1] > timedelta(minutes=30)
            fresh = fresh or clock.at - at[chat][0] > timedelta(hours=2)
            if fresh:
                began[chat], at[chat] = str(changes), (clock.at, clock.at)
            evicted = f"v{began[chat]}" not in library.versions()
            if evicted:  # more changes than are kept
                began[chat] = str(changes)
            assert chats.version(chat) == began[chat]
            at[chat] = (at[chat][0], clock.at)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge) -> Path:
    """A cache in which the search of the shipped packs lies."""
    assert knowledge.version
    return shutil.copytree(CACHE, tmp_path_factory.mktemp("reload") / "cache")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A city of its own, with what must differ from the one it is made from."""
    folder = tmp_path / "stadt"
    ignored = shutil.ignore_patterns("examples", "i18n", "dialogues", "schools", "districts.yaml")
    shutil.copytree(SHIPPED / "dortmund", folder, ignore=ignored)
    head = folder / "pack.yaml"
    head.write_text(head.read_text("utf-8").replace("name: Dortmund", "name: Stadt"), "utf-8")
    return folder


def said(folder: Path, old: str, new: str) -> None:
    path = folder / "actors" / "kub.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


async def test_a_changed_pack_is_taken_and_a_broken_one_is_refused_with_its_place(
    city: Path, prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("INFO")
    library = Library(load([city], cache=prepared))
    reload = Reload(library, [city], prepared, clock=lambda: AT)
    first = library.present.version
    await reload.look()
    assert library.present.version == first

    said(city, "0231 5010017", "0231 5010018")
    await reload.look()
    second = library.present
    assert "0231 5010018" in str(second.packs["stadt", "de"].actors["kub"])
    assert library.versions() == (second.version, first)

    said(city, "0231 5010018", "nirgends")
    await reload.look()
    assert library.present is second

    said(city, "nirgends", "0231 5010019")
    await reload.look()
    assert "0231 5010019" in str(library.present.packs["stadt", "de"].actors["kub"])

    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events] == ["pack_taken", "pack_refused", "pack_taken"]
    assert events[1]["place"].startswith("stadt/actors/kub.yaml:")
    assert events[1]["count"] >= 1
    assert "nirgends" not in str(events)


async def test_somebody_who_asks_need_not_change_a_file(city: Path, prepared: Path) -> None:
    library = Library(load([city], cache=prepared))
    reload = Reload(library, [city], prepared, clock=lambda: AT)
    shown = replace(library.present, version="other")
    library.take(shown, AT)

    await reload.look()
    assert library.present.version == "other"
    await reload.look(asked=True)
    assert library.present.version != "other"


async def test_without_a_cache_it_works_too(city: Path, prepared: Path) -> None:
    library = Library(load([city], cache=prepared))
    reload = Reload(library, [city], None, clock=lambda: AT)
    said(city, "0231 5010017", "nirgends")

    before = library.present
    await reload.look()

    assert library.present is before


async def test_it_goes_on_after_any_failure(city: Path, prepared: Path) -> None:
    library, tried = Library(load([city], cache=prepared)), asyncio.Event()

    def clock() -> datetime:
        tried.set()
        raise OSError

    reload = Reload(library, [city], prepared, clock=clock)
    said(city, "0231 5010017", "0231 5010018")
    running = asyncio.create_task(reload.run())
    try:
        async with asyncio.timeout(60):
            for _ in range(2):
                reload.wake.set()
                await tried.wait()
                tried.clear()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
