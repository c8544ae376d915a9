"""The two nets together: rules first, then the likeness to examples of danger that no idiom explains."""

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handlers import Conversation, Situation, Utterance, respond
from handlers.choice import chosen, resolve
from handlers.crisis import CERTAIN, DOUBT, crisis, in_danger, in_doubt, likeness
from handlers.dialogue import Button, CrisisShown, Reply, Turn
from knowledge.base import Knowledge
from knowledge.folders import SHIPPED
from knowledge.load import examples
from knowledge.search import Ranking

DATA = Path(__file__).parent.parent / "data" / "danger"
AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
WORDS = "ein satz ohne ein wort der regeln"


def alarmed(knowledge: Knowledge, text: str) -> bool:
    return in_danger(knowledge, text, knowledge.search.rank(text))


def rows(name: str) -> list[tuple[bool, str]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        return [(row["danger"] == "1", row["text"]) for row in csv.DictReader(lines, delimiter="\t")]


@pytest.mark.parametrize("name", ["developing.tsv", "locked.tsv"])
def test_cries_for_help_of_both_sets_are_heard(knowledge: Knowledge, name: str) -> None:
    cries = [text for danger, text in rows(name) if danger]
    missed = [text for text in cries if not alarmed(knowledge, text)]

    assert len(missed) <= 0.02 * len(cries), missed


def test_messages_like_the_examples_of_danger_are_heard(knowledge: Knowledge) -> None:
    found = examples([SHIPPED])
    cries = [text for of in found.values() for text in of["akute-gefahr"]]
    missed = [text for text in cries if not alarmed(knowledge, text)]

    assert len(missed) <= 0.02 * len(cries), missed


def test_hardly_any_ordinary_message_sounds_the_alarm(knowledge: Knowledge) -> None:
    found = examples([SHIPPED])
    ordinary = [
        text for of in found.values() for concern, texts in of.items() if concern != "akute-gefahr" for text in texts
    ]
    alarms = [text for text in ordinary[::4] if alarmed(knowledge, text)]

    assert len(alarms) <= 0.02 * len(ordinary[::4]), alarms


@pytest.mark.parametrize(
    "text",
    [
        "ich sterbe vor Langeweile",
        "Todesangst vor Mathe",
        "Selbstmord bei Goethe",
        "mein Handy ist tot",
        "Selbstmordattentat im Geschichtsunterricht",
    ],
)
def test_idiom_and_subject_matter_are_no_danger(knowledge: Knowledge, text: str) -> None:
    assert not alarmed(knowledge, text)


@pytest.mark.parametrize(("half", "recall", "alarms"), [("open", 0.97, 0.06), ("locked", 0.9, 0.12)])
def test_messages_of_another_hand_are_heard(knowledge: Knowledge, half: str, recall: float, alarms: float) -> None:
    with (DATA / "another_hand.tsv").open(encoding="utf-8") as lines:
        asked = [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row["half"] == half]
    heard = {danger: [alarmed(knowledge, row["text"]) for row in asked if row["danger"] == danger] for danger in "01"}

    assert sum(heard["1"]) >= recall * len(heard["1"])
    assert sum(heard["0"]) <= alarms * len(heard["0"])


def resembling(knowledge: Knowledge, share: float, offered: tuple[Button, ...] = ()) -> Situation:
    """Somebody whose words resemble cries for help by *share*, and else speak of fear of school."""
    ranking = Ranking((("schulangst", 1 - share), ("akute-gefahr", share)), 1.0, (), "de")
    conversation = Conversation(region="dortmund", greeted=True, offered=offered)
    return Situation(knowledge, conversation, Utterance(WORDS, AT), ranking=ranking)


def test_in_doubt_the_help_comes_first_and_the_answer_in_the_same_turn(knowledge: Knowledge) -> None:
    situation = resembling(knowledge, (DOUBT + CERTAIN) / 2)
    answer = situation.turn(Reply("answer"))

    turn = in_doubt(situation, answer, is_answer=False)

    assert crisis(situation) is None
    assert "112" in turn.replies[0].text
    assert turn.replies[1:] == answer.replies
    assert turn.events == (CrisisShown(),)


def test_what_certainly_resembles_danger_gets_help_alone(knowledge: Knowledge) -> None:
    turn = crisis(resembling(knowledge, CERTAIN))

    assert turn is not None
    assert len(turn.replies) == 1
    assert "112" in turn.replies[0].text


def test_below_doubt_nothing_is_added(knowledge: Knowledge) -> None:
    situation = resembling(knowledge, DOUBT - 0.01)

    assert in_doubt(situation, situation.turn(Reply("answer")), is_answer=False).replies == (Reply("answer"),)


def test_the_words_of_an_offered_button_are_no_cry(knowledge: Knowledge) -> None:
    situation = resembling(knowledge, DOUBT, offered=(Button(WORDS, "do/continue"),))
    ours = chosen(situation, resolve(situation, None))

    assert ours
    assert in_doubt(situation, situation.turn(Reply("answer")), is_answer=ours).replies == (Reply("answer"),)


def test_the_words_of_an_offered_button_are_no_cry_however_much_they_resemble_one(knowledge: Knowledge) -> None:
    assert crisis(resembling(knowledge, 0.99)) is not None
    assert crisis(resembling(knowledge, 0.99, offered=(Button(WORDS, "do/continue"),))) is None


def test_an_offered_button_does_not_silence_a_rule(knowledge: Knowledge) -> None:
    text = "ich will nicht mehr leben"
    conversation = Conversation(region="dortmund", greeted=True, offered=(Button(text, "do/continue"),))
    assert "112" in respond(knowledge, conversation, Utterance(text, AT)).replies[0].text


def test_the_help_is_not_said_twice(knowledge: Knowledge) -> None:
    situation = resembling(knowledge, DOUBT)
    once: Turn = in_doubt(situation, situation.turn(Reply("answer")), is_answer=False)

    assert in_doubt(situation, once, is_answer=False).replies == once.replies


def test_a_message_in_doubt_is_answered_too(knowledge: Knowledge) -> None:
    start = Conversation(region="dortmund", greeted=True)
    doubtful = [text for _, text in rows("locked.tsv") if DOUBT <= share(knowledge, text) < CERTAIN]

    turns = [respond(knowledge, start, Utterance(text, AT)) for text in doubtful if not sure(knowledge, text)]

    assert turns
    assert all("112" in turn.replies[0].text and len(turn.replies) > 1 for turn in turns)


def share(knowledge: Knowledge, text: str) -> float:
    return likeness(knowledge, text, knowledge.search.rank(text))


def sure(knowledge: Knowledge, text: str) -> bool:
    return knowledge.gate.look(text) is not None
