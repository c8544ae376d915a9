"""Words and buttons that work in every state: help, back, start over, language, privacy, forget me, a human, stop …"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers import dates, find, screens
from handlers.dialogue import Button, Conversation, Forgotten, Reply, Turn, Utterance
from handlers.refer import without
from handlers.situation import Situation, shortened
from knowledge import cues
from knowledge.model import Text

Command = Callable[[Situation], Turn]


def typed(situation: Situation) -> Turn | None:
    """The command that a whole typed message is, if it is one."""
    if not isinstance(situation.message, Utterance):
        return None
    meaning = cues.whole(situation.message.text, situation.knowledge.words)
    command = COMMANDS.get(meaning or "")
    return command(situation) if command else None


def start(situation: Situation) -> Turn:
    """The first reply: who I am, what is kept, what I can do, and what to do in danger."""
    return situation.become(greeted=True).turn(greeting(situation), *screens.show(situation))


def greeting(situation: Situation) -> Reply:
    """Who I am, what is kept, what to do in danger, and three examples of what to write, if that is understood."""
    texts = situation.texts
    way = texts.examples if situation.free_text else texts.use_buttons
    return Reply("\n".join([introduction(situation).text, situation.say(texts.danger_hint), situation.say(way)]))


def introduction(situation: Situation) -> Reply:
    """The greeting for somebody who has come straight to the point: they want the answer."""
    place = f" {situation.pack.name}" if situation.conversation.region else ""
    texts = situation.texts
    return Reply(f"{situation.say(texts.greeting, region=place)}\n{situation.say(texts.privacy_short)}")


def with_help(situation: Situation) -> Turn:
    ways = (situation.button(situation.texts.continue_button, "do/continue"), *_ways(situation))
    return situation.turn(Reply(situation.say(situation.texts.help), buttons=ways))


def restart(situation: Situation) -> Turn:
    kept = situation.conversation
    blank = Conversation(kept.region, None, kept.language, greeted=True, counted=kept.counted)
    fresh = replace(situation, conversation=blank)
    return fresh.turn(*screens.show(fresh), events=find.dropped(situation))


def back(situation: Situation) -> Turn:
    """One answer back: the question answered last is open again. At the start of a guideline: back to the menu."""
    conversation = situation.conversation
    if conversation.suggested:
        return stay(situation)
    walk = screens.walked(situation)
    if walk and walk.steps:
        return reopen(situation, walk.steps[-1][0].id)
    if walk is None and (given := screens.standing_answers(situation)):
        return reopen(situation, given[-1])
    if conversation.flow or conversation.concern:
        menu = situation.become(flow=None, concern=None, answers=(), short=None)
        return menu.turn(*screens.show(menu), events=find.dropped(situation))
    if conversation.audience:
        earlier = situation.become(audience=None)
        return earlier.turn(*screens.show(earlier))
    return situation.turn(Reply(situation.say(situation.texts.nothing_before)), *screens.show(situation))


def reopen(situation: Situation, question_id: str) -> Turn:
    """The question stands open again; the other answers stay."""
    reopened = situation.become(answers=without(situation.conversation.answers, question_id), misses=0)
    return reopened.turn(*screens.show(reopened))


def language(situation: Situation) -> Turn:
    knowledge = situation.knowledge
    buttons = tuple(Button(knowledge.texts[code].language_name.sie, f"lang/{code}") for code in knowledge.languages)
    return situation.turn(Reply(situation.say(situation.texts.ask_language), buttons=buttons))


def privacy(situation: Situation) -> Turn:
    way = (situation.button(situation.texts.continue_button, "do/continue"),)
    return situation.turn(Reply(situation.say(situation.texts.privacy), buttons=way))


def forget(situation: Situation) -> Turn:
    """Everything is gone but the city, which is a setting of the channel. The caller deletes what was stored."""
    return _forgotten(situation, situation.say(situation.texts.forgotten))


def stop(situation: Situation) -> Turn:
    return _forgotten(situation, situation.say(situation.texts.stopped))


def _forgotten(situation: Situation, text: str) -> Turn:
    blank = Conversation(region=situation.conversation.region, language=situation.conversation.language)
    fresh = replace(situation, conversation=blank)
    button = fresh.button(fresh.texts.restart_button, "do/start")
    return fresh.turn(Reply(text, buttons=(button,)), events=(*find.dropped(situation), Forgotten()))


def human(situation: Situation) -> Turn:
    """The office that can put people through; nobody reads along here."""
    pack, texts = situation.pack, situation.texts
    card = screens.actor_card(situation, pack.switchboard or pack.coordination)
    way = (situation.button(texts.continue_button, "do/continue"),)
    return situation.turn(Reply(situation.say(texts.human)), Reply(card=card.card, buttons=way))


def why(situation: Situation) -> Turn:
    """ "Warum fragen Sie das?": the reason, then the question again."""
    question = screens.open_question(situation)
    if question is None:
        return carry_on(situation)
    return situation.turn(Reply(question.why.to(situation.audience)), *screens.show(situation))


def review(situation: Situation) -> Turn:
    """All answers that count, each to be changed."""
    texts = situation.texts
    changes = tuple(
        Button(shortened(situation.say(texts.change_button, answer=label)), f"change/{question_id}")
        for question_id in screens.standing_answers(situation)
        for label in screens.answer_labels(situation, [question_id])
    )
    way = (situation.button(texts.continue_button, "do/continue"),)
    return situation.turn(
        Reply(situation.say(texts.review if changes else texts.review_empty), buttons=(*changes, *way))
    )


def carry_on(situation: Situation) -> Turn:
    """Back to where the conversation was before an interruption."""
    return situation.turn(*screens.show(situation))


def stay(situation: Situation) -> Turn:
    """Not the suggested concern: the guideline goes on, or the menu is shown."""
    kept = situation.become(suggested=(), found=(), misses=0)
    return kept.turn(*screens.show(kept))


def none_of_these(situation: Situation) -> Turn:
    return find.not_understood(situation.become(suggested=(), found=()))


def unreadable(situation: Situation) -> Turn:
    """A picture, a voice message, a file: nobody looks at it here."""
    return _interrupted(situation, situation.texts.unreadable)


def buttons_only(situation: Situation) -> Turn:
    return _interrupted(situation, situation.texts.use_buttons)


def undecryptable(situation: Situation) -> Turn:
    return _interrupted(situation, situation.texts.undecryptable)


def _interrupted(situation: Situation, text: Text) -> Turn:
    return situation.turn(Reply(situation.say(text)), *screens.show(situation))


def everything(situation: Situation) -> Turn:
    return situation.turn(screens.all_concerns(situation))


def guided(situation: Situation) -> Turn:
    """A vague cry for help leads into the menu of guidelines."""
    if screens.open_question(situation) or situation.audience is None:
        return carry_on(situation)
    return situation.turn(screens.menu(situation, situation.say(situation.texts.vague)))


def menu(situation: Situation) -> Turn:
    fresh = situation.become(flow=None, concern=None, answers=(), suggested=(), short=None)
    return fresh.turn(*screens.show(fresh), events=find.dropped(situation))


def _ways(situation: Situation) -> tuple[Button, ...]:
    texts = situation.texts
    return (
        situation.button(texts.restart_button, "do/restart"),
        situation.button(texts.human_button, "do/human"),
    )


COMMANDS: Mapping[str, Command] = {
    "start": start,
    "help": with_help,
    "restart": restart,
    "back": back,
    "language": language,
    "privacy": privacy,
    "forget": forget,
    "human": human,
    "stop": stop,
    "why": why,
    "review": review,
    "continue": carry_on,
    "stay": stay,
    "none": none_of_these,
    "all": everything,
    "vague": guided,
    "menu": menu,
    "dates": dates.listed,
    "unreadable": unreadable,
    "undecryptable": undecryptable,
}
