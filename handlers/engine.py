"""One turn: HANDLERS is the table of contents of all that the bot does."""

from dataclasses import replace

from handlers import choice, commands, crisis, find, presses, school, screens
from handlers.dialogue import Conversation, CrisisShown, Forgotten, Message, Turn
from handlers.situation import Situation
from knowledge.base import Knowledge

HANDLERS = (
    crisis.crisis,  # danger first, on the raw words
    commands.typed,  # words that work in every state
    presses.pressed,  # a button, or text that means one
    school.named,  # a school or part of town by its name, where that was asked
    find.understand,  # free text; always answers
)

BUTTONS_ONLY = (*HANDLERS[:-2], commands.buttons_only)
"""For a platform whose owner should learn as little as possible."""


def respond(knowledge: Knowledge, conversation: Conversation, message: Message, *, free_text: bool = True) -> Turn:
    """The answer to *message*: state + input → state, replies, events. Pure, total and deterministic.

    A conversation whose region or language is no longer served starts again without it. Without *free_text*, typed
    words are looked at for danger, commands and offered buttons only.
    """
    situation = find.heard(Situation(knowledge, served(knowledge, conversation), message, free_text=free_text))
    turn = crisis.crisis(situation)
    if turn is None:
        question = screens.open_question(situation)
        resolved = choice.resolve(situation, None if free_text and school.hits(situation, question) else question)
        turn = next(
            turn for handler in (HANDLERS if free_text else BUTTONS_ONLY)[1:] if (turn := handler(resolved)) is not None
        )
        turn = crisis.in_doubt(situation, turn, is_answer=choice.chosen(situation, resolved))
    return turn if conversation.greeted or Forgotten() in turn.events else _introduced(turn, situation)


def _introduced(turn: Turn, situation: Situation) -> Turn:
    """The first turn of a conversation says who speaks; in danger the help numbers stand alone."""
    greeted = replace(turn, conversation=replace(turn.conversation, greeted=True))
    situation = replace(situation, conversation=turn.conversation)
    hello = commands.greeting(situation)
    if any(isinstance(event, CrisisShown) for event in turn.events) or turn.replies[0] == hello:
        return greeted
    led_somewhere = turn.conversation.concern or turn.conversation.suggested or turn.conversation.flow
    return replace(greeted, replies=(commands.introduction(situation) if led_somewhere else hello, *turn.replies))


def served(knowledge: Knowledge, conversation: Conversation) -> Conversation:
    """The conversation without a region or language that is no longer offered; an only region is taken for granted."""
    region = conversation.region if conversation.region in knowledge.regions else None
    if region is None and len(knowledge.regions) == 1:
        region = knowledge.regions[0]
    language = conversation.language if conversation.language in knowledge.languages else "de"
    return replace(conversation, region=region, language=language)
