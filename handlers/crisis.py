"""Danger, before all else: the raw words, before anything else reads them, in every state."""

from handlers import find, screens
from handlers.dialogue import CrisisShown, Reply, Turn, Utterance
from handlers.situation import Situation
from knowledge import cues
from knowledge.base import Knowledge
from knowledge.model import DANGER
from knowledge.search import Ranking

SUSPICION = (
    0.35  # share of the concern "danger" from which help is shown without a rule; docs/SAFETY.md has the figures
)
SPEAKING = 2  # words from which on a learnt share says something


def crisis(situation: Situation) -> Turn | None:
    """The help numbers at once, no question first; „Weiter" returns to where the conversation was.

    If the message opens the conversation and names a concern besides the danger, „Weiter" leads to that concern.
    """
    message, ranking = situation.message, situation.ranking
    if (
        not isinstance(message, Utterance)
        or ranking is None
        or not in_danger(situation.knowledge, message.text, ranking)
    ):
        return None
    spoken = find.in_language_of(situation, message.text, ranking)
    stays = situation if situation.conversation.greeted else spoken
    return alarm(find.remembered(stays, message.text, ranking), heard_in=spoken)


def in_danger(knowledge: Knowledge, text: str, ranking: Ranking) -> bool:
    """Whether help must be shown: a rule fires, or *text* resembles examples of danger and no idiom explains it.

    The rules are the first net, the learnt share is the second: what nobody foresaw resembles what others wrote.
    """
    if knowledge.gate.look(text) is not None:
        return True
    share = dict(ranking.concerns).get(DANGER, 0.0)
    return share >= SUSPICION and len(cues.words(text)) >= SPEAKING and not knowledge.gate.guarded(text)


def alarm(situation: Situation, *, heard_in: Situation) -> Turn:
    """Show the help numbers in the language of the cry, and the way back to the conversation in its own."""
    notice = screens.crisis(heard_in)[0]
    button = heard_in.button(heard_in.texts.continue_button, "do/continue")
    shown = situation.become(greeted=True, misses=0)
    return shown.turn(Reply(notice.text, buttons=(button,)), events=(CrisisShown(),))
