"""Pressed buttons: what each value means. An old one shows the present question again, never another office."""

from collections.abc import Callable, Mapping

from handlers import commands, find, local, screens, short
from handlers.dialogue import Button, FactDisputed, Press, Rated, Reply, Turn
from handlers.refer import without
from handlers.situation import Situation
from knowledge.model import UNSURE, Audience, Question
from knowledge.schools import FORM, SCHOOL

Act = Callable[[Situation, tuple[str, ...]], Turn | None]
DISPUTABLE = ("phone", "email", "web", "address", "hours")


def pressed(situation: Situation) -> Turn | None:
    """The meaning of a press; a stale one leads back to where the conversation is."""
    if not isinstance(situation.message, Press):
        return None
    act = ACTS.get(situation.pressed[0])
    turn = act(situation, situation.pressed[1:]) if act else None
    return turn or stale(situation)


def stale(situation: Situation) -> Turn:
    """Where the conversation is now; if nothing is known of it any more, that it was forgotten, and why."""
    texts = situation.texts
    text = texts.stale if situation.conversation.greeted else texts.lost
    return situation.turn(Reply(situation.say(text)), *screens.show(situation))


def do(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    command = commands.COMMANDS.get(rest[0]) if rest else None
    return command(situation) if command else None


def audience(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """Who asks. The concern of a first message has waited for it."""
    if rest[:1] not in {(item.value,) for item in Audience}:
        return None
    return screens.land(situation.become(audience=Audience(rest[0]), misses=0), "words")


def region(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    if rest[:1] not in {(name,) for name in situation.knowledge.regions}:
        return None
    return screens.land(situation.become(region=rest[0]), "words")


def language(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    if rest[:1] not in {(code,) for code in situation.knowledge.languages}:
        return None
    changed = situation.become(language=rest[0])
    return changed.turn(Reply(changed.say(changed.texts.language_changed)), *screens.show(changed))


def concern(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """A chosen concern begins afresh, with what the last message already answered."""
    if not rest or rest[0] not in situation.pack.concerns:
        return None
    found = situation.conversation.found if rest[0] in situation.conversation.suggested else ()
    if (concern_id := screens.result(situation)) == rest[0] and not situation.conversation.suggested:
        return screens.land(situation.become(counted=screens.COUNTED), "menu") if concern_id else None
    begun = situation.become(concern=rest[0], flow=None, suggested=(), found=(), answers=found, short=None, misses=0)
    turn = screens.land(begun, "menu")
    return Turn(turn.conversation, turn.replies, (*find.dropped(situation), *turn.events))


def flow(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """Open a guideline. Known answers stay known, so nobody is asked twice."""
    opened = situation.pack.flows.get(rest[0]) if rest else None
    if opened is None or situation.audience not in opened.audiences:
        return None
    begun = situation.become(flow=opened.id, answers=carried(situation, opened.id), suggested=(), found=(), misses=0)
    assumed = screens.walked(begun)
    before: tuple[Reply, ...] = ()
    if assumed and assumed.steps:
        labels = "; ".join(option.label.to(situation.audience) for _, option in assumed.steps)
        before = (Reply(begun.say(begun.texts.assumed, answers=labels)),)
    return screens.land(begun, "flow", before=before)


def carried(situation: Situation, flow_id: str) -> tuple[tuple[str, str], ...]:
    """The answers that a newly opened guideline may use: from another one only those to shared questions.

    "No danger" said about another child must never skip the question here.
    """
    conversation = situation.conversation
    if conversation.flow in (None, flow_id):
        return conversation.answers
    return tuple(pair for pair in conversation.answers if pair[0] in (*situation.pack.questions, *local.PLACES))


def answer(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """An answer to the open question, or a changed answer to an earlier one; later answers stay where they fit."""
    if len(rest) != 3 or rest[0] != (situation.conversation.flow or ""):
        return None
    question, option_id = askable(situation, rest[1]), rest[2]
    if question is None or question.option(option_id) is None:
        return None
    if situation.answers.get(question.id) == option_id and not (question.id == FORM and SCHOOL in situation.answers):
        return commands.carry_on(situation)  # pressed twice
    return _answered(situation, question.id, (question.id, option_id))


def school(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """A school of the list: it answers the question for its form, and says which authority is in charge."""
    chosen = situation.pack.schools.get(rest[0]) if rest else None
    if chosen is None or askable(situation, FORM) is None:
        return None
    if situation.answers.get(SCHOOL) == chosen.id:
        return commands.carry_on(situation)  # pressed twice
    return _answered(situation, FORM, (FORM, chosen.form or UNSURE), (SCHOOL, chosen.id))


def _answered(situation: Situation, question_id: str, *given: tuple[str, str]) -> Turn:
    """*given* in the place of the former answer to this question."""
    kept = without(situation.conversation.answers, question_id)
    answered = situation.become(answers=(*kept, *given), suggested=(), found=(), misses=0)
    return screens.land(answered, "flow" if situation.conversation.flow else "words")


def askable(situation: Situation, question_id: str) -> Question | None:
    """The question, if it stands open or was answered on the way here."""
    waiting = screens.open_question(situation)
    if waiting and waiting.id == question_id:
        return waiting
    walk = screens.walked(situation)
    if walk and question_id not in local.PLACES:
        return next((question for question, _ in walk.steps if question.id == question_id), None)
    return screens.known_question(situation, question_id) if question_id in situation.answers else None


def change(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """Ask an earlier question again; the other answers stay."""
    question = askable(situation, rest[0]) if rest else None
    if question and local.by_name(situation, question):
        return commands.reopen(situation, question.id)  # a name can be typed only where the question is open
    return situation.turn(screens.asked(situation, question)) if question else None


def card(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    if not rest or rest[0] not in situation.pack.actors:
        return None
    return situation.turn(screens.actor_card(situation, rest[0]))


def contact(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """The card once more, for the address book; the buttons offered before stay."""
    if not rest or rest[0] not in situation.pack.actors:
        return None
    shown = screens.actor_card(situation, rest[0])
    return Turn(situation.conversation, (Reply(card=shown.card, save=True),))


def helped(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """Counted; where it has not helped, the next offices are offered."""
    if rest not in {("yes",), ("no",)}:
        return None
    helpful = rest == ("yes",)
    text = situation.texts.thanks_helped if helpful else situation.texts.thanks_not_helped
    concern_id = screens.result(situation)
    events = (Rated(helpful, concern_id),) if concern_id else ()
    next_ones = screens.plan_b(situation, short.named(situation, concern_id)) if concern_id and not helpful else ()
    if next_ones:
        human = situation.button(situation.texts.human_button, "do/human")
        restart = situation.button(situation.texts.restart_button, "do/restart")
        return situation.turn(Reply(situation.say(text), buttons=(*next_ones, human, restart)), events=events)
    done = situation.become(concern=None, flow=None, answers=(), short=None) if helpful else situation
    return done.turn(Reply(situation.say(text)), screens.menu(situation), events=events)


def wrong(situation: Situation, rest: tuple[str, ...]) -> Turn | None:
    """ "Angabe falsch?": first which one, then counted."""
    if not rest or rest[0] not in situation.pack.actors:
        return None
    actor = local.actor(situation, rest[0])
    texts = situation.texts
    if len(rest) == 1:
        kinds = [kind for kind in DISPUTABLE if actor.of_kind(kind, situation.audience)]
        buttons = tuple(Button(situation.say(getattr(texts, f"card_{kind}")), f"w/{actor.id}/{kind}") for kind in kinds)
        other = situation.button(texts.wrong_other_button, f"w/{actor.id}/other", minor=False)
        way = situation.button(texts.continue_button, "do/continue")
        return situation.turn(Reply(situation.say(texts.wrong_ask, actor=actor.short), buttons=(*buttons, other, way)))
    if rest[1] not in (*DISPUTABLE, "other"):
        return None
    way = situation.button(texts.continue_button, "do/continue")
    return situation.turn(
        Reply(situation.say(texts.thanks_wrong), buttons=(way,)), events=(FactDisputed(actor.id, rest[1]),)
    )


ACTS: Mapping[str, Act] = {
    "do": do,
    "as": audience,
    "in": region,
    "lang": language,
    "c": concern,
    "f": flow,
    "a": answer,
    "school": school,
    "change": change,
    "k": card,
    "contact": contact,
    "helped": helped,
    "w": wrong,
}
