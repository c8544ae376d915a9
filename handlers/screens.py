"""What the user sees in each state. A screen is computed from the state alone, so it can be shown again."""

from collections import Counter
from collections.abc import Sequence

from handlers import cards, local, short
from handlers.dialogue import Button, Event, Referred, Reply, Turn
from handlers.refer import deciding, decisive, responsible
from handlers.situation import Situation, shortened
from knowledge import flow as flows
from knowledge.districts import DISTRICT
from knowledge.model import DANGER, OUT_OF_SCOPE, Audience, Concern, Flow, Outcome, Question, Referral, Urgency

NAMED = 5  # deciding words that are named; a longer list explains nothing
PLAN_B = 3  # further actors named on a card; more would be a list again
COUNTED = 3  # referrals one dialogue may add to the statistics; bounds the weight of one person


def land(situation: Situation, way: str, *, words: Sequence[str] = (), before: Sequence[Reply] = ()) -> Turn:
    """Show where the conversation stands now and, if that is a referral, count it."""
    concern = result(situation)
    if concern is None or situation.conversation.counted >= COUNTED:
        return situation.turn(*before, *show(situation, words=words))
    named = short.named(situation, concern)
    events: tuple[Event, ...] = (Referred(concern, tuple(entry.actor for entry in named[:1]), way),)
    counted = situation.become(counted=situation.conversation.counted + 1)
    return counted.turn(*before, *show(counted, words=words), events=events)


def result(situation: Situation) -> str | None:
    """The concern whose referral stands on the screen, if one does."""
    if situation.audience is None or situation.conversation.region is None or open_question(situation):
        return None
    node = walked(situation)
    if isinstance(node, flows.Walk):
        return node.node.concern if isinstance(node.node, Outcome) else None
    return situation.conversation.concern if not situation.conversation.suggested else None


def walked(situation: Situation) -> flows.Walk | None:
    """How far the answers lead in the open flow; None if no flow is open (or it has left the pack)."""
    flow = current_flow(situation)
    return flows.walk(flow, situation.answers) if flow else None


def current_flow(situation: Situation) -> Flow | None:
    return situation.pack.flows.get(situation.conversation.flow or "")


def open_question(situation: Situation) -> Question | None:
    """The guiding question that waits for an answer, if any."""
    conversation = situation.conversation
    walk = walked(situation)
    if walk is not None:
        return walk.node if isinstance(walk.node, Question) else local.question(situation, walk.node.concern)
    if conversation.concern and not conversation.suggested and situation.audience:
        if short.settled(situation, conversation.concern):
            return None
        waiting = deciding(situation.pack, conversation.concern, situation.audience, situation.answers)
        return waiting or local.question(situation, conversation.concern)
    return None


def show(situation: Situation, *, words: Sequence[str] = ()) -> tuple[Reply, ...]:
    """The replies for the present state. *words* of the message that led here are named as the reason."""
    conversation, texts = situation.conversation, situation.texts
    if conversation.region is None:
        buttons = tuple(
            Button(situation.knowledge.pack(region, conversation.language).name, f"in/{region}")
            for region in situation.knowledge.regions
        )
        return (Reply(situation.say(texts.ask_region), buttons=buttons),)
    if conversation.audience is None:
        return (audience_question(situation),)
    if conversation.suggested:
        return (suggestions(situation),)
    if question := open_question(situation):
        return (asked(situation, question),)
    walk = walked(situation)
    if walk is not None and isinstance(walk.node, Outcome):
        steps = tuple(option.label.to(situation.audience) for _, option in walk.steps)
        return referral(situation, walk.node.concern, outcome=walk.node, answers=steps)
    if conversation.concern:
        labels = answer_labels(situation, standing_answers(situation))
        return referral(situation, conversation.concern, answers=labels, words=words)
    return (menu(situation),)


def audience_question(situation: Situation) -> Reply:
    texts = situation.texts
    labels = {
        Audience.TEACHER: texts.teacher_button,
        Audience.PARENT: texts.parent_button,
        Audience.STUDENT: texts.student_button,
        Audience.COORDINATOR: texts.coordinator_button,
    }
    buttons = tuple(Button(situation.say(label), f"as/{audience}") for audience, label in labels.items())
    return Reply(situation.say(texts.ask_audience), buttons=buttons)


