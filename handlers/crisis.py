"""Danger, before all else: the raw words, before anything else reads them, in every state."""

from handlers import find, screens
from handlers.dialogue import CrisisShown, Reply, Turn, Utterance
from handlers.situation import Situation


def crisis(situation: Situation) -> Turn | None:
    """The help numbers at once, no question first; „Weiter" returns to where the conversation was.

    If the message opens the conversation and names a concern besides the danger, „Weiter" leads to that concern.
    """
    message = situation.message
    if not isinstance(message, Utterance) or situation.knowledge.gate.look(message.text) is None:
        return None
    ranking = situation.knowledge.search.rank(message.text, audience=situation.audience)
    spoken = find.in_language_of(situation, message.text, ranking)
    return alarm(find.remembered(spoken, message.text, ranking))


def alarm(situation: Situation) -> Turn:
    """Show the help numbers and the way back."""
    notice = screens.crisis(situation)[0]
    button = situation.button(situation.texts.continue_button, "do/continue")
    shown = situation.become(greeted=True, misses=0)
    return shown.turn(Reply(notice.text, buttons=(button,)), events=(CrisisShown(),))
