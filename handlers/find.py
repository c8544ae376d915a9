"""Free text: which actor or concern it names, clearly, perhaps, or not at all; and in which language."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import local, screens
from handlers.dialogue import Button, Conversation, Dropped, Event, NotUnderstood, Reply, Turn, Utterance
from handlers.situation import Situation
from knowledge import cues
from knowledge.model import DANGER, OUT_OF_SCOPE, Question
from knowledge.schools import OWN_SCHOOL
from knowledge.search import Ranking

IN_SCOPE = 0.5  # calibrated confidence above which a message is ours
CLEAR = 0.55  # share of the best concern above which nobody needs to be asked „Meinten Sie …?"
AHEAD = 2.0  # … or this many times the share of the second
POSSIBLE = 0.08  # share below which a concern is no suggestion
TELLING = 3  # words from which on the language of a message is clear
CLAUSE = 3  # words a clause needs to name a concern of its own
SHORTEST = 3  # letters or digits of a name


def heard(situation: Situation) -> Situation:
    """The situation with typed text ranked: once, for every handler."""
    if not isinstance(situation.message, Utterance):
        return situation
    ranking = situation.knowledge.search.rank(situation.message.text, audience=situation.conversation.audience)
    return replace(situation, ranking=ranking)


def understand(situation: Situation) -> Turn:
    """The answer to free text: an actor by name, a concern, a choice of concerns, or kindly that it was not understood.

    The first message decides the language of the answer; later ones in another language are offered it.
    """
    ranking = situation.ranking
    if not isinstance(situation.message, Utterance) or ranking is None:
        return not_understood(situation)
    text = situation.message.text
    spoken = situation if situation.conversation.greeted else in_language_of(situation, text, ranking)
    turn = named_actor(spoken, text) or find(spoken, text, ranking) or not_understood(spoken, ranking)
    return offering_language(spoken, text, ranking, turn)


def in_language_of(situation: Situation, text: str, ranking: Ranking) -> Situation:
    """The conversation in the language of *text*, if that is clear and offered."""
    known = len(cues.words(text)) >= TELLING and ranking.language in situation.knowledge.languages
    return situation.become(language=ranking.language) if known else situation


def offering_language(situation: Situation, text: str, ranking: Ranking, turn: Turn) -> Turn:
    """*turn*, with a way to the language that *text* is written in."""
    other = in_language_of(situation, text, ranking).conversation.language
    if other == situation.conversation.language or not turn.replies[-1].buttons:
        return turn
    texts = situation.knowledge.texts[other]
    name = texts.language_name.to(situation.audience)
    last = turn.replies[-1]
    buttons = (*last.buttons, Button(name, f"lang/{other}", minor=True))
    question = Reply(texts.other_language.to(situation.audience).format(language=name))
    replies = (*turn.replies[:-1], question, replace(last, buttons=buttons))
    return Turn(replace(turn.conversation, offered=buttons), replies, turn.events)


def find(situation: Situation, text: str, ranking: Ranking) -> Turn | None:
    """The concern that *text* names, as a referral, a question, or „Meinten Sie …?"."""
    conversation = situation.conversation
    concerns = possible(situation, ranking)
    both = two_concerns(situation, text) if len(concerns) > 1 else []
    clear = bool(concerns) and _clear(ranking) and not both
    if clear and concerns[0] == OUT_OF_SCOPE:
        return None
    concerns = [concern for concern in both or concerns if concern != OUT_OF_SCOPE][:3]
    if not concerns:
        return None
    if screens.open_question(situation) or screens.walked(situation):
        return leave(situation, text, concerns[0])
    begun = begin(situation, text, concerns[:1] if clear else concerns)
    if both and conversation.audience:
        return begun.turn(screens.suggestions(begun, begun.say(begun.texts.two_concerns)))
    return screens.land(begun, "words", words=ranking.why if clear else ())


def begin(situation: Situation, text: str, concerns: Sequence[str]) -> Situation:
    """The conversation starts afresh with these concerns, and with what *text* already answers."""
    read = answered(situation, text)
    if len(concerns) > 1:
        return situation.become(**{**_fresh(), "suggested": tuple(concerns), "found": read})
    short = situation.knowledge.answers[situation.pack.id].find(text, concerns[0], situation.audience)
    return situation.become(**{**_fresh(), "concern": concerns[0], "answers": read, "short": short})


def answered(situation: Situation, text: str) -> tuple[tuple[str, str], ...]:
    """The questions of this audience's guidelines that *text* answers unasked."""
    return tuple(situation.knowledge.cues[situation.pack.id, situation.audience].read(text).items())


