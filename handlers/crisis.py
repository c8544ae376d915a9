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
    stays = situation if situation.conversation.greeted else spoken
    return alarm(find.remembered(stays, message.text, ranking), heard_in=spoken)


def alarm(situation: Situation, *, heard_in: Situation) -> Turn:
    """Show the help numbers in the language of the cry, and the way back to the conversation in its own."""
    notice = screens.crisis(heard_in)[0]
    button = heard_in.button(heard_in.texts.continue_button, "do/continue")
    shown = situation.become(greeted=True, misses=0)
    return shown.turn(Reply(notice.text, buttons=(button,)), events=(CrisisShown(),))
