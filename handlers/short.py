"""The short answer that fits the question: what it says, and the offices it leads to."""

from collections.abc import Iterator
from datetime import datetime

from handlers import cards
from handlers.refer import responsible
from handlers.situation import Situation
from knowledge.dates import Date, DateKind
from knowledge.model import Answer, Referral

COMING = 3  # days named of one meeting; a longer list is a calendar


def current(situation: Situation) -> Answer | None:
    """The short answer of this conversation, if one fits."""
    return next((answer for answer in situation.pack.answers if answer.id == situation.conversation.short), None)


def told(situation: Situation) -> list[str]:
    """The short answer with its source, as lines; none if none fits."""
    answer = current(situation)
    if answer is None:
        return []
    text = situation.say(situation.texts.short_answer, answer=answer.text.to(situation.audience))
    dated = [one for one in situation.pack.dates.values() if answer.id in one.answers]
    return [
        text,
        cards.origin(situation, answer.facts[0].source, answer.facts[0].as_of),
        *(line for one in dated for line in coming(situation, one)),
    ]


def coming(situation: Situation, one: Date) -> Iterator[str]:
    """The next days of a meeting or deadline, with their origin; nothing where none is known."""
    texts, days = situation.texts, one.coming(situation.at)[:COMING]
    if days:
        weekdays = situation.say(texts.weekdays).split(",")
        named = "; ".join(
            f"{weekdays[day.weekday()]}, {day:%d.%m.%Y}{f', {day:%H:%M}' if isinstance(day, datetime) else ''}"
            for day in days
        )
        text = texts.dates_until if one.kind is DateKind.DEADLINE else texts.dates_next
        yield situation.say(text, date=named)


def named(situation: Situation, concern: str) -> tuple[Referral, ...]:
    """Who is responsible for *concern*, in order: first the offices that the short answer names."""
    entries = responsible(situation.pack, concern, situation.audience, situation.answers)
    answer = current(situation)
    return tuple(sorted(entries, key=lambda entry: entry.actor not in answer.actors)) if answer else entries


def settled(situation: Situation, concern: str) -> bool:
    """Whether the short answer names exactly one of the responsible offices: then nothing more needs to be asked."""
    answer = current(situation)
    entries = responsible(situation.pack, concern, situation.audience, situation.answers)
    return answer is not None and len({entry.actor for entry in entries} & set(answer.actors)) == 1