def leave(situation: Situation, text: str, concern: str) -> Turn | None:
    """In the middle of a guideline: offer to switch, if the text speaks of something else."""
    if concern in about(situation):
        return None
    read = answered(situation, text)
    offer = situation.become(suggested=(concern,), found=read, misses=0)
    return offer.turn(screens.suggestions(offer))


def about(situation: Situation) -> set[str]:
    """The concerns that the open guideline or the current concern already deals with."""
    flow = screens.current_flow(situation)
    nodes = flow.nodes.values() if flow else ()
    return {node.concern for node in nodes if not isinstance(node, Question)} | {situation.conversation.concern or ""}


def remembered(situation: Situation, text: str, ranking: Ranking) -> Situation:
    """Outside of a guideline: the concern of a message whose answer has to wait for something more urgent."""
    if situation.conversation.flow or situation.conversation.concern:
        return situation
    concerns = [
        concern
        for concern in possible(situation, ranking)[:1]
        if _clear(ranking) and concern not in (DANGER, OUT_OF_SCOPE)
    ]
    return begin(situation, text, concerns) if concerns else situation


def possible(situation: Situation, ranking: Ranking) -> list[str]:
    """The concerns worth naming, best first; empty if the message is none of ours."""
    if ranking.confidence < IN_SCOPE:
        return []
    return [concern for concern, share in ranking.concerns if share >= POSSIBLE and concern in situation.pack.concerns]


def _clear(ranking: Ranking) -> bool:
    shares = [share for _, share in ranking.concerns] + [0.0, 0.0]
    return shares[0] >= CLEAR or shares[0] >= AHEAD * shares[1] + POSSIBLE


def two_concerns(situation: Situation, text: str) -> list[str]:
    """Two different concerns, if two clauses of *text* clearly name one each; else empty."""
    found: dict[str, None] = {}
    for clause in cues.clauses(text, situation.knowledge.joints):
        if len(cues.words(clause)) >= CLAUSE:
            ranking = situation.knowledge.search.rank(clause, audience=situation.audience)
            best = possible(situation, ranking)[:1]
            if best and ranking.concerns[0][1] >= CLEAR and best[0] != OUT_OF_SCOPE:
                found[best[0]] = None
    return list(found) if len(found) == 2 else []


def named_actor(situation: Situation, text: str) -> Turn | None:
    """The card of an actor, if *text* names one and otherwise only asks how to reach it."""
    if sum(letter.isalnum() for letter in text) < SHORTEST:
        return None  # a lone "1" means an option, not a misspelt 110
    hits = situation.knowledge.names[situation.pack.id].find(text, limit=1)
    if not hits:
        return None
    actor_id, _, matched = hits[0]
    rest = set(cues.words(text)) - {word for part in matched for word in cues.words(part)}
    if not rest <= situation.knowledge.contact_words:
        return None
    if actor_id == OWN_SCHOOL and situation.pack.schools and not local.school(situation):
        return None  # a school has a number of its own: which one is asked under the concern
    shown = situation.become(misses=0, greeted=True)
    return shown.turn(screens.actor_card(shown, actor_id))


def dropped(situation: Situation) -> tuple[Event, ...]:
    """The event of leaving a guideline at an open question."""
    question = screens.open_question(situation)
    flow = screens.current_flow(situation)
    return (Dropped(flow.id, question.id),) if question and flow else ()


def not_understood(situation: Situation, ranking: Ranking | None = None) -> Turn:
    """The last resort, which always answers: kindly, with a way on; after two misses with a person to call."""
    texts = situation.texts
    missed = situation.become(misses=situation.conversation.misses + 1, greeted=True)
    if situation.conversation.audience is None or situation.conversation.region is None:
        return missed.turn(*screens.show(missed), events=(NotUnderstood(),))
    if missed.conversation.misses >= 2:
        card = screens.actor_card(missed, missed.pack.switchboard or missed.pack.coordination)
        return missed.turn(
            Reply(missed.say(texts.not_understood_again), card.card), screens.menu(missed), events=(NotUnderstood(),)
        )
    question = screens.open_question(situation)
    if question:
        return missed.turn(Reply(missed.say(texts.not_understood)), *screens.show(missed), events=(NotUnderstood(),))
    return missed.turn(
        screens.menu(missed, missed.say(texts.out_of_scope if _elsewhere(ranking) else texts.not_understood)),
        events=(NotUnderstood(),),
    )


def _elsewhere(ranking: Ranking | None) -> bool:
    """Whether the message is understood as none of ours."""
    return ranking is not None and bool(ranking.concerns) and ranking.concerns[0][0] == OUT_OF_SCOPE


def _fresh() -> dict[str, object]:
    """A new concern forgets the answers about the last one: it may be another child."""
    blank = Conversation()
    return {
        name: getattr(blank, name) for name in ("concern", "flow", "answers", "found", "suggested", "short", "misses")
    } | {"greeted": True}
