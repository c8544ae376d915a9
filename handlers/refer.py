"""From a concern to the responsible actors: the only place that decides who."""

from collections.abc import Mapping, Sequence

from knowledge.districts import DISTRICT
from knowledge.model import UNSURE, Audience, Pack, Question, Referral
from knowledge.schools import FORM, SCHOOL


def responsible(
    pack: Pack, concern: str, audience: Audience | None, answers: Mapping[str, str]
) -> tuple[Referral, ...]:
    """Who is responsible for *concern*, in the city's order: the first contact, then plan B.

    An entry whose `when` is not met, or whose actor's eligibility contradicts an answer, is left out. Without an
    audience the list for parents holds: the most careful one. Empty means that the city names nobody.
    """
    lists = pack.referrals.get(concern, {})
    entries = lists.get(audience or Audience.PARENT, ())
    return tuple(entry for entry in entries if _applies(entry, answers) and _eligible(pack, entry.actor, answers))


def deciding(pack: Pack, concern: str, audience: Audience | None, answers: Mapping[str, str]) -> Question | None:
    """The open question whose answer changes whom to call first; None if nothing more needs to be asked."""
    entries = pack.referrals.get(concern, {}).get(audience or Audience.PARENT, ())
    for entry in entries:
        for question_id in pack.actors[entry.actor].eligibility:
            question = pack.questions.get(question_id)
            if question is None or question_id in answers:
                continue
            firsts = {
                found[0].actor
                if (found := responsible(pack, concern, audience, {**answers, question_id: option.id}))
                else ""
                for option in question.options
            }
            if len(firsts) > 1:
                return question
    return None


def decisive(pack: Pack, concern: str, audience: Audience | None, answers: Mapping[str, str]) -> tuple[str, ...]:
    """The question ids whose answers shaped the list: without them it would be another one, or a question."""
    found = responsible(pack, concern, audience, answers)
    result = []
    for question_id in answers:
        rest = dict(without(tuple(answers.items()), question_id))
        if question_id != SCHOOL and (
            responsible(pack, concern, audience, rest) != found
            or deciding(pack, concern, audience, rest)
            or by_district(pack, concern, audience, rest)
        ):
            result.append(question_id)
    return tuple(result)


def by_district(pack: Pack, concern: str, audience: Audience | None, answers: Mapping[str, str]) -> bool:
    """Whether the first contact, or how it is reached, depends on the part of town, which is not known yet."""
    if DISTRICT in answers:
        return False
    firsts = set()
    for district in pack.districts.values():
        found = responsible(pack, concern, audience, {**answers, DISTRICT: district.id})
        firsts.add((found[0].actor, district.offices.get(found[0].actor)) if found else None)
    unsaid = responsible(pack, concern, audience, {**answers, DISTRICT: UNSURE})
    return bool(firsts) and firsts != {(unsaid[0].actor, None) if unsaid else None}


def without(answers: Sequence[tuple[str, str]], question_id: str) -> tuple[tuple[str, str], ...]:
    """*answers* without the one to this question; a chosen school goes with its form."""
    gone = (question_id, SCHOOL) if question_id == FORM else (question_id,)
    return tuple(pair for pair in answers if pair[0] not in gone)


def _applies(entry: Referral, answers: Mapping[str, str]) -> bool:
    return all(answers.get(question) in options for question, options in entry.when.items())


def _eligible(pack: Pack, actor: str, answers: Mapping[str, str]) -> bool:
    school = pack.schools.get(answers.get(SCHOOL, ""))
    authority = school.authority if school else ""
    return all(
        actor == authority if authority and question == FORM else answers.get(question, UNSURE) in (*options, UNSURE)
        for question, options in pack.actors[actor].eligibility.items()
    )
