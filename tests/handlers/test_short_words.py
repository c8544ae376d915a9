"""Words so short that they mean what was asked: digits, commands, answers. None of them is a cry or an office."""

import pytest

from handlers import Conversation, Utterance, respond
from handlers.dialogue import CrisisShown, Turn
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.conftest import AT

PARENT = Conversation(region="dortmund", audience=Audience.PARENT, greeted=True)


def said(knowledge: Knowledge, text: str, conversation: Conversation = PARENT) -> Turn:
    return respond(knowledge, conversation, Utterance(text, AT))


@pytest.mark.parametrize("digit", ["1", "2", "11", "0"])
def test_a_lone_digit_is_no_misspelt_emergency_number(knowledge: Knowledge, digit: str) -> None:
    assert not [reply for reply in said(knowledge, digit).replies if reply.card]


@pytest.mark.parametrize("number", ["110", "112"])
def test_who_types_an_emergency_number_gets_help(knowledge: Knowledge, number: str) -> None:
    turn = said(knowledge, number)

    assert CrisisShown() in turn.events
    assert number in turn.replies[0].text


NOTHING = [
    "weiß ich nicht",
    "möchte ich nicht sagen",
    "am hafen",
    "seit gestern",
    "keine angabe",
    "nie wiem",
    "не знаю",
]


@pytest.mark.parametrize(
    "text",
    ["weiß ich nicht", "möchte ich nicht sagen", "am hafen", "seit gestern", "nie wiem", "не знаю"],
)
def test_an_answer_that_says_nothing_is_no_cry(knowledge: Knowledge, text: str) -> None:
    assert CrisisShown() not in said(knowledge, text).events


@pytest.mark.parametrize(("language", "word"), [("tr", "yardım"), ("ro", "ajutor"), ("bg", "помощ")])
def test_help_is_a_command_even_where_it_may_be_a_cry(knowledge: Knowledge, language: str, word: str) -> None:
    turn = said(knowledge, word, Conversation("dortmund", Audience.PARENT, language, greeted=True))
    words = "\n".join(reply.text for reply in turn.replies)

    assert "112" in turn.replies[0].text
    assert knowledge.texts[language].help.sie in words