def menu(situation: Situation, text: str = "") -> Reply:
    """The guidelines for this audience, those for most concerns first, and the way to every concern."""
    texts, audience = situation.texts, situation.audience
    used = Counter(concern.flows.get(audience or Audience.PARENT) for concern in situation.pack.concerns.values())
    fitting = [flow for flow in situation.pack.flows.values() if audience in flow.audiences]
    fitting.sort(key=lambda flow: (-used[flow.id], flow.id))
    buttons = [Button(shortened(flow.title.to(audience)), f"f/{flow.id}") for flow in fitting]
    buttons.append(situation.button(texts.all_concerns_button, "do/all", minor=False))
    buttons += [situation.button(texts.human_button, "do/human"), situation.button(texts.help_button, "do/help")]
    asked = texts.menu if situation.free_text else texts.menu_of_buttons
    return Reply(text or situation.say(asked), buttons=tuple(buttons))


def all_concerns(situation: Situation) -> Reply:
    """Every concern for which somebody is responsible, as buttons."""
    buttons = [
        Button(shortened(concern.label), f"c/{concern.id}")
        for concern in situation.pack.concerns.values()
        if responsible(situation.pack, concern.id, situation.audience, {}) and concern.id != OUT_OF_SCOPE
    ]
    return Reply(
        situation.say(situation.texts.all_concerns),
        buttons=(*buttons, situation.button(situation.texts.back_button, "do/continue")),
    )


def suggestions(situation: Situation, text: str = "") -> Reply:
    """ "Meinten Sie …?", or the question whether to leave the open flow for another concern."""
    conversation, texts, pack = situation.conversation, situation.texts, situation.pack
    concerns = [pack.concerns[concern] for concern in conversation.suggested if concern in pack.concerns]
    if standing(situation) and len(concerns) == 1:
        old, new = standing(situation), concerns[0].label
        buttons = (
            situation.button(texts.switch_button, f"c/{concerns[0].id}", minor=False),
            situation.button(texts.stay_button, "do/stay", minor=False),
        )
        return Reply(situation.say(texts.switch, old=old, new=new), buttons=buttons)
    choices = tuple(Button(shortened(concern.label), f"c/{concern.id}") for concern in concerns)
    return Reply(
        text or situation.say(texts.did_you_mean),
        buttons=(*choices, situation.button(texts.none_of_these_button, "do/none")),
    )


def standing(situation: Situation) -> str:
    """What the conversation is about, in words; empty in the menu."""
    if flow := current_flow(situation):
        return flow.title.to(situation.audience)
    concern = situation.pack.concerns.get(situation.conversation.concern or "")
    return concern.label if concern else ""


def asked(situation: Situation, question: Question) -> Reply:
    """A guiding question with its options, and the ways out."""
    texts, conversation = situation.texts, situation.conversation
    flow = conversation.flow if current_flow(situation) else ""
    options = tuple(
        Button(shortened(label), f"a/{flow}/{question.id}/{option_id}")
        for option_id, label in local.options(situation, question)
    )
    ways = [situation.button(texts.why_button, "do/why"), situation.button(texts.back_button, "do/back")]
    lines = [question.text.to(situation.audience), *local.hint(situation, question)]
    if not flow:
        lines = [*short.told(situation), situation.say(texts.deciding), *lines]
    return Reply("\n".join(lines), buttons=(*options, *ways))


def referral(
    situation: Situation,
    concern_id: str,
    *,
    outcome: Outcome | None = None,
    answers: Sequence[str] = (),
    words: Sequence[str] = (),
) -> tuple[Reply, ...]:
    """Who is responsible, why, and what to do next."""
    pack, texts = situation.pack, situation.texts
    concern = pack.concerns[concern_id]
    entries = short.named(situation, concern_id)
    first = crisis(situation) if concern_id == DANGER else ()
    told = Reply(_told(situation, concern, outcome))
    if not entries:
        other = pack.actors[pack.coordination]
        return (
            *first,
            told,
            Reply(situation.say(texts.nobody), cards.card(situation, other), _after(situation, concern, outcome, ())),
        )
    reasons = [entries[0].why]
    if answers:
        reasons.append(situation.say(texts.card_why_answers, answers="; ".join(answers)))
    if 0 < len(words) <= NAMED:
        reasons.append(situation.say(texts.card_why_words, words=", ".join(f"„{word}“" for word in words)))
    others = [local.actor(situation, entry.actor) for entry in entries[1 : 1 + PLAN_B]]
    card = cards.card(situation, local.actor(situation, entries[0].actor), why=reasons, plan_b=others)
    return (*first, told, Reply(card=card, buttons=_after(situation, concern, outcome, entries)))


