"""Meetings and deadlines: the list of a region, and the coming days that belong to a short answer."""

from collections.abc import Iterator

from handlers import cards, screens, short
from handlers.dialogue import Reply, Turn
from handlers.situation import Situation
from knowledge.dates import Date, for_audience

MORE = 4  # offices whose cards are offered below


def listed(situation: Situation) -> Turn:
    """Every date for this audience, the nearest first, with who knows more; without one, who might know."""
    if situation.conversation.region is None:
        return situation.turn(*screens.show(situation))
    texts, pack = situation.texts, situation.pack
    found = for_audience(pack.dates.values(), situation.audience, situation.at)
    way = situation.button(texts.continue_button, "do/continue")
    if not found:
        card = screens.actor_card(situation, pack.coordination)
        return situation.turn(Reply(situation.say(texts.dates_none)), Reply(card=card.card, buttons=(way,)))
    lines = [line for one in found for line in ("", *_entry(situation, one))]
    actors = list(dict.fromkeys(one.actor for one in found))[:MORE]
    more = (
        situation.button(texts.details_button, f"k/{actor}", minor=False, actor=pack.actors[actor].short)
        for actor in actors
    )
    return situation.turn(Reply("\n".join([situation.say(texts.dates), *lines]), buttons=(*more, way)))


def _entry(situation: Situation, one: Date) -> Iterator[str]:
    texts = situation.texts
    yield f"{one.title}: {one.when}" if one.when else one.title
    yield from short.coming(situation, one)
    if one.place:
        yield f"{situation.say(texts.card_address)}: {one.place}"
    if not one.coming(situation.at):
        yield situation.say(texts.dates_contact, actor=cards.brief(situation, situation.pack.actors[one.actor]))
    yield cards.origin(situation, one.source, one.as_of)
