"""Danger, before all else: the raw words, before anything else reads them, in every state."""

from dataclasses import replace

from handlers import choice, find, screens
from handlers.dialogue import CrisisShown, Reply, Turn, Utterance
from handlers.situation import Situation
from knowledge import cues
from knowledge.base import Knowledge
from knowledge.model import DANGER
from knowledge.search import Ranking

# Shares of the concern "danger" that count without a rule; docs/SAFETY.md has the figures.
CERTAIN = 0.5  # from here on help stands alone, as for a rule
DOUBT = 0.25  # from here on help comes first, and the answer in the same turn
OVERRULES = 0.97  # from here on, in doubt even where an idiom or subject matter explains the words
SPEAKING = 3  # words from which on a learnt share says something; shorter cries are the rules' task


def crisis(situation: Situation) -> Turn | None:
    """The help numbers at once, no question first; „Weiter" returns to where the conversation was.

    If the message opens the conversation and names a concern besides the danger, „Weiter" leads to that concern.
    """
    message, ranking = situation.message, situation.ranking
    if not isinstance(message, Utterance) or ranking is None:
        return None
    knowledge, text = situation.knowledge, message.text
    if cues.whole(text, knowledge.words):
        return None  # "Hilfe" is also a command: in_doubt() shows the numbers before what it does
    if knowledge.gate.look(text) is None:
        if choice.labelled(text, situation.conversation.offered):
            return None  # our own words: what they resemble says nothing
        if likeness(knowledge, text, ranking) < CERTAIN:
            return None
    spoken = find.in_language_of(situation, text, ranking)
    stays = situation if situation.conversation.greeted else spoken
    return alarm(find.remembered(stays, text, ranking), heard_in=spoken)


def in_doubt(situation: Situation, turn: Turn, *, is_answer: bool) -> Turn:
    """*turn*, the answer to a message, after the help numbers if the words may be a cry: like danger, or a command.

    *is_answer*: the words choose one of our buttons.
    """
    message, ranking = situation.message, situation.ranking
    if not isinstance(message, Utterance) or ranking is None:
        return turn
    cry = situation.knowledge.gate.look(message.text) is not None
    if not cry and (is_answer or likeness(situation.knowledge, message.text, ranking) < DOUBT):
        return turn
    notice = screens.crisis(find.in_language_of(situation, message.text, ranking))[0]
    answer = tuple(reply for reply in turn.replies if reply != notice)  # the concern "danger" begins with it too
    return replace(turn, replies=(notice, *answer), events=(CrisisShown(), *turn.events))


def in_danger(knowledge: Knowledge, text: str, ranking: Ranking) -> bool:
    """Whether help must be shown: a rule fires, or *text* may resemble examples of danger.

    The rules are the first net, the learnt share is the second: what nobody foresaw resembles what others wrote.
    """
    return knowledge.gate.look(text) is not None or likeness(knowledge, text, ranking) >= DOUBT


def likeness(knowledge: Knowledge, text: str, ranking: Ranking) -> float:
    """How much *text* resembles examples of danger, 0..1; little where an idiom or a subject explains them."""
    share = dict(ranking.concerns).get(DANGER, 0.0)
    if share < DOUBT or len(cues.words(text)) < SPEAKING:
        return 0.0
    if knowledge.gate.guarded(text):
        return DOUBT if share >= OVERRULES else 0.0
    return share


def alarm(situation: Situation, *, heard_in: Situation) -> Turn:
    """Show the help numbers in the language of the cry, and the way back to the conversation in its own."""
    notice = screens.crisis(heard_in)[0]
    button = heard_in.button(heard_in.texts.continue_button, "do/continue")
    shown = situation.become(greeted=True, misses=0)
    return shown.turn(Reply(notice.text, buttons=(button,)), events=(CrisisShown(),))
