"""Which school, which part of town: a typed name, misspelt or not, becomes a choice of what the region knows."""

from handlers import local, screens
from handlers.dialogue import Button, Reply, Turn, Utterance
from handlers.situation import Situation, shortened
from knowledge import cues
from knowledge.districts import DISTRICT
from knowledge.model import UNSURE, Question
from knowledge.schools import FORM, SCHOOL

OFFERED = 4  # names to choose from; a longer list is not read
ALIKE = 0.5  # score of a name below which it is not offered …
NEAR = 0.75  # … or this share of the best one's score
TELLING = 4  # letters of a word that says something
SURE = 0.85  # score from which it is offered, whatever else the message says
UNNAMED = 0.5  # else the share of its telling words that may be no part of a name: it may be about something else


def hits(situation: Situation, question: Question | None) -> list[str]:
    """Ids of the schools or districts that the typed text names, best first, where *question* asks for one."""
    kind = {FORM: SCHOOL, DISTRICT: DISTRICT}.get(question.id) if question else None
    names = situation.knowledge.places.get((situation.pack.id, kind)) if kind else None
    if names is None or not isinstance(situation.message, Utterance):
        return []
    text = situation.message.text
    if codes := {word for word in cues.words(text) if word.isdecimal()}:
        several = [one.id for one in situation.pack.districts.values() if codes & set(one.postcodes)]
        if kind == DISTRICT and several:
            return several[:OFFERED] if len(several) > 1 else []  # a single one is a cue: nothing is left to ask
    found = [hit for hit in names.find(text, OFFERED) if hit[1] >= ALIKE]
    said = [word for word in cues.words(text) if len(word) >= TELLING or word.isdecimal()]
    named = {word for hit in found for part in hit[2] for word in cues.words(part)}
    if not found or _only_form(question, said):
        return []
    if found[0][1] < SURE and sum(word not in named for word in said) > UNNAMED * len(said):
        return []
    return [place for place, score, _ in found if score >= NEAR * found[0][1]]


def _only_form(question: Question | None, said: list[str]) -> bool:
    """ "Gesamtschule" alone is a form and names no school."""
    return question is not None and len(said) == 1 and question.id in cues.prepare([question]).read(said[0])


def named(situation: Situation) -> Turn | None:
    """The places that the typed text names, each as a button; none of them, and not saying it, stay possible."""
    question = screens.open_question(situation)
    places = hits(situation, question)
    if question is None or not places:
        return None
    texts, pack = situation.texts, situation.pack
    flow = situation.conversation.flow or ""
    if question.id == FORM:
        choices = tuple(local.button(pack.schools[place]) for place in places)
    else:
        value = f"a/{flow}/{DISTRICT}"
        choices = tuple(Button(shortened(pack.districts[place].name), f"{value}/{place}") for place in places)
    ways = (
        situation.button(texts.none_of_these_button, "do/continue"),
        situation.button(texts.rather_not_button, f"a/{flow}/{question.id}/{UNSURE}"),
    )
    offered = situation.become(misses=0, greeted=True)
    return offered.turn(Reply(situation.say(texts.did_you_mean), buttons=(*choices, *ways)))
