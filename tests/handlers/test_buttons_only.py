"""A channel on which typed words are only looked at for danger: nobody is asked to write."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from handlers import Conversation, Utterance, respond
from knowledge.base import Knowledge
from knowledge.model import Audience

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("audience", [*Audience, None])
def test_nobody_is_invited_to_write(knowledge: Knowledge, audience: Audience | None) -> None:
    for language in knowledge.languages:
        texts = knowledge.texts[language]
        invitations = {texts.examples.to(audience), texts.menu.to(audience)}
        state = Conversation("dortmund", audience, language)
        for words in ("/start", "/neu", "irgendetwas"):
            turn = respond(knowledge, state, Utterance(words, AT), free_text=False)
            assert not [reply for reply in turn.replies if any(one in reply.text for one in invitations)]
            assert any(reply.buttons for reply in turn.replies)


def test_where_words_are_understood_people_are_invited(knowledge: Knowledge) -> None:
    turn = respond(knowledge, Conversation("dortmund", Audience.PARENT), Utterance("/start", AT))

    assert knowledge.texts["de"].examples.sie in turn.replies[0].text
    assert turn.replies[-1].text == knowledge.texts["de"].menu.sie


def test_danger_is_heard_all_the_same(knowledge: Knowledge) -> None:
    turn = respond(knowledge, Conversation("dortmund"), Utterance("ich will nicht mehr leben", AT), free_text=False)

    assert "112" in str(turn.replies[0])
