"""What depends on the place: the school and the part of town that were named, and what is known of them."""

from collections.abc import Iterator
from dataclasses import replace

from handlers import cards
from handlers.dialogue import Button
from handlers.refer import by_district, deciding
from handlers.situation import Situation, shortened
from knowledge import districts
from knowledge.districts import DISTRICT
from knowledge.model import UNSURE, Actor, Fact, Question
from knowledge.schools import FORM, OWN_SCHOOL, SCHOOL, SOCIAL_WORK, School

PLACES = (SCHOOL, DISTRICT)
"""Answers beside those to the questions of the pack: ids of its schools and districts."""

LISTED = 8  # districts shown as buttons; of more, the name is typed
LABEL = 40  # characters of a button


def school(situation: Situation) -> School | None:
    """The school that was chosen."""
    return situation.pack.schools.get(situation.answers.get(SCHOOL, ""))


def question(situation: Situation, concern: str) -> Question | None:
    """What is asked about the place before *concern* is answered; None where it makes no difference."""
    pack, answers = situation.pack, situation.answers
    known = SCHOOL in answers or answers.get(FORM) == UNSURE or situation.conversation.flow
    if concern == SOCIAL_WORK and pack.schools and FORM in pack.questions and not known:
        return replace(pack.questions[FORM], why=situation.texts.school_why)
    return district_question(situation) if by_district(pack, concern, situation.audience, answers) else None


def district_question(situation: Situation) -> Question:
    texts = situation.texts
    return districts.question(
        situation.pack.districts, text=texts.district_ask, why=texts.district_why, unsure=texts.rather_not_button
    )


def by_name(situation: Situation, asked: Question) -> bool:
    """Whether a name that the region knows answers the question, too."""
    return asked.id == DISTRICT or (asked.id == FORM and bool(situation.pack.schools))


def hint(situation: Situation, asked: Question) -> list[str]:
    """That the name of a school may be typed; the question for the part of town says it itself."""
    named = asked.id == FORM and by_name(situation, asked)
    return [situation.say(situation.texts.school_hint)] if named else []


def options(situation: Situation, asked: Question) -> Iterator[tuple[str, str]]:
    """(id, label) of each option that is worth a button."""
    few = len(asked.options) > LISTED + 1 or (asked.id == FORM and not _form_matters(situation))
    for option in asked.options:
        if option.id == UNSURE and by_name(situation, asked):
            yield option.id, situation.say(situation.texts.rather_not_button)
        elif option.id == UNSURE or not few:
            yield option.id, option.label.to(situation.audience)


def _form_matters(situation: Situation) -> bool:
    """Whether the form alone helps, too, or only the school itself."""
    conversation = situation.conversation
    if conversation.flow or conversation.concern != SOCIAL_WORK:
        return True
    return deciding(situation.pack, SOCIAL_WORK, situation.audience, situation.answers) is not None


def answer_label(situation: Situation, asked: Question) -> str:
    """The given answer in words; that to the form by the name of the school, where one was chosen."""
    chosen = school(situation) if asked.id == FORM else None
    option = asked.option(situation.answers[asked.id])
    return chosen.name if chosen else option.label.to(situation.audience) if option else ""


def button(school: School) -> Button:
    """A school as a choice: its name, and its place, which stays whole where the name is cut."""
    place = f", {school.place}" if school.place and school.place not in school.name else ""
    name = school.name
    if len(name) + len(place) > LABEL and len(place) < LABEL // 2:
        name = f"{name[: LABEL - len(place) - 1].rstrip()}…"
    return Button(shortened(f"{name}{place}"), f"school/{school.id}")


def actor(situation: Situation, actor_id: str) -> Actor:
    """The actor as it is reached from here: the own school as the one chosen, an office as the one of the district."""
    found = situation.pack.actors[actor_id]
    chosen = school(situation)
    if chosen and actor_id == OWN_SCHOOL:
        kept = tuple(fact for fact in found.facts if fact.kind not in cards.CONTACT)
        own = (*_listed(chosen), *_contacts(situation, chosen))
        return replace(found, name=chosen.name, short=shortened(chosen.name), facts=(*own, *kept))
    district = situation.pack.districts.get(situation.answers.get(DISTRICT, ""))
    facts = district.offices.get(actor_id, ()) if district else ()
    kinds = {fact.kind for fact in facts}
    return replace(found, facts=(*facts, *(fact for fact in found.facts if fact.kind not in kinds))) if facts else found


def told(situation: Situation, first: str) -> list[str]:
    """Whom to call at the chosen school: the fixed contact for absences; for its social work where that was asked.

    Nothing where the *first* contact is the school itself: its card has them.
    """
    chosen = school(situation)
    if chosen is None or first == OWN_SCHOOL:
        return []
    texts, lines = situation.texts, []
    for label in (texts.school_absence, texts.school_social_work):
        facts = [fact for fact in _contacts(situation, chosen) if fact.label == situation.say(label)]
        if facts and (label is texts.school_absence or situation.conversation.concern == SOCIAL_WORK):
            values = ", ".join(cards.in_order(situation, fact.value) for fact in facts)
            origin = cards.origin(situation, facts[0].source, facts[0].as_of)
            lines.append(f"{situation.say(label)} ({chosen.name}): {values} ({origin})")
    return lines


def _listed(school: School) -> Iterator[Fact]:
    """The contact of the school as a whole."""
    town = f"{school.postcode} {school.city}".strip()
    address = ", ".join(part for part in (school.street, town) if part)
    for kind, value in (("phone", school.phone), ("email", school.email), ("web", school.web), ("address", address)):
        if value:
            yield Fact(kind=kind, value=value, source=(school.source,), as_of=school.as_of)  # type: ignore[arg-type]


def _contacts(situation: Situation, school: School) -> Iterator[Fact]:
    """The contacts of a role at the school."""
    texts, origin = situation.texts, {"source": (school.contact_source,), "as_of": school.contact_as_of}
    for label, phone, email in (
        (texts.school_absence, school.absence_phone, school.absence_email),
        (texts.school_social_work, school.social_work_phone, school.social_work_email),
    ):
        for kind, value in (("phone", phone), ("email", email)):
            if value:
                yield Fact(kind=kind, value=value, label=situation.say(label), **origin)  # type: ignore[arg-type]
