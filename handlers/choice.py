"""A typed "2", a label, a clear part of a label, "ja" or a press are one and the same."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.dialogue import Button, Press, Utterance
from handlers.situation import Situation
from knowledge import cues
from knowledge.model import Question

AGREEMENT = {"yes": "ja", "no": "nein"}
"""The command words for agreement, and the option ids they stand for in every flow."""

SHORT = 3  # words

STAY = "do/stay"
"""The button that declines a switch; the one offered before it accepts."""


def resolve(situation: Situation, question: Question | None) -> Situation:
    """The situation with a typed choice turned into the press it means; unchanged if it means none.

    *question* is the one that stands open; words that only occur in one of its answers choose that answer.
    """
    message = situation.message
    if not isinstance(message, Utterance):
        return situation
    offered = situation.conversation.offered
    value = numbered(message.text, offered) or labelled(message.text, offered) or agreed(situation, offered)
    if value is None and question is not None:
        option = cues.prepare([question]).read(message.text).get(question.id)
        value = next(
            (button.value for button in offered if option and button.value.endswith(f"/{question.id}/{option}")), None
        )
    return replace(situation, message=Press(value, message.at)) if value else situation


def chosen(before: Situation, resolved: Situation) -> bool:
    """Whether the words are a button's, or so few that the choice they make is all they say."""
    if not isinstance(before.message, Utterance) or isinstance(resolved.message, Utterance):
        return False
    text = before.message.text
    return labelled(text, before.conversation.offered) is not None or len(cues.words(text)) <= SHORT


def numbered(text: str, offered: Sequence[Button]) -> str | None:
    """ "2", "2." or "(2)" as the second button."""
    digits = text[:12].strip().strip("().: ")
    if digits.isascii() and digits.isdecimal() and 1 <= int(digits) <= len(offered):
        return offered[int(digits) - 1].value
    return None


def labelled(text: str, offered: Sequence[Button]) -> str | None:
    """The button whose label *text* is, or whose label alone contains all words of *text*."""
    typed = cues.words(text)
    if not typed:
        return None
    labels = [(cues.words(button.label), button.value) for button in offered]
    exact = [value for label, value in labels if label == typed]
    if exact:
        return exact[0]
    if len("".join(typed)) < 4:  # "ja" or "ab" inside a label says too little
        return None
    parts = {value for label, value in labels if _contains(label, typed)}
    return parts.pop() if len(parts) == 1 else None


def agreed(situation: Situation, offered: Sequence[Button]) -> str | None:
    """ "ja" or "nein" as the option of that meaning: of a question, or of the offer to switch."""
    assert isinstance(situation.message, Utterance)  # noqa: S101 - resolve() asks only for typed text
    option = AGREEMENT.get(cues.whole(situation.message.text, situation.knowledge.words) or "")
    if option is None:
        return None
    values = [button.value for button in offered]
    if STAY in values:
        return STAY if option == "nein" else values[0]
    fitting = [value for value in values if value.endswith(f"/{option}")]
    return fitting[0] if len(fitting) == 1 else None


def _contains(label: tuple[str, ...], typed: tuple[str, ...]) -> bool:
    return any(label[start : start + len(typed)] == typed for start in range(len(label) - len(typed) + 1))
