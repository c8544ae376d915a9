"""Whole turns: a conversation goes on, ends, is forgotten, and is counted."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.assistant import sweep, week_of
from bot.channels.port import Incoming
from bot.keyring import Keyring
from bot.render import plain
from bot.store import Batch, Count, Done, Sealed, Store
from config import logs
from handlers import Conversation
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.bot.talker import Talker
from tests.conftest import AT

PARENT = Conversation(region="dortmund", audience=Audience.PARENT)
FEAR = "mein kind hat angst vor der schule kanarie"
DANGER = "ich will nicht mehr leben kanarie"


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bot(knowledge: Knowledge, store: Store, clock: Clock) -> Talker:
    return Talker(knowledge, store, Keyring(), clock=clock, start=PARENT)


def say(bot: Talker, text: str, chat: str = "42") -> str:
    return plain(bot.answer(Incoming("console", chat, text=text)))


def press(bot: Talker, value: str) -> str:
    return plain(bot.answer(Incoming("console", "42", press=value)))


def introduced(knowledge: Knowledge, said: str) -> bool:
    """Whether the bot spoke as to somebody new."""
    return any(texts.privacy_short.sie in said for texts in knowledge.texts.values())


def cells(store: Store, outcome: str) -> list[Count]:
    return [count for count in store.tally() if count.outcome == outcome]


def test_a_conversation_goes_on_where_it_was(knowledge: Knowledge, bot: Talker, clock: Clock) -> None:
    first = say(bot, FEAR)
    clock.wait(minutes=29)
    second = say(bot, "1")

    assert introduced(knowledge, first)
    assert not introduced(knowledge, second)
    assert second == press(bot, "k/eigene-schule")


def test_the_examples_of_the_greeting_are_answered_in_their_language(knowledge: Knowledge, store: Store) -> None:
    texts = knowledge.texts["de"]
    examples = [line.strip("„“ ") for line in texts.examples.sie.splitlines() if line.startswith("„")]
    said = {}
    for number, example in enumerate(examples):
        bot = Talker(knowledge, store, Keyring(), clock=Clock(), start=PARENT)
        said[example] = say(bot, example, chat=str(number))

    assert len(examples) >= 2
    assert [example for example, reply in said.items() if texts.privacy_short.sie not in reply] == []


def test_two_chats_know_nothing_of_each_other(knowledge: Knowledge, bot: Talker, store: Store) -> None:
    say(bot, FEAR, chat="one")

    assert introduced(knowledge, say(bot, "1", chat="two"))
    assert len(list(store.conversations())) == 2


def test_a_long_conversation_leaves_one_row(knowledge: Knowledge, bot: Talker, store: Store, clock: Clock) -> None:
    for _ in range(4):
        say(bot, FEAR)
        clock.wait(minutes=25)

    assert not introduced(knowledge, say(bot, "hilfe"))
    assert len(list(store.conversations())) == 1


def test_after_half_an_hour_of_silence_it_begins_anew(knowledge: Knowledge, bot: Talker, clock: Clock) -> None:
    say(bot, FEAR)
    clock.wait(minutes=30, seconds=1)

    assert introduced(knowledge, say(bot, "hilfe"))


def test_after_two_hours_it_begins_anew_even_without_silence(knowledge: Knowledge, bot: Talker, clock: Clock) -> None:
    said = []
    for _ in range(13):
        said.append(introduced(knowledge, say(bot, "hilfe")))
        clock.wait(minutes=10, seconds=1)

    assert said == [True, *[False] * 11, True]


def test_a_restart_with_new_keys_forgets(knowledge: Knowledge, store: Store, clock: Clock) -> None:
    say(Talker(knowledge, store, Keyring(), clock=clock, start=PARENT), FEAR)
    restarted = Talker(knowledge, store, Keyring(), clock=clock, start=PARENT)

    assert introduced(knowledge, say(restarted, "1"))


def test_a_restart_with_the_same_keys_remembers(
    knowledge: Knowledge, store: Store, clock: Clock, tmp_path: Path
) -> None:
    say(Talker(knowledge, store, Keyring(tmp_path / "keys"), clock=clock, start=PARENT), FEAR)
    restarted = Talker(knowledge, store, Keyring(tmp_path / "keys"), clock=clock, start=PARENT)

    assert not introduced(knowledge, say(restarted, "1"))


@pytest.mark.parametrize("word", ["löschen", "stopp"])
def test_a_conversation_that_is_to_be_forgotten_is_gone_at_once(bot: Talker, store: Store, word: str) -> None:
    say(bot, FEAR)
    assert len(list(store.conversations())) == 1

    say(bot, word)
    assert list(store.conversations()) == []

    say(bot, word)  # twice, to be sure
    assert list(store.conversations()) == []


def test_a_row_with_foreign_bytes_begins_anew(knowledge: Knowledge, store: Store, clock: Clock) -> None:
    keyring = Keyring()
    bot = Talker(knowledge, store, keyring, clock=clock, start=PARENT)
    say(bot, FEAR)
    row = next(iter(store.conversations()))
    epoch = keyring.present(clock.at)
    for body in (b"", b"x" * 600, epoch.seal(b"another version", row.key)):
        store.write(Batch(done=(Done((), Sealed(row.key, row.epoch, body), ()),)))

        assert introduced(knowledge, say(bot, "hilfe"))


def test_an_answer_logs_one_line_without_words_or_chat(bot: Talker, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG")
    say(bot, FEAR, chat="4242424242")
    log = capsys.readouterr().err

    assert json.loads(log).keys() == {"event", "level", "timestamp", "channel", "replies"}
    assert "kanarie" not in log
    assert "4242424242" not in log + repr(Incoming("console", "4242424242", text=FEAR))


def test_one_conversation_adds_at_most_three_referrals(knowledge: Knowledge, bot: Talker, store: Store) -> None:
    for concern in knowledge.pack("dortmund", "de").concerns:
        press(bot, f"c/{concern}")
        press(bot, "do/restart")
        press(bot, "as/parent")

    assert sum(count.n for count in cells(store, "referred")) == 3


def test_a_referral_is_counted_with_concern_actor_and_week(bot: Talker, store: Store) -> None:
    say(bot, FEAR)
    say(bot, FEAR, chat="43")
    expected = ("dortmund", "2026-W47", "schulangst", "parent", "schulpsychologie", "console", "referred", 2)

    assert store.tally() == [Count(*expected)]


def test_a_crisis_is_counted_without_concern_or_audience(bot: Talker, store: Store) -> None:
    said = say(bot, FEAR) + say(bot, DANGER)

    assert "112" in said
    assert cells(store, "crisis-shown") == [Count("dortmund", "2026-W47", "", "", "", "console", "crisis-shown")]


@pytest.mark.parametrize(
    ("day", "week"), [("2026-11-20", "2026-W47"), ("2027-01-01", "2026-W53"), ("2024-12-30", "2025-W01")]
)
def test_a_week_is_an_iso_week(day: str, week: str) -> None:
    assert week_of(datetime.fromisoformat(day)) == week


def test_sweeping_deletes_exactly_what_has_ended(knowledge: Knowledge, store: Store, clock: Clock) -> None:
    keyring = Keyring()
    bot = Talker(knowledge, store, keyring, clock=clock, start=PARENT)
    say(bot, FEAR, chat="ended")
    clock.wait(minutes=31)
    say(bot, FEAR, chat="open")
    foreign = Sealed(b"x" * 16, keyring.present(clock.at).number, b"foreign")
    late = Sealed(b"y" * 16, 1, b"of a key that is gone")
    store.write(Batch(done=(Done((), foreign, ()), Done((), late, ()))))
    counted = store.tally()

    assert sweep(store, keyring, clock.at) == 2  # the foreign one may be of another process with its own keys
    assert sweep(store, keyring, clock.at) == 0
    assert not introduced(knowledge, say(bot, "hilfe", chat="open"))
    assert [count for count in store.tally() if count.outcome == "referred"] == counted
    assert {sealed.key for sealed in store.conversations()} >= {b"x" * 16}
    assert len(list(store.conversations())) == 2