def _told(situation: Situation, concern: Concern, outcome: Outcome | None) -> str:
    texts, audience = situation.texts, situation.audience
    lines = [situation.say(texts.understood, concern=concern.label)]
    urgency = outcome.urgency if outcome else concern.urgency
    if urgency is Urgency.NOW:
        lines.append(situation.say(texts.urgent_now))
    elif urgency is Urgency.SOON:
        lines.append(situation.say(texts.urgent_soon))
    first = next(iter(short.named(situation, concern.id)), None)
    lines += [*short.told(situation), *local.told(situation, first.actor if first else "")]
    if outcome is None:
        return "\n".join(lines)
    lines.append(f"{situation.say(texts.next_step)}: {outcome.advice.to(audience)}")
    if outcome.documents:
        lines.append(f"{situation.say(texts.documents)}: {'; '.join(text.to(audience) for text in outcome.documents)}")
    if outcome.deadline:
        lines.append(f"{situation.say(texts.deadline)}: {outcome.deadline.to(audience)}")
    lines += [
        f"{situation.say(texts.legal)}: {legal.text} ({cards.origin(situation, legal.source, legal.as_of)})"
        for legal in outcome.legal
    ]
    if outcome.note:
        lines.append(f"{situation.say(texts.note)}: {outcome.note.to(audience)}")
    return "\n".join(lines)


def _after(
    situation: Situation, concern: Concern, outcome: Outcome | None, entries: Sequence[Referral]
) -> tuple[Button, ...]:
    """The buttons below a referral."""
    texts, pack = situation.texts, situation.pack
    buttons = [*plan_b(situation, entries)]
    flow = pack.flows.get(concern.flows.get(situation.audience, "")) if situation.audience else None
    if outcome is None and flow is not None:
        buttons.append(
            situation.button(texts.guide_button, f"f/{flow.id}", minor=False, flow=flow.title.to(situation.audience))
        )
    if entries:
        buttons.append(situation.button(texts.wrong_button, f"w/{entries[0].actor}"))
    buttons += [
        situation.button(texts.helped_button, "helped/yes"),
        situation.button(texts.not_helped_button, "helped/no"),
    ]
    if standing_answers(situation):
        buttons.append(situation.button(texts.review_button, "do/review"))
    return (*buttons, situation.button(texts.restart_button, "do/restart"))


def plan_b(situation: Situation, entries: Sequence[Referral]) -> tuple[Button, ...]:
    """The way to the cards of those who come after the first contact."""
    details = situation.texts.details_button
    return tuple(
        situation.button(details, f"k/{entry.actor}", minor=False, actor=local.actor(situation, entry.actor).short)
        for entry in entries[1 : 1 + PLAN_B]
    )


def actor_card(situation: Situation, actor_id: str) -> Reply:
    """The card of one actor, with the way to dispute it and back."""
    texts, actor = situation.texts, local.actor(situation, actor_id)
    buttons = (
        situation.button(texts.wrong_button, f"w/{actor_id}"),
        situation.button(texts.continue_button, "do/continue"),
    )
    return Reply(card=cards.card(situation, actor), buttons=buttons)


def standing_answers(situation: Situation) -> tuple[str, ...]:
    """The questions whose answers led here: those on the way through the guideline, or those that decided who."""
    walk = walked(situation)
    if walk is not None:
        return (*(question.id for question, _ in walk.steps), *({DISTRICT} & set(situation.answers)))
    concern = situation.conversation.concern
    return decisive(situation.pack, concern, situation.audience, situation.answers) if concern else ()


def answer_labels(situation: Situation, question_ids: Sequence[str]) -> tuple[str, ...]:
    """The labels of the given answers, for the questions this region knows."""
    return tuple(
        label
        for question_id in question_ids
        if (question := known_question(situation, question_id)) and (label := local.answer_label(situation, question))
    )


def known_question(situation: Situation, question_id: str) -> Question | None:
    """The question of this id: in the open flow, else among the shared ones, else that for the part of town."""
    if question_id == DISTRICT:
        return local.district_question(situation)
    flow = current_flow(situation)
    node = flow.nodes.get(question_id) if flow else None
    return node if isinstance(node, Question) else situation.pack.questions.get(question_id)


def crisis(situation: Situation) -> tuple[Reply, ...]:
    """Help numbers first: 112, 110, a line for the young, TelefonSeelsorge, and the local one if the city is known."""
    texts, pack = situation.texts, situation.pack
    lines = []
    local = (pack.crisis_line,) if situation.conversation.region else ()
    for actor_id in dict.fromkeys((*pack.crisis_lines, *local)):
        actor = pack.actors[actor_id]
        phone = cards.newest(actor.of_kind("phone"))[0].value
        now = [status for fact in cards.newest(actor.of_kind("hours")) if (status := cards.opening(situation, fact))]
        text = texts.crisis_line_hours if now else texts.crisis_line
        lines.append(text.to(situation.audience).format(phone=phone, name=actor.short, hours="".join(now[:1])))
    return (Reply("\n".join([situation.say(texts.crisis), *lines, situation.say(texts.crisis_program)])),)
