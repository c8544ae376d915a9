"""From a concern to the responsible actors: the only place that decides who."""

from collections.abc import Mapping

from knowledge.model import UNSURE, Audience, Pack, Question, Referral


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
        without = {key: value for key, value in answers.items() if key != question_id}
        if responsible(pack, concern, audience, without) != found or deciding(pack, concern, audience, without):
            result.append(question_id)
    return tuple(result)


def _applies(entry: Referral, answers: Mapping[str, str]) -> bool:
    return all(answers.get(question) in options for question, options in entry.when.items())


def _eligible(pack: Pack, actor: str, answers: Mapping[str, str]) -> bool:
    return all(
        answers.get(question, UNSURE) in (*options, UNSURE)
        for question, options in pack.actors[actor].eligibility.items()
    )
